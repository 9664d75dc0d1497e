"""Values of an axis that get a text: round ones."""

import math
from collections.abc import Mapping

from seqbench import wording


def decades(low: float) -> dict[float, str]:
    """Ticks of a logarithmic axis from 0 down to `low`, at most six."""
    step = max(1, -(-int(-low) // 5))
    return {float(-d): wording.power_of_ten(-d) for d in range(0, int(-low) + 1, step)}


def even(high: float, most: int = 6) -> dict[float, str]:
    """Ticks of an axis from 0 up to `high`, so many at most."""
    power = 10 ** math.floor(math.log10(high))
    step = next(s for s in (power / 5, power / 2, power, 2 * power, 5 * power) if high / s < most)
    return {number * step: f"{number * step:g}" for number in range(int(high / step) + 1)}


def whole_numbers(low: float, high: float, most: int = 6) -> dict[float, str]:
    """Ticks of an axis of steps, about so many at most."""
    span = max(1.0, high - low)
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10**9) if span / s <= most)
    return {float(v): f"{v:,}" for v in range(math.ceil(low / step) * step, int(high) + 1, step)}


_TIMES = {1: "ten times", 2: "a hundred times", 3: "a thousand times", 4: "ten thousand times", 6: "a million times"}


def decades_apart(ticks: Mapping[float, str]) -> str:
    """How much less the next line of a logarithmic axis is: "a thousand times"."""
    values = sorted(ticks, reverse=True)
    step = round(values[0] - values[1])
    return _TIMES.get(step, f"{wording.power_of_ten(step)} times")


def about_zero(span: float) -> dict[float, str]:
    """Ticks of an axis from -`span` to `span`."""
    upper = even(span, most=3)
    return {-value: f"−{words}" for value, words in upper.items() if value} | upper
