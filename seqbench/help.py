"""`python -m seqbench --help`: groups and experiments with a line on each, read from the files themselves."""

from collections.abc import Iterable
from pathlib import Path

USAGE = """\
seqbench trains sequence models on tasks whose dependency gap is a knob, and shows how far each gets and why.

  python -m seqbench +experiment=gap_sweep                     train a sweep, finish it if it was cut, write its report
  python -m seqbench task=copy task.load=3 model=gru           one run
  python -m seqbench +experiment=gap_sweep task.gap=10,50 model=lstm,gru 'seed=range(8)'   other values on any axis
  python -m seqbench +experiment=gap_sweep dry_run=true        list the runs, start none
  python -m seqbench.report gap_sweep                          write reports/gap_sweep/ again from the record
  python -m seqbench.predict "the keys to"                     the next word, by the best model of words in the record
  python -m seqbench.compare A B                               two experiments, arms or revisions side by side
  python -m seqbench.trace run=ID                              inside a trained model: gates, states, gradient
  python -m seqbench.dashboard                                 look at the runs in MLflow

Any of task, model, seed, task.*, model.*, training.* takes several values: a,b,c or range(8).
--config-dir FOLDER adds your own tasks, models and experiments; --cfg job prints every setting with its default.
"""

GROUPS = {"experiment": "+experiment=...", "task": "task=...", "model": "model=...", "executor": "executor=..."}


def help_text(folders: Iterable[Path]) -> str:
    """Usage, then every option of every group in these folders, with the first comment of its file."""
    files = sorted(path for folder in folders for path in folder.glob("*/*.yaml"))
    blocks = [
        f"{title}\n{_options(path for path in files if path.parent.name == group)}" for group, title in GROUPS.items()
    ]
    return "\n".join([USAGE, "\n\n".join(blocks)])


def _options(files: Iterable[Path]) -> str:
    return "\n".join(f"  {path.stem:20}{_first_comment(path)}" for path in files)


def _first_comment(path: Path) -> str:
    comments = (line for line in path.read_text().splitlines() if line.startswith("#") and "@package" not in line)
    return next(comments, "#").lstrip("# ")
