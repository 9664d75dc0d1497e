"""The four layers of an LSTM on a real sequence, beside a network without gates on the same one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqbench import wording
from seqbench.events import HIDDEN
from seqbench.lesson.by_hand import form_of, said
from seqbench.lesson.drawing import INK, Axis, Chart, Drawing, whole_numbers
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.textbook import Check, kept_inside
from seqbench.record.saved import SavedModel
from seqbench.tasks.base import Batch
from seqbench.trace.sequence import sequence_of_test, trace
from seqbench.trace.telling import telling
from seqbench.trace.values import Rows, Trace

TITLE = "Inside: four layers that work together"
GATES, CELL = ("forget", "input", "output"), "c"
UNITS, PLAIN_UNITS = 6, 3
"""That are shown of each network. Without gates, many jump from end to end at each step."""
CODE = """\
unit, t = 0, {step}    # a unit, and a step
u = lesson["layers"]["units"][unit]
before = u["c"][t - 1] if t else 0.0
print(f"c = f * c + i * g = {{u['forget'][t]}} * {{before}} + {{u['input'][t]}} * {{u['candidate'][t]}}")
print(f"  = {{u['forget'][t] * before + u['input'][t] * u['candidate'][t]:.3f}}, recorded {{u['c'][t]}}")"""


@dataclass(frozen=True)
class Pair:
    """Two networks that read the same sequence."""

    gated: SavedModel
    of_gated: Trace
    plain: SavedModel
    of_plain: Trace


def section(material: Material) -> Section | LeftOut:
    """At the longest gap that an arm with these gates has solved."""
    pair = next(_pairs(material), None)
    if pair is None:
        return LeftOut(
            "it takes the saved models of an LSTM that solved the task and of a network without gates on the same "
            "sequences; `python -m seqbench +experiment=lesson` makes them."
        )
    inside, beside, checks = pair.of_gated, pair.of_plain, _checks(pair)
    units = np.argsort(-np.abs(inside.states[CELL][:, inside.question]), kind="stable")[:UNITS]
    inks = [material.colour(arm) for arm in _arms(material, pair)]
    first = inside.evidence[0] if inside.evidence else 0
    return Section(
        values={"evidence": first, "units": len(units), "inks": inks, "checks": checks, **_told(material, pair)},
        drawings={
            "cell": _lines(inside, inside.states[CELL][units], "cell c", inks[0]),
            "plain": _lines(beside, beside.states[HIDDEN][:PLAIN_UNITS], "hidden h", inks[1]),
        },
        data={"steps": _steps(pair), "units": [_unit(inside, int(unit)) for unit in units]},
        code=CODE.format(step=first),
        questions=(_question(inside, int(units[0])),),
        checks=checks,
    )


def _told(material: Material, pair: Pair) -> dict[str, object]:
    """What the template says of the two."""
    spec = pair.gated.spec
    return {
        "gated": spec.model.name,
        "plain": pair.plain.spec.model.name,
        "gap": spec.task.settings["gap"],
        "seed": spec.seed,
        "said": _answer(pair.gated, pair.of_gated),
        "plain_said": _answer(pair.plain, pair.of_plain),
        "scores": [_score(material, saved) for saved in (pair.gated, pair.plain)],
        "sequence": pair.of_gated.sequence,
        "last": pair.of_gated.inputs.shape[1] - 1,
        "plain_units": PLAIN_UNITS,
    }


def _pairs(material: Material) -> Iterator[Pair]:
    if not material.plain:
        return
    for arm in material.gated:
        own = material.of_arm(arm)
        solved = own[own.outcome == "solved"].sort_values(["gap", "seed"], ascending=[False, True])
        for run in solved.itertuples():
            other = material.run(material.plain, run.gap, run.seed)
            gated, plain = material.saved(run.run_id), material.saved(other) if other else None
            if gated and plain and gated.spec.task == plain.spec.task:
                seen = Pair(gated, _traced(gated), plain, _traced(plain))
                if _is_lstm(seen.of_gated) and HIDDEN in seen.of_plain.states:
                    yield seen
                break  # of each arm, one run is looked into


def _traced(saved: SavedModel) -> Trace:
    chosen = telling(saved.task, saved.spec.seed, saved.spec.training.test_sequences)
    return trace(saved.model, saved.task, _read(saved), chosen)


def _is_lstm(seen: Trace) -> bool:
    return set(seen.gates) == set(GATES) and seen.candidate is not None and CELL in seen.states


def _arms(material: Material, pair: Pair) -> tuple[str, str]:
    """Their labels in the record."""
    label = material.runs.set_index("run_id").arm
    return str(label[pair.gated.run_id]), str(label[pair.plain.run_id])


def _checks(pair: Pair) -> tuple[Check, ...]:
    """How much of the gradient reaches the first piece of evidence, in each of the two."""
    inside, beside = pair.of_gated, pair.of_plain
    if not inside.evidence or HIDDEN not in beside.gradient or CELL not in inside.gradient:
        return ()
    first = inside.evidence[0]
    shares = [_share(inside, CELL, first), _share(beside, HIDDEN, first)]
    if not np.isfinite(shares).all():
        return ()
    names = pair.gated.spec.model.name, pair.plain.spec.model.name
    return (kept_inside(*names, shares[0], shares[1], inside.question - first),)


def _share(seen: Trace, state: str, step: int) -> float:
    """log10 of the gradient at a step relative to that of the hidden state at the question."""
    return float(seen.gradient[state][step] - seen.gradient[HIDDEN][seen.question])


def _lines(seen: Trace, rows: Rows, label: str, colour: str) -> Drawing:
    span = max(1.0, float(np.ceil(np.abs(rows).max() * 10) / 10))
    last = rows.shape[1] - 1
    ticks = {-span: f"−{span:g}", 0.0: "0", span: f"{span:g}"}
    chart = Chart(Axis("time step", 0, last, whole_numbers(0, last)), Axis(label, -span, span, ticks), height=230)
    for row in rows:
        chart.line(np.arange(last + 1), row, colour, width=1.8)
    if seen.evidence:
        chart.vertical(seen.evidence[0], "evidence", INK)
        for step in seen.evidence[1:]:
            chart.vertical(step, "", INK)
    chart.vertical(seen.question, "question", INK)
    return chart.drawing(f"{label} of {len(rows)} units at each step")


def _unit(seen: Trace, unit: int) -> dict[str, list[float]]:
    assert seen.candidate is not None
    rows = {**seen.gates, "candidate": seen.candidate, "c": seen.states[CELL], "h": seen.states[HIDDEN]}
    return {name: [round(float(value), 3) for value in values[unit]] for name, values in rows.items()}


def _answer(saved: SavedModel, seen: Trace) -> str:
    """What it answered and what is right, as a person would type it."""
    form = form_of(saved.task)
    if form is None:
        return seen.answer
    batch = _read(saved)
    return f"answer: {said(saved.model, batch, form)}, right is {form.answer(batch.targets[batch.mask])}"


def _score(material: Material, saved: SavedModel) -> str:
    """Over its whole test: one answer may be luck."""
    score = float(material.runs.set_index("run_id").test_score[saved.run_id])
    return f"{material.facts.score_name} {wording.level(score)}"


def _read(saved: SavedModel) -> Batch:
    """The sequence that the trace shows."""
    test = saved.spec.training.test_sequences
    return sequence_of_test(saved.task, saved.spec.seed, telling(saved.task, saved.spec.seed, test).index, test)


def _steps(pair: Pair) -> list[str]:
    """What is seen at each step, as a person sees it; nothing where nobody has said how."""
    form = form_of(pair.gated.task)
    return form.steps(_read(pair.gated)) if form else []


def _question(seen: Trace, unit: int) -> Question:
    step = seen.evidence[-1] + 1 if seen.evidence else 1
    row = _unit(seen, unit)
    f, c, i, g = row["forget"][step], row["c"][step - 1], row["input"][step], row["candidate"][step]
    return Question(
        f"A unit of an LSTM has the cell {c} and now the gates f = {f}, i = {i} and the candidate g = {g}. "
        f"What is its cell after this step?",
        f"c = f · c + i · g = {f * c + i * g:.3f}; the network has {row['c'][step]}.",
    )
