"""The forget bias: what a gate keeps, for how long, and how that line lies over the measured gradient."""

import math
from dataclasses import replace

import pandas as pd

from seqbench import wording
from seqbench.lesson.by_lag import UNTRAINED, Curve, about_its_axis, chart, curves
from seqbench.lesson.drawing import INK, Chart
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.starts import Start, starts
from seqbench.lesson.textbook import (
    Check,
    beyond_the_time_constant,
    gradient_and_gap,
    keep,
    line_and_measure,
    time_constant,
)
from seqbench.statistics.rates import decay_per_step

TITLE = "One number for how long a gate remembers"
CELL = "c"
LOWEST, HIGHEST = -2.0, 6.0
SHOWN = (0.0, 1.0, 2.0, 4.0, 6.0)
LINE = "σ(b) to the power of the lag"
CODE = """\
import math

b = {bias:g}    # the forget bias; try others
keep = 1 / (1 + math.exp(-b))
print(f"keep {{keep:.3f}} at each step, time constant {{-1 / math.log(keep):.1f}} steps")
print(f"left after {gap} steps: {{keep ** {gap}:.2g}}")"""


def section(material: Material) -> Section | LeftOut:
    """Of the first arm whose forget bias is one number; the arms whose units have biases of their own stand beside."""
    if not material.gated:
        return LeftOut("the record has no gradient along gates; every run of `model=lstm` measures it.")
    if not material.biased:
        return LeftOut("no network of the record has one number as its forget bias; `model=lstm` has.")
    found = curves(material, material.biased[0], CELL)
    if not found:
        return LeftOut(f"the record has no gradient of the cell of {material.biased[0]}, which every run measures.")
    arm, start = material.biased
    gap, longest = material.bridged[arm], max(material.gaps)
    spread = starts(material)
    shown = [*_named(arm, found), *(curve for one in spread for curve in _untrained(material, one.arm))]
    drawn = _drawn(shown, start, gap)
    last = int(drawn.x.high)
    checks = _checks(material, arm, start, found)
    return Section(
        values={"arm": arm, "ink": material.colour(arm), "bias": f"{start:g}", "low": LOWEST, "high": HIGHEST,
                "gap": gap, "rows": [_row(b, longest) for b in SHOWN], "longest": longest,
                "learned": _learned(material, arm), "checks": checks, "axis": about_its_axis(shown, drawn),
                "starts": spread, "buttons": _buttons(arm, start, spread)},
        drawings={"line": drawn.drawing(f"The gradient of the cell of {arm} by lag, with the line of its forget bias")},
        data={"gap": gap, "last": last, "longest": longest},
        cells=(CODE.format(bias=start, gap=longest),),
        questions=(_question(longest),),
        checks=checks,
    )  # fmt: skip


def _named(arm: str, found: list[Curve]) -> list[Curve]:
    return [replace(curve, name=f"{arm}, {curve.name}") for curve in found]


def _untrained(material: Material, arm: str) -> list[Curve]:
    found = [curve for curve in curves(material, arm, CELL) if curve.name == UNTRAINED]
    return _named(arm, found)


def _drawn(shown: list[Curve], bias: float, gap: int) -> Chart:
    drawn = chart(shown, "share of the gradient", more=[(LINE, INK, ())], headed=True)
    last = drawn.x.high
    drawn.line([0.0, last], [0.0, last * math.log10(keep(bias))], INK, mark="bias-line")
    if gap and gap <= last:
        drawn.vertical(gap, f"bridged: gap {gap}")
    return drawn


def _buttons(arm: str, bias: float, spread: list[Start]) -> list[tuple[str, str]]:
    """What is set by them, and their words."""
    medians = [(f"{one.median_bias:.1f}", f"the middle unit of {one.arm}") for one in spread if one.median_bias]
    return [(f"{bias:g}", arm), *medians]


def _row(bias: float, gap: int) -> dict[str, str]:
    left = gap * math.log10(keep(bias))
    return {"bias": f"{bias:g}", "keep": f"{keep(bias):.4f}", "steps": f"{time_constant(bias):.1f}",
            "left": wording.from_log10(left)}  # fmt: skip


def _question(gap: int) -> Question:
    head = ("b", "keeps σ(b)", "time constant (steps)")
    filled = [(row["bias"], row["keep"], row["steps"]) for row in (_row(b, gap) for b in SHOWN)]
    return Question(
        "A forget gate with the bias b keeps σ(b) = 1 / (1 + exp(−b)) of the cell at each step; its time constant is "
        "−1 / ln σ(b) steps. Fill in the table.",
        "",
        table=[head, *((bias, "", "") for bias, _, _ in filled)],
        filled=[head, *filled],
    )


def _checks(material: Material, arm: str, bias: float, found: list[Curve]) -> tuple[Check, ...]:
    checks = [beyond_the_time_constant(arm, bias, material.bridged[arm])]
    if found[0].name == UNTRAINED:
        checks.insert(0, line_and_measure(arm, bias, decay_per_step(list(found[0].values))))
    told, kinds = material.found.correlations, list(material.found.reach.arm)
    if len(told) and int(told.pairs.iloc[0]):
        row, compared = told.iloc[0], [one for one in material.arms if one in kinds]
        checks.append(gradient_and_gap(compared, int(row.pairs), str(row.against), str(row.left_out)))
    return tuple(checks)


def _learned(material: Material, arm: str) -> str:
    """What training made of the time constants of the units, in a sentence; empty where that was not measured."""
    told: pd.DataFrame = material.found.time_constants
    own = told[told.arm == arm]
    before, after = own[own.stage == "init"], own[own.stage == "end"]
    if before.empty or after.empty:
        return ""
    slow = " and ".join(f"{wording.number(row.p90)} in runs that {_END[row.outcome]}" for row in after.itertuples())
    return (
        f"Measured at gap {int(own.gap.iloc[0])}, one unit in ten of {arm} has a time constant of "
        f"{wording.number(float(before.p90.iloc[0]))} steps or more before training; after it, {slow}."
    )


_END = {"solved": "solved the task", "not solved": "did not solve it"}
