"""Models back from the record: of which runs there is one, and that model as it was at its lowest validation loss."""

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from safetensors import SafetensorError
from safetensors.torch import load

from seqbench.config import load_class
from seqbench.language.tokens import END, UNKNOWN, Level
from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec
from seqbench.record import names, store
from seqbench.record.attached import content_of
from seqbench.record.finding import (
    ANY,
    OVER_WORDS,
    NoSuchModel,
    best,
    find,
    in_words,
    of_id,
    outcome,
    runs_in,
    with_advice,
)
from seqbench.record.reading import Recorded
from seqbench.tasks.base import Task
from seqbench.tasks.next_word import NextWord
from seqbench.training.build import assemble, build


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A trained model with the run that it comes from."""

    run_id: str
    run_name: str
    outcome: str
    spec: RunSpec
    model: SequenceModel

    @property
    def title(self) -> str:
        """The run in words."""
        return f"{self.run_name}, {self.outcome} (run {self.run_id[:8]})"


@dataclass(frozen=True, kw_only=True)
class SavedModel(Saved):
    """With its task."""

    task: Task


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Saved):
    """With its vocabulary instead, so that the text it was trained on is not needed.

    `carries_state` says whether it was trained to go on from one sentence to the next, `perplexity` is that of the
    test.
    """

    words: tuple[str, ...]
    carries_state: bool
    perplexity: float | None

    @functools.cached_property
    def ids(self) -> dict[str, int]:
        """The place of each word."""
        return {word: id for id, word in enumerate(self.words)}

    @property
    def unknown_id(self) -> int | None:
        """What words that it lacks are read as, if it has learned anything for them."""
        return self.ids.get(UNKNOWN)

    @property
    def level(self) -> Level:
        """How its text is divided."""
        return "character" if self.spec.task.settings.get("level") == "character" else "word"


def load_saved(run: str, experiment: str | None = None, uri: str | None = None) -> SavedModel:
    """The model of the one run of this id, unique beginning of an id, or name. Raises NoSuchModel, Unavailable."""
    uri = uri or store.tracking_uri()
    found = find(run, of_id(run, uri) or list(runs_in(uri, experiment)), ANY)
    with _explained(found):
        spec = RunSpec.from_json(found.tags[names.SPEC])
        task, model = build(spec)
        assert isinstance(model, SequenceModel)
        model.load_state_dict(load(content_of(found, names.MODEL_FILE, uri)))
        return SavedModel(**_identity(found), spec=spec, model=model.eval(), task=task)


def load_language_model(run: str | None = None, experiment: str | None = None, uri: str | None = None) -> LanguageModel:
    """The same for a run of next-word prediction; without `run`, that of `seqbench.record.finding.best`."""
    uri = uri or store.tracking_uri()
    runs = list(runs_in(uri, experiment))
    found = best(runs, uri) if run is None else find(run, runs, OVER_WORDS)
    with _explained(found):
        spec = RunSpec.from_json(found.tags[names.SPEC])
        words = _words(content_of(found, names.WORDS_FILE, uri))
        parameters = load(content_of(found, names.MODEL_FILE, uri))
        known, width = parameters["encoder.weight"].shape
        if known != len(words):
            raise ValueError(f"its vocabulary has {len(words):,} words, and its parameters are for {known:,}")
        model = assemble(spec, width, known, words)
        model.load_state_dict(parameters)
        task: type[NextWord] = load_class(spec.task.target, NextWord)
        return LanguageModel(
            **_identity(found),
            spec=spec,
            model=model.eval(),
            words=words,
            carries_state=task.carries_state,
            perplexity=found.metrics.get(names.PERPLEXITY),
        )


def _identity(run: Recorded) -> dict[str, str]:
    return {"run_id": run.run_id, "run_name": run.run_name, "outcome": outcome(run)}


@contextmanager
def _explained(run: Recorded) -> Iterator[None]:
    """Whatever keeps a model from being built again is told in plain words."""
    try:
        yield
    except (ValueError, TypeError, RuntimeError, OSError, KeyError, SafetensorError) as error:
        reason = f"there is no {error} in it" if isinstance(error, KeyError) else str(error)
        reason = with_advice(reason.strip().partition("\n")[0])
        raise NoSuchModel(f"the model of {in_words(run)} cannot be built again: {reason}") from error


def _words(content: bytes) -> tuple[str, ...]:
    try:
        words = json.loads(content)
    except ValueError:
        words = None
    if not (isinstance(words, list) and all(isinstance(word, str) for word in words) and words[:1] == [END]):
        raise ValueError(f"its file {names.WORDS_FILE} is not a list of words that begins with {END!r}")
    return tuple(words)
