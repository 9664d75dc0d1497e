"""With which forget biases the arms start whose units have biases of their own."""

import math
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.lesson.material import Material
from seqbench.lesson.textbook import bias_of, time_constant


@dataclass(frozen=True)
class Start:
    """An arm, what is said of its biases, and the bias of the unit in the middle; None where nobody measured it."""

    arm: str
    sentence: str
    median_bias: float | None


def starts(material: Material) -> list[Start]:
    """The arms of chrono initialisation, the one that got farthest first."""
    found = [(arm, _only(material.of_arm(arm), "model.max_timescale")) for arm in material.gated]
    return [_start(material, arm, longest) for arm, longest in found if longest is not None and longest > 2]


def _only(runs: pd.DataFrame, column: str) -> float | None:
    """The value of a setting that is the same number in all runs."""
    told = pd.to_numeric(runs.get(column, pd.Series(dtype=float)), errors="coerce").unique()
    return float(told[0]) if len(told) == 1 and math.isfinite(told[0]) else None


def _start(material: Material, arm: str, longest: float) -> Start:
    gap = material.bridged[arm]
    least, most = time_constant(0.0), time_constant(math.log(longest - 1))
    said = (
        f"{arm}, which bridged {f'gap {gap}' if gap else 'no gap'}, does not start with one number: each unit draws "
        f"its own, b = ln u with u between 1 and {longest - 1:.0f}. So b lies between 0 and "
        f"{math.log(longest - 1):.1f}, and the time constants between {least:.1f} and {most:.0f} steps."
    )
    told = material.found.time_constants
    own = told[(told.arm == arm) & (told.stage == "init")]
    if own.empty or not math.isfinite(float(own.p50.iloc[0])):
        return Start(arm, said, None)
    middle = float(own.p50.iloc[0])
    measured = (
        f"Measured before training, the unit in the middle has {wording.number(middle)} steps, as a gate with "
        f"b = {bias_of(middle):.1f} has."
    )
    return Start(arm, f"{said} {measured}", bias_of(middle))
