"""Lines cut where they leave their axes: what was not measured is not drawn."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

Points = list[tuple[float, float]]


def cut(x: ArrayLike, y: ArrayLike, low: float, high: float) -> list[Points]:
    """The pieces of a line that lie between two values; it is straight between its points, and ends where one lacks."""
    points = list(zip(np.asarray(x, dtype=float).tolist(), np.asarray(y, dtype=float).tolist(), strict=True))
    pieces: list[Points] = []
    for one, other in pairwise(points):
        part = _inside(one, other, low, high)
        if part and pieces and pieces[-1][-1] == part[0]:
            pieces[-1].append(part[1])
        elif part:
            pieces.append(part)
    return pieces


def _inside(one: tuple[float, float], other: tuple[float, float], low: float, high: float) -> Points:
    """The part of a straight line that lies between two values; nothing if none does, or an end is not finite."""
    (x, y), (end_x, end_y) = one, other
    if not np.isfinite([y, end_y]).all() or max(y, end_y) < low or min(y, end_y) > high:
        return []

    def held(at: tuple[float, float]) -> tuple[float, float]:
        """The end itself, or where the line enters or leaves."""
        level = min(max(at[1], low), high)
        return at if level == at[1] else (x + (level - y) / (end_y - y) * (end_x - x), level)

    return [held(one), held(other)]


def gone(pieces: Sequence[Points], low: float, last: float) -> Points:
    """Where a line leaves through the floor, before its last point."""
    return [piece[-1] for piece in pieces if piece[-1][1] == low and piece[-1][0] < last]
