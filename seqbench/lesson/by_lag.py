"""The measured gradient by lag, as the sections about it draw it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.events import END, INIT
from seqbench.lesson.drawing import Axis, Chart
from seqbench.lesson.material import Material
from seqbench.lesson.ticks import decades, decades_apart, whole_numbers

DEEPEST, HIGHEST = -16.0, 3.0
"""Decades that a drawing goes down and up at most: farther down, the curves that are compared would lie in one line."""
UNTRAINED = "untrained"
STAGES = ((UNTRAINED, INIT, None), ("trained, solved", END, True), ("trained, not solved", END, False))
DASHES: tuple[Sequence[float], ...] = ((), (5, 2), (1.4, 1.4))


@dataclass(frozen=True)
class Curve:
    """log10 of what is left of the gradient, by lag."""

    name: str
    values: "pd.Series[float]"
    dashes: Sequence[float]
    colour: str

    def at(self, lag: int) -> float:
        """At the last lag that was measured, if it is nearer."""
        known = self.values[self.values.index <= lag]
        return float(known.iloc[-1])


def curves(material: Material, arm: str, state: str) -> list[Curve]:
    """Before training and after it, runs that solved their task and others apart; those that there are."""
    found = [
        Curve(name, material.gradient(arm, state, stage, solved=solved), dashes, material.colour(arm))
        for (name, stage, solved), dashes in zip(STAGES, DASHES, strict=True)
    ]
    return [curve for curve in found if len(curve.values) > 1]


def chart(
    found: Sequence[Curve], label: str, *, more: Sequence[tuple[str, str, Sequence[float]]] = (), headed: bool = False
) -> Chart:
    """All curves over the same lags; `more` is what else the legend names."""
    values = pd.concat([curve.values for curve in found])
    low, high, last = float(values.min()), float(values.max()), int(values.index.max())
    lowest = min(max(DEEPEST, low), -1.0)
    room = 0.02 * -lowest
    made = Chart(
        Axis("steps back from the question (lag)", 0.0, float(last), whole_numbers(0, last)),
        Axis(label, lowest, min(max(high, 0.0), HIGHEST) + room, decades(lowest)),
        legend=[*((curve.name, curve.colour, curve.dashes) for curve in found), *more],
        headed=headed,
    )
    for curve in found:
        lags = np.arange(int(curve.values.index.min()), int(curve.values.index.max()) + 1)
        made.line(lags, curve.values.reindex(lags).to_numpy(), curve.colour, curve.dashes)
    return made


def about_its_axis(found: Sequence[Curve], drawn: Chart) -> str:
    """How far apart the lines across are, and which curves go on below the drawing, in words."""
    apart = f"Each line across is {decades_apart(drawn.y.ticks)} less than the one above it."
    return wording.joined(apart, *(_leaves(curve, drawn.y.low) for curve in found))


def _leaves(curve: Curve, low: float) -> str:
    below = curve.values[curve.values < low]
    if below.empty:
        return ""
    return f"The line “{curve.name}” leaves the drawing below, {below.index[0]} steps back."


def by_lag(found: Sequence[Curve]) -> list[dict[str, object]]:
    """For a script: the values at lags 0, 1, ... to a hundredth; null where there is none."""
    return [{"name": curve.name, "log10": _filled(curve.values)} for curve in found]


def _filled(values: "pd.Series[float]") -> list[float | None]:
    whole = values.reindex(range(int(values.index.max()) + 1))
    return [None if pd.isna(value) else round(float(value), 2) for value in whole]
