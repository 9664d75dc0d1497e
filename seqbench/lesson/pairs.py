"""Two networks that read the same sequence: one with the gates of an LSTM, one without gates, and which sequence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seqbench.events import HIDDEN
from seqbench.lesson.asked import Answers, answers
from seqbench.lesson.by_hand import Form, form_of
from seqbench.lesson.material import Material
from seqbench.record.saved import SavedModel
from seqbench.tasks.base import Batch
from seqbench.trace.sequence import sequence_of_test, trace
from seqbench.trace.values import Trace

GATES, CELL = ("forget", "input", "output"), "c"


@dataclass(frozen=True)
class Choice:
    """Which sequence of the test is shown, counted from 0, and why, in words."""

    index: int
    why: str


@dataclass(frozen=True)
class Pair:
    """Two networks, the sequence, and what went on inside of them."""

    gated: SavedModel
    of_gated: Trace
    plain: SavedModel
    of_plain: Trace
    choice: Choice
    form: Form | None
    answers: Mapping[str, Answers]
    """Of the two, by their models' names; none where nobody has said how a person answers."""

    @property
    def sequence(self) -> Batch:
        """A batch of the one."""
        return _read(self.gated, self.choice.index)


def pairs(material: Material) -> Iterator[Pair]:
    """At the longest gap that each arm with these gates has solved, the one that got farthest first."""
    if not material.plain:
        return
    for arm in material.gated:
        own = material.of_arm(arm)
        solved = own[own.outcome == "solved"].sort_values(["gap", "seed"], ascending=[False, True])
        for run in solved.itertuples():
            other = material.run(material.plain, run.gap, run.seed)
            gated, plain = material.saved(run.run_id), material.saved(other) if other else None
            if gated and plain and gated.spec.task == plain.spec.task:
                seen = _pair(gated, plain)
                if _is_lstm(seen.of_gated) and HIDDEN in seen.of_plain.states:
                    yield seen
                break  # of each arm, one run is looked into


def _pair(gated: SavedModel, plain: SavedModel) -> Pair:
    form = form_of(gated.task)
    said = {saved.spec.model.name: answers(saved, form) for saved in (gated, plain)} if form else {}
    choice = telling(said, gated.spec.model.name, plain.spec.model.name) if said else Choice(0, "the first of its test")
    seen = [trace(saved.model, saved.task, _read(gated, choice.index)) for saved in (gated, plain)]
    return Pair(gated, seen[0], plain, seen[1], choice, form, said)


def telling(said: Mapping[str, Answers], gated: str, plain: str) -> Choice:
    """The first sequence that shows the difference: right with gates, wrong without. Without one, the first."""
    of_gated, of_plain = said[gated].right, said[plain].right
    counts = (
        f"of the first {len(of_gated)} sequences, {gated} answers {sum(of_gated)} right as a whole, "
        f"{plain} {sum(of_plain)}"
    )
    for index, (one, other) in enumerate(zip(of_gated, of_plain, strict=True)):
        if one and not other:
            why = f"number {index + 1} of its test, the first that {gated} answers right and {plain} wrong"
            return Choice(index, f"{why}; {counts}")
    return Choice(0, f"the first of its test; there is none that {gated} answers right and {plain} wrong; {counts}")


def _read(saved: SavedModel, index: int) -> Batch:
    return sequence_of_test(saved.task, saved.spec.seed, index, saved.spec.training.test_sequences)


def _is_lstm(seen: Trace) -> bool:
    return set(seen.gates) == set(GATES) and seen.candidate is not None and CELL in seen.states
