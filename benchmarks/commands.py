"""How long a person waits: every command in a process of its own, and a small sweep against a program by hand.

python benchmarks/commands.py
python benchmarks/commands.py --against FOLDER    # before and after: FOLDER is another checkout
python benchmarks/commands.py --only report --rounds 1

Each row is the median of five rounds after a warm-up: wall time (processor time of all processes). A command that keeps
something in the user's cache has a second row, with an empty cache. All sides take turns.
"""

import argparse
import math
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from waiting import Checkout, Time, adopt_orphans, alternately

HERE = Path(__file__).resolve().parent
#: A run of about a second; it never ends early, so that every seed takes as long.
RUN = "task=copy task.gap=10 model=lstm training.max_steps=200 training.validations_to_solve=1000"
SWEEP = "-m seqbench +experiment=gap_sweep task.gap=10,50 model=rnn,lstm,lstm_chrono seed=0"
#: The same runs by hand.
PLAIN = f"{shlex.quote(str(HERE / 'plain_multirun.py'))} -m task=adding,copy task.gap=10,50 model=rnn,lstm,lstm_chrono"
#: The records that commands work on, and what makes them.
RECORDS = {
    "small": (
        "-m seqbench +experiment=smoke model=rnn,lstm_chrono",
        f"-m seqbench {RUN} name=one",
        "-m seqbench task=agreement task.gap=5 model=gru training.max_steps=100 name=words reports=null",
    ),
    "sweep": (SWEEP,),
}


class Command(NamedTuple):
    """A row of the table."""

    name: str
    words: str
    """What follows `python`, as `Checkout.run` takes it."""
    where: str | None = None
    """The record in whose folder it runs; None for an empty folder."""
    target: float = math.inf
    """Seconds of wall time."""
    share: float = math.inf
    """The target as a share of what it takes by hand, or else of what the same command took before."""
    code: int = 0
    """The exit code that it must end with."""
    by_hand: str | None = None
    """Another program that does the same, also as what follows `python`."""


COMMANDS = (
    Command("help", "-m seqbench --help", target=0.2),
    Command("version", "-m seqbench --version", target=0.2),
    Command("refused: misspelt name", "-m seqbench task=coppy", target=1.0, code=2),
    Command("refused: misspelt key", "-m seqbench task.gapp=10", target=1.0, code=2),
    Command("refused: wrong type", "-m seqbench task.gap=ten", target=1.0, code=2),
    Command("refused: out of range", "-m seqbench task.gap=0", target=1.0, code=2),
    Command("dry run of 120 runs", "-m seqbench +experiment=gap_sweep dry_run=true", target=1.5),
    Command("dry run of 10,008 runs", "-m seqbench +experiment=gap_sweep seed=range(417) dry_run=true", target=8.0),
    Command("nothing to do", "-m seqbench +experiment=smoke model=rnn,lstm_chrono", "small", target=2.0),
    Command("one run, recorded", f"-m seqbench {RUN} name={{new}} reports=null", "small", target=4.0),
    Command("one run, empty folder", f"-m seqbench {RUN} reports=null", target=5.0),
    Command("one run with its report", f"-m seqbench {RUN} name={{new}}", "small", target=6.5),
    Command("report of one run", "-m seqbench.report one --folder {new}", "small", target=3.5),
    Command("report of a sweep", "-m seqbench.report gap_sweep --folder {new}", "sweep", share=1 / 2),
    Command("report of a sweep, nothing changed", "-m seqbench.report gap_sweep", "sweep", target=1.5),
    Command("predict", "-m seqbench.predict 'the keys near' experiment=words", "small", target=4.0, share=1 / 2),
    Command("trace", "-m seqbench.trace run='s0 rnn gap=5 copy' folder={new}", "small", target=4.0, share=1 / 2),
    Command("compare", "-m seqbench.compare --experiment smoke rnn lstm_chrono", "small", target=4.0, share=1 / 2),
    Command("sweep of 12 runs, with its report", SWEEP, share=1 / 3, by_hand=PLAIN),
    Command("gap_sweep, two seeds", "-m seqbench +experiment=gap_sweep 'seed=range(2)' reports=null", share=1 / 1.2),
)


# -- the table ---------------------------------------------------------------------------------------------


def measured(command: Command, sides: Sequence[Checkout], rounds: int) -> dict[str, Time]:
    """Medians by the name of a side, after "first" where the cache was empty, and "by hand"."""
    attempts: dict[str, Callable[[], Time]] = {}
    for side in sides:
        cache, run = side.new_folder(), partial(side.run, command.words, command.where, code=command.code)
        run(cache)
        attempts[side.name] = partial(run, cache)
        if any(cache.iterdir()):
            attempts[f"first {side.name}"] = run
    if command.by_hand:
        sides[-1].run(command.by_hand)
        attempts["by hand"] = partial(sides[-1].run, command.by_hand)
    return alternately(attempts, rounds)


def rows(command: Command, names: Sequence[str], times: Mapping[str, Time]) -> Iterator[str]:
    """In Markdown: the command, the same with an empty cache where that differs, and the same by hand."""
    yield row(command.name, [times[name] for name in names], target(command, times, names[-1]))
    first = [times.get(f"first {name}") for name in names]
    if any(first):
        yield row(f"{command.name}, first time", first)
    if command.by_hand:
        yield row(f"{command.name}, by hand", [*[None] * (len(names) - 1), times["by hand"]])


def row(name: str, cells: Sequence[Time | None], target: str = "") -> str:
    """One line of the table."""
    return "| " + " | ".join([name, *("" if cell is None else str(cell) for cell in cells), target]) + " |"


def target(command: Command, times: Mapping[str, Time], name: str) -> str:
    """Seconds, and whether this side misses them."""
    compared = times.get("by hand") or times.get("before")
    seconds = min(command.target, command.share * compared.wall if compared else math.inf)
    if seconds == math.inf:
        return ""
    return f"{seconds:.1f}{', **missed**' if times[name].wall > seconds else ''}"


def main() -> None:
    """Every command, or those with a word in their name; a line as soon as it is known."""
    options = parsed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    adopt_orphans()
    checkouts = {"before": options.against, "after": HERE.parent} if options.against else {"now": HERE.parent}
    with tempfile.TemporaryDirectory() as scratch:
        sides = [Checkout(name, code, Path(scratch), records(options.record)) for name, code in checkouts.items()]
        print(f"| wall s (processor s) | {' | '.join(checkouts)} | target |\n|---|{'---|' * len(sides)}---|")
        for command in COMMANDS:
            if options.only in command.name:
                for line in rows(command, list(checkouts), measured(command, sides, options.rounds)):
                    print(line, flush=True)


def parsed() -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="the checkout to compare with")
    parser.add_argument("--only", default="", metavar="WORD", help="the rows with this in their name")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", type=Path, metavar="FOLDER", help="report its gap_sweep, such as records.py keeps")
    return parser.parse_args()


def records(given: Path | None) -> dict[str, Sequence[str]]:
    """What makes the records; each side gets its own copy of one that was given."""
    if given is None:
        return RECORDS
    copying = f"import shutil; shutil.copy({str(given.resolve() / 'mlflow.db')!r}, '.')"
    return RECORDS | {"sweep": (f"-c {shlex.quote(copying)}", "-m seqbench.report gap_sweep")}


if __name__ == "__main__":
    main()
