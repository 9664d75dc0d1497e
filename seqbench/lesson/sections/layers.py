"""The four layers of an LSTM on a real sequence, beside a network without gates on the same one."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from seqbench.events import HIDDEN
from seqbench.lesson.asked import LOOKED_AT
from seqbench.lesson.by_hand import Form, right
from seqbench.lesson.holding import Holding, holding
from seqbench.lesson.inside import at_question, by_time, courses
from seqbench.lesson.material import Material
from seqbench.lesson.pairs import CELL, Pair, pairs
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.textbook import Check, Known, kept_inside, lost
from seqbench.record.saved import SavedModel
from seqbench.trace.values import Trace

TITLE = "Inside: four layers that work together"
UNITS = 6
"""That are shown of the LSTM. Without gates, units jump from end to end at each step, and one is all one can follow."""
ALIKE = 1.5
"""A cell is about as far from zero as before if neither is more than this factor larger."""
CODE = """\
unit, step = 0, {step}    # a unit, and a step, counted from 1
u = lesson["layers"]["units"][unit]
f, i, g, c = (u[name][step - 1] for name in ("forget", "input", "candidate", "c"))
before = u["c"][step - 2] if step > 1 else 0.0
print(f"f · c(before) + i · g = {{f}} · ({{before}}) + {{i}} · ({{g}})")
print(f"= {{f * before + i * g:.3f}}; recorded: {{c}}")"""


def section(material: Material) -> Section | LeftOut:
    """At the longest gap that an arm with these gates has solved."""
    pair = next(pairs(material), None)
    if pair is None:
        return LeftOut(
            "it takes an LSTM that solved the task, with its gradients and its saved model, and the saved model of a "
            "network without gates on the same sequences; `python -m seqbench +experiment=lesson` makes them in an "
            "empty folder."
        )
    question = pair.of_gated.question
    of_gated, of_plain = holding(pair.gated, CELL, question), holding(pair.plain, HIDDEN, question)
    seen, beside = pair.of_gated, pair.of_plain
    units = of_gated.rows(pair.choice.index, seen.states[CELL], UNITS)
    plain_units = of_plain.rows(pair.choice.index, beside.states[HIDDEN], 1)
    inks = [material.colour(str(material.runs.set_index("run_id").arm[one.run_id])) for one in (pair.gated, pair.plain)]
    checks = _checks(pair, of_gated, of_plain)
    first = seen.evidence[0] if seen.evidence else 0
    return Section(
        values={"evidence": first + 1, "units": len(units), "inks": inks, "checks": checks,
                "look": _look(pair, seen.states[CELL][units[0]]), **_told(pair)},
        drawings={
            "cell": by_time(seen, seen.states[CELL][units], "cell c", inks[0]),
            "plain": by_time(beside, beside.states[HIDDEN][plain_units], "hidden state h", inks[1]),
            "courses": courses(of_gated, "cell c", inks[0], pair.form),
            "cell_at_question": at_question(of_gated, "cell c", inks[0], pair.form),
            "plain_at_question": at_question(of_plain, "hidden state h", inks[1], pair.form),
        },
        data={"steps": _steps(pair), "units": [_unit(seen, unit) for unit in units]},
        cells=(CODE.format(step=first + 1),),
        questions=(_question(seen, units[0]),),
        checks=checks,
    )  # fmt: skip


def _told(pair: Pair) -> dict[str, object]:
    """What the template says of the two."""
    spec = pair.gated.spec
    return {
        "gated": spec.model.name,
        "plain": pair.plain.spec.model.name,
        "gap": spec.task.settings["gap"],
        "seed": spec.seed,
        "said": [
            _answer(pair, saved, seen) for saved, seen in ((pair.gated, pair.of_gated), (pair.plain, pair.of_plain))
        ],
        "why": pair.choice.why,
        "steps": pair.of_gated.inputs.shape[1],
        "sees": " ".join(_steps(pair)),
        "asked": _asked(pair),
        "groups": "" if pair.form is None or not pair.form.allowed else " (in three groups, by the size of the answer)",
        "looked_at": LOOKED_AT,
    }


def _asked(pair: Pair) -> str:
    return pair.form.asked if pair.form else "the answer"


def _answer(pair: Pair, saved: SavedModel, seen: Trace) -> str:
    """What it answered and what is right, as a person would type it, and how far off it may be."""
    if pair.form is None:
        return seen.answer
    due = pair.form.answer(pair.sequence.targets[pair.sequence.mask])
    said = pair.answers[saved.spec.model.name].said[pair.choice.index]
    return verdict(said, due, pair.form)


def verdict(said: str, due: str, form: Form) -> str:
    """An answer with what is right, and where it is a number, with how far it is off and what is allowed."""
    told = f"says {said}, and right is {due}"
    if not form.allowed:
        return told
    off = abs(float(said) - float(due))
    is_right = right(said, due, form)
    return (
        f"{told}: off by {off:.2f}, {'within' if is_right else 'more than'} the {form.allowed:g} that counts as right"
    )


def _steps(pair: Pair) -> list[str]:
    """What is seen at each step, as a person sees it; nothing where nobody has said how."""
    return pair.form.steps(pair.sequence) if pair.form else []


# -- what is held against the record -------------------------------------------------------------------------


def _checks(pair: Pair, of_gated: Holding, of_plain: Holding) -> tuple[Check, ...]:
    """Whether the cell holds what is asked, and how much of the gradient reaches the first piece of evidence."""
    inside, beside = pair.of_gated, pair.of_plain
    names = pair.gated.spec.model.name, pair.plain.spec.model.name
    known = [
        Known(name, one.share, sum(pair.answers[name].first))
        for name, one in zip(names, (of_gated, of_plain), strict=True)
        if name in pair.answers
    ]
    asked = int(of_gated.same.sum())
    first = (lost(known[0], known[1], _asked(pair), asked),) if known else ()
    if not inside.evidence or HIDDEN not in beside.gradient or CELL not in inside.gradient:
        return first
    shares = [_share(inside, CELL, inside.evidence[0]), _share(beside, HIDDEN, inside.evidence[0])]
    if not np.isfinite(shares).all():
        return first
    return *first, kept_inside(*names, shares[0], shares[1], inside.question - inside.evidence[0])


def _share(seen: Trace, state: str, step: int) -> float:
    """log10 of the gradient at a step relative to that of the hidden state at the question."""
    return float(seen.gradient[state][step] - seen.gradient[HIDDEN][seen.question])


def _look(pair: Pair, course: Float[np.ndarray, " time"]) -> str:
    """Where to look, in a sentence; empty where nothing says when there is something to remember."""
    seen, steps = pair.of_gated, _steps(pair)
    known = [
        (step, f"it sees “{steps[step]}”" if steps else "there is something to remember") for step in seen.evidence
    ]
    return kept(known, course.tolist(), seen.question) if known else ""


def kept(evidence: Sequence[tuple[int, str]], course: Sequence[float], question: int) -> str:
    """What a cell does when it sees evidence, and what has become of that when the question comes.

    `evidence` are steps, counted from 0, with what is seen there.
    """
    moves = [
        f"at step {step + 1}, {sees}, and the cell of unit 1 goes from {_number(course[step - 1] if step else 0.0)} to "
        f"{_number(course[step])}"
        for step, sees in evidence
    ]
    after, asked = course[evidence[-1][0]], course[question]
    told = f"{'; '.join(moves)}. At the question, step {question + 1}, it is {_number(asked)}: {_became(after, asked)}."
    return told[0].upper() + told[1:]


def _became(after: float, asked: float) -> str:
    if after * asked < 0:
        return "it has crossed zero on the way"
    if abs(asked) > ALIKE * abs(after):
        return "what is there has been made larger on the way"
    return "part of it has been lost on the way" if abs(asked) * ALIKE < abs(after) else "it has been kept"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


# -- one unit ------------------------------------------------------------------------------------------------


def _unit(seen: Trace, unit: int) -> dict[str, list[float]]:
    assert seen.candidate is not None
    rows = {**seen.gates, "candidate": seen.candidate, "c": seen.states[CELL], "h": seen.states[HIDDEN]}
    return {name: [round(float(value), 3) for value in values[unit]] for name, values in rows.items()}


def _question(seen: Trace, unit: int) -> Question:
    step = seen.evidence[-1] + 1 if seen.evidence else 1
    row = _unit(seen, unit)
    f, c, i, g = row["forget"][step], row["c"][step - 1], row["input"][step], row["candidate"][step]
    return Question(
        f"A unit of an LSTM has the cell {c} and now the forget gate f = {f}, the input gate i = {i} and the candidate "
        f"g = {g}. What is its cell after this step?".replace("-", "−"),
        f"c = f · c + i · g = {f * c + i * g:.3f}; the network has {row['c'][step]:.3f}.".replace("-", "−"),
    )
