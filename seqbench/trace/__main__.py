"""Draw what happens inside a trained model while it reads one sequence of its test.

    python -m seqbench.trace run=ID [experiment=NAME] [sequence=INDEX] [folder=FOLDER] [--config-dir FOLDER]

run         id of a run in the record, the beginning of one, or the name of a run ("copy lstm gap=20 seed=3");
            its model must have been saved (training.save_model=true, as by default)
experiment  look only in this experiment; needed where several runs have the same name
sequence    which sequence of the test, 0 by default
folder      where the figures go, reports/trace/RUN NAME by default

--config-dir names the folder of the classes of your own, as when the run was trained.

Writes sequence_INDEX.svg and .png: inputs, gates, cell and hidden state of every step, with the evidence and the
question marked, and how much gradient comes back from the question. Exit code 2 if there is nothing to draw.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from seqbench.config import nearest
from seqbench.record import store
from seqbench.terminal import exit_code

KEYS = ("run", "experiment", "sequence", "folder")


class Usage(ValueError):
    """What was typed cannot be understood."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is nothing to draw, 3 if store or folder cannot be reached."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or {"-h", "--help"} & set(words):
        print(__doc__.strip())
        return 0
    return exit_code(lambda: _draw(*_options(words)), Usage, LookupError)


def _options(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What was typed as key=value, and the folders of classes of one's own."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--config-dir", "-cd", type=Path)
    try:
        known, settings = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        raise Usage(str(error)) from error
    if known.config_dir and not known.config_dir.is_dir():
        raise Usage(f"--config-dir: there is no folder {known.config_dir}")
    return _settings(settings), [str(known.config_dir.absolute())] if known.config_dir else []


def _settings(words: Sequence[str]) -> dict[str, str]:
    options = {"run": "", "sequence": "0"}
    for word in words:
        key, _, value = word.partition("=")
        if key not in KEYS:
            raise Usage(f"{word}: there is no such option{nearest(key, KEYS)}")
        if not value:
            raise Usage(f"{word}: it should be {key}=VALUE")
        options[key] = value
    if not options["sequence"].isdecimal():
        raise Usage(f"sequence={options['sequence']}: it should be a number from 0 upwards")
    return options


def _draw(options: dict[str, str], own: list[str]) -> None:
    """`own` are folders of classes of one's own."""
    sys.path += own
    from seqbench.record.saved import load_saved
    from seqbench.trace.figure import trace_figure
    from seqbench.trace.sequence import sequence_of_test, trace

    index, saved = int(options["sequence"]), load_saved(options["run"], options.get("experiment"))
    try:
        batch = sequence_of_test(saved.task, saved.spec.seed, index, saved.spec.training.test_sequences)
    except ValueError as error:
        raise Usage(str(error)) from error
    figure = trace_figure(
        trace(saved.model, saved.task, batch),
        f"{saved.title}, test sequence {index}",
    )
    folder = Path(options.get("folder", Path("reports", "trace", _as_folder(saved.run_name))))
    store.require_writable(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("png", "svg"):
        file = folder / f"sequence_{index}.{suffix}"
        figure.savefig(file, dpi=150, metadata={"Date": None} if suffix == "svg" else None)
        print(f"trace: {file}")


def _as_folder(name: str) -> str:
    """The name of a run without what a shell or a file system could take amiss."""
    return re.sub(r"[^\w.=-]+", "_", name)


if __name__ == "__main__":
    sys.exit(main())
