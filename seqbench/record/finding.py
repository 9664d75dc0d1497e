"""Which runs of the record have a model that will do, and how to say so where the one that was asked for has none."""

import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from seqbench.config import load_class, nearest
from seqbench.record import names, store
from seqbench.record.attached import files_of
from seqbench.record.reading import Recorded, counted, reading
from seqbench.tasks.base import Task
from seqbench.tasks.next_word import NextWord

#: Runs that a message lists at most.
MOST_LISTED = 30


class NoSuchModel(LookupError):
    """There is no model to load, or not just one; the message says of which runs there is."""


class Kind(NamedTuple):
    """Which runs will do: what is in the way of one (nothing if empty), how they are called, how to make one."""

    obstacle: Callable[[Recorded], str]
    name: str
    advice: str


def _unsaved(run: Recorded) -> str:
    return "" if names.SAVED_STEP in run.metrics else f"the model of {in_words(run)} was not saved"


def _wordless(run: Recorded) -> str:
    try:
        over_words = _predicts_words(json.loads(run.tags[names.SPEC])["task"]["target"])
    except (ValueError, LookupError, TypeError) as error:
        return f"the task of {in_words(run)} is not known: {with_advice(str(error))}"
    return _unsaved(run) if over_words else f"{in_words(run)} is not a run of next-word prediction"


@functools.cache
def _predicts_words(task: str) -> bool:
    return issubclass(load_class(task, Task), NextWord)


#: Whatever was trained.
ANY = Kind(
    _unsaved,
    "run with a saved model",
    "training.save_model=true saves them from the first validation on, after training.validate_every steps",
)
#: What predicts the next word.
OVER_WORDS = Kind(
    _wordless, "next-word run with a saved model", "python -m seqbench task=agreement makes one, and task=text"
)


def of_id(run: str, uri: str) -> list[Recorded]:
    """The run itself where its whole id is given: no others have to be read."""
    if not re.fullmatch("[0-9a-f]{32}", run) or not store.exists(uri):
        return []
    store.require(uri)
    with reading(uri) as reader:
        found = reader.run(run)
    return [found] if found and found.active and names.SPEC in found.tags else []


def runs_in(uri: str, experiment: str | None) -> Iterator[Recorded]:
    """All runs of seqbench, or those of one experiment."""
    store.require(uri)
    if not store.exists(uri):
        return
    with reading(uri) as reader:
        experiments = {found.name: found.id for found in reader.experiments()}
        if experiment is not None and experiment not in experiments:
            raise NoSuchModel(f"experiment={experiment}: there is no such experiment{nearest(experiment, experiments)}")
        for name in sorted(experiments) if experiment is None else [experiment]:
            yield from counted([run for run in reader.runs(experiments[name]) if names.SPEC in run.tags])


def find(wanted: str, runs: Sequence[Recorded], kind: Kind) -> Recorded:
    """The one of this id, unique beginning of an id, or name. Raises NoSuchModel."""
    matching = [run for run in runs if wanted == run.run_name or (wanted and run.run_id.startswith(wanted))]
    fitting = [run for run in matching if not kind.obstacle(run)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NoSuchModel(f"{wanted!r} is more than one run; choose one by its id:\n{_listed(fitting)}")
    problem = kind.obstacle(matching[0]) if matching else f"there is no run {wanted!r}"
    raise NoSuchModel(f"{problem}; {_showable([run for run in runs if not kind.obstacle(run)], kind)}")


def best(runs: Sequence[Recorded], uri: str) -> Recorded:
    """Of the finished runs over words that of the lowest test perplexity, one that solved its task before any other.

    Raises NoSuchModel.
    """
    finished = [run for run in runs if run.status == "FINISHED" and names.PERPLEXITY in run.metrics and _counts(run)]
    fitting = [run for run in finished if not _wordless(run)]
    for run in sorted(fitting, key=lambda run: (outcome(run) != "solved", run.metrics[names.PERPLEXITY])):
        if {names.MODEL_FILE, names.WORDS_FILE} <= files_of(run, uri):
            return run
    raise NoSuchModel(f"there is no finished {OVER_WORDS.name} ({OVER_WORDS.advice})")


def _counts(run: Recorded) -> bool:
    """Whether it is no run by which a learning rate was chosen."""
    return bool(run.tags.get(names.SEARCH) or not run.tags.get(names.TUNING))


def _showable(fitting: Sequence[Recorded], kind: Kind) -> str:
    if not fitting:
        return f"the record has no {kind.name} ({kind.advice})"
    return f"choose a {kind.name}:\n{_listed(fitting)}"


def _listed(runs: Sequence[Recorded]) -> str:
    lines = [f"  {run.run_id}  {run.run_name}  {outcome(run)}" for run in runs[:MOST_LISTED]]
    more = len(runs) - MOST_LISTED
    return "\n".join([*lines, f"  and {more} more; experiment=NAME names fewer"] if more > 0 else lines)


def in_words(run: Recorded) -> str:
    """The run as a message names it."""
    return f"run {run.run_id[:8]} ({run.run_name}, {outcome(run)})"


def outcome(run: Recorded) -> str:
    """What it came to."""
    return run.tags.get(names.OUTCOME, "unfinished")


def with_advice(reason: str) -> str:
    """A reason why a class cannot be used, and what can be done."""
    own = "; --config-dir FOLDER says where classes of your own are" if "cannot be imported" in reason else ""
    return f"{reason}{own}"
