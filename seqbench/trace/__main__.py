"""Draw what happens inside a trained model while it reads one sequence of its test.

    python -m seqbench.trace run=ID [experiment=NAME] [sequence=INDEX] [folder=FOLDER] [--config-dir FOLDER]

run         id of a run in the record, the beginning of one, or the name of a run ("s3 lstm gap=20 copy");
            its model must have been saved (training.save_model=true, as by default; from its first validation on)
experiment  look only in this experiment; needed where several runs have the same name
sequence    which sequence of the test; by default, of the first 100, the one whose answer is farthest from the best
            constant guess (of classes, the first that is not the commonest)
folder      where the figures go, reports/trace/RUN NAME by default

--config-dir names the folder of the classes of your own, as when the run was trained.

Writes sequence_INDEX.svg and .png: inputs, gates, cell and hidden state of every step, with the evidence and the
question marked, and how much gradient comes back from the question. Exit code 2 if there is nothing to draw.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from seqbench.config import ConfigError, Fault, whole
from seqbench.config.importing import quickly
from seqbench.record import store
from seqbench.terminal import exit_code, own_folder, setting

KEYS = ("run", "experiment", "sequence", "folder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is nothing to draw, 3 if store or folder cannot be reached."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or {"-h", "--help"} & set(words):
        print(__doc__.strip())
        return 0
    return exit_code(lambda: _draw(_settings(own_folder(words)[1])), ConfigError, LookupError)


def _settings(words: Sequence[str]) -> dict[str, str]:
    """What was typed as key=value."""
    settings = {"run": ""} | dict(setting(word, KEYS) for word in words)
    if not settings.get("sequence", "0").isdecimal():
        raise ConfigError([Fault(f"sequence={settings['sequence']}", "it should be a number from 0 upwards")])
    return settings


def _draw(settings: dict[str, str]) -> None:
    with quickly():
        from seqbench.record.saved import load_saved
        from seqbench.trace.figure import image, trace_figure
        from seqbench.trace.sequence import sequence_of_test, trace
        from seqbench.trace.telling import telling

    saved = load_saved(settings["run"], settings.get("experiment"))
    seed, test = saved.spec.seed, saved.spec.training.test_sequences
    chosen = None if "sequence" in settings else telling(saved.task, seed, test)
    index = int(settings["sequence"]) if chosen is None else chosen.index
    try:
        batch = sequence_of_test(saved.task, seed, index, test)
    except ValueError as error:
        raise LookupError(str(error)) from error
    figure = trace_figure(trace(saved.model, saved.task, batch, chosen), f"{saved.title}, test sequence {index}")
    folder = Path(settings.get("folder", Path("reports", "trace", _as_folder(saved.run_name))))
    store.require_writable(folder)
    images = {f"sequence_{index}.{suffix}": image(figure, suffix) for suffix in ("png", "svg")}
    whole.write(images, folder)
    for name in images:
        print(f"trace: {folder / name}")


def _as_folder(name: str) -> str:
    """The name of a run without what a shell or a file system could take amiss."""
    return re.sub(r"[^\w.=-]+", "_", name)


if __name__ == "__main__":
    sys.exit(main())
