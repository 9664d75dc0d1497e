"""Drawings of what goes on inside a network: units by time, and a unit at the question by the right answer."""

import numpy as np
import torch

from seqbench.lesson.by_hand import Form
from seqbench.lesson.drawing import Axis, Chart, Drawing
from seqbench.lesson.holding import Holding
from seqbench.lesson.ticks import about_zero, even, whole_numbers
from seqbench.trace.values import Rows, Trace


def by_time(seen: Trace, rows: Rows, label: str, colour: str) -> Drawing:
    """Units while a sequence is read; steps are counted from 1."""
    last = rows.shape[1]
    chart = Chart(Axis("time step", 1, last, whole_numbers(1, last)), _about(rows, label), height=230, headed=True)
    for row in rows:
        chart.line(np.arange(1, last + 1), row, colour, width=1.8)
    for place, step in enumerate(seen.evidence):
        chart.vertical(step + 1, "" if place else "evidence")
    chart.vertical(seen.question + 1, "question")
    units = "1 unit" if len(rows) == 1 else f"{len(rows)} units"
    return chart.drawing(f"{label} of {units} at each step")


def courses(found: Holding, label: str, colour: str, form: Form | None) -> Drawing:
    """The mean course of the first unit for each answer, up to the question."""
    means = found.means()
    last = found.question + 1
    span = _about(np.stack(list(means.values())), label)
    chart = Chart(Axis("time step", 1, last, whole_numbers(1, last)), span, height=230, right=44)
    for course in means.values():
        chart.line(np.arange(1, last + 1), course, colour, width=1.8)
    chart.ends([float(course[-1]) for course in means.values()], [_named(name, form) for name in means])
    return chart.drawing(f"{label} of the first unit, the mean for each right answer, up to the question")


def at_question(found: Holding, label: str, colour: str, form: Form | None) -> Drawing:
    """The first unit when the question comes, a dot for each sequence, by what is right."""
    answers, values = found.answers[found.same], found.at_question
    if answers.dtype.kind == "f":
        high = float(answers.max())
        across = Axis("right answer", 0.0, 1.05 * high, even(1.05 * high))
    else:
        known = np.unique(answers)
        across = Axis("right answer", known[0] - 0.5, known[-1] + 0.5, {float(k): _named(int(k), form) for k in known})
    chart = Chart(across, _about(values, label), width=340, height=230)
    chart.dots(answers, values, colour, radius=3)
    return chart.drawing(f"{label} of the first unit at the question, by the right answer")


def _about(rows: np.ndarray, label: str) -> Axis:
    """Around zero; of a hidden state, always the whole of its range, so that little looks like little."""
    span = 1.05 * max(1.0, float(np.abs(rows).max()))
    return Axis(label, -span, span, about_zero(span))


def _named(answer: int | str, form: Form | None) -> str:
    return str(answer) if isinstance(answer, str) or form is None else form.answer(torch.tensor([answer]))
