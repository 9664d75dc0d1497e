"""What `--help` says: groups and experiments with a line on each, read from the files themselves."""

from collections.abc import Iterable
from pathlib import Path

from seqbench.config.comments import first_comment
from seqbench.models.families import FAMILIES
from seqbench.planning.family import family_of

USAGE = """\
seqbench trains sequence models on tasks whose dependency gap is a knob, and shows how far each gets and why.

  python -m seqbench +experiment=gap_sweep                     train a sweep or finish it, write its report
  python -m seqbench task=copy task.load=3 model=gru           one run
  python -m seqbench +experiment=gap_sweep task.gap=10,50 model=lstm,gru 'seed=range(8)'   other values on any axis
  python -m seqbench +experiment=gap_sweep dry_run=true        list the runs, start none
  python -m seqbench.report gap_sweep                          write reports/gap_sweep/ again from the record
  python -m seqbench.predict "the keys near"                   the next word, from the best model of words
  python -m seqbench.compare A B                               two experiments, arms or revisions side by side
  python -m seqbench.trace run=ID                              inside a trained model: gates, states, gradient
  python -m seqbench.lesson                                    a lesson for a class, from +experiment=lesson
  python -m seqbench.figure success gap_sweep                  one figure, for a paper, a slide or a poster
  python -m seqbench.dashboard                                 the runs, in the browser

Without a word after it, python -m seqbench trains one run at once: the LSTM on the adding task.
Any of task, model, seed, device, task.*, model.*, training.* takes several values: a,b,c or range(8).
model.layers=2 puts a model in layers; model.block=residual puts a norm and a residual stream around each.
device=cuda trains on a card, device=auto on one if there is one.
--config-dir FOLDER adds your own tasks, models and experiments; --cfg job prints every setting with its default.
"""

GROUPS = {"experiment": "+experiment=...", "task": "task=...", "model": "model=...", "executor": "executor=..."}


def help_text(folders: Iterable[Path]) -> str:
    """Usage, then every option of every group in these folders, with the first comment of its file."""
    files = sorted(path for folder in folders for path in folder.glob("*/*.yaml"))
    by_group = {group: [path for path in files if path.parent.name == group] for group in GROUPS}
    told = {group: _by_family(own) if group == "model" else _options(own) for group, own in by_group.items()}
    return "\n".join([USAGE, "\n\n".join(f"{GROUPS[group]}\n{options}" for group, options in told.items())])


def _options(files: Iterable[Path]) -> str:
    return "\n".join(f"  {path.stem:23}{first_comment(path)}" for path in files)


def _by_family(files: Iterable[Path]) -> str:
    found: dict[str, list[Path]] = {}
    for path in files:
        found.setdefault(family_of(path), []).append(path)
    return "\n".join(f" {family}\n{_options(found[family])}" for family in FAMILIES if family in found)
