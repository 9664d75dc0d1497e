"""The forget bias: what a gate keeps, for how long, and how that line lies over the measured gradient."""

import math

from seqbench import wording
from seqbench.lesson.by_lag import Curve, by_lag, chart, curves
from seqbench.lesson.drawing import WARM
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
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
CODE = """\
import math

b = {bias:g}    # the forget bias; try others
keep = 1 / (1 + math.exp(-b))
print(f"keep {{keep:.3f}} at each step, time constant {{-1 / math.log(keep):.1f}} steps")
print(f"left after {gap} steps: {{keep ** {gap}:.2g}}")"""


def section(material: Material) -> Section | LeftOut:
    """Of the first arm whose forget bias is one number."""
    found = curves(material, material.biased[0], CELL) if material.biased else []
    if not material.biased or not found:
        return LeftOut("no arm of the record has one number as its forget bias; `model=lstm` has.")
    arm, start = material.biased
    gap = material.bridged[arm]
    drawn = chart(found, material.colour(arm), "share of the gradient")
    last = int(drawn.x.high)
    steps = [0.0, float(last)]
    drawn.line(steps, [0.0, last * math.log10(keep(start))], WARM, mark="bias-line")
    if gap and gap <= last:
        drawn.vertical(gap, f"bridged: gap {gap}")
    checks = _checks(material, arm, start, found)
    return Section(
        values={"arm": arm, "ink": material.colour(arm), "bias": f"{start:g}", "low": LOWEST, "high": HIGHEST,
                "gap": gap, "last": last, "rows": [_row(b, max(material.gaps)) for b in SHOWN],
                "longest": max(material.gaps), "learned": _learned(material, arm), "checks": checks},
        drawings={"line": drawn.drawing(f"The gradient of the cell of {arm} by lag, with the line of its forget bias")},
        data={"curves": by_lag(found), "gap": gap, "last": last, "longest": max(material.gaps)},
        code=CODE.format(bias=start, gap=max(material.gaps)),
        questions=(_question(max(material.gaps)),),
        checks=checks,
    )  # fmt: skip


def _row(bias: float, gap: int) -> dict[str, str]:
    left = gap * math.log10(keep(bias))
    return {"bias": f"{bias:g}", "keep": f"{keep(bias):.4f}", "steps": f"{time_constant(bias):.1f}",
            "left": wording.from_log10(left)}  # fmt: skip


def _question(gap: int) -> Question:
    rows = "; ".join(f"b = {row['bias']}: {row['keep']}, {row['steps']}" for row in (_row(b, gap) for b in SHOWN))
    return Question(
        f"For the forget biases {wording.listed(f'{b:g}' for b in SHOWN)}, compute what the gate keeps at each step, "
        f"σ(b) = 1 / (1 + e^−b), and its time constant −1 / ln σ(b).",
        f"{rows} steps.",
    )


def _checks(material: Material, arm: str, bias: float, found: list[Curve]) -> tuple[Check, ...]:
    checks = [beyond_the_time_constant(arm, bias, material.bridged[arm])]
    if found[0].name == "untrained":
        checks.insert(0, line_and_measure(arm, bias, decay_per_step(list(found[0].values))))
    told = material.found.correlations
    told = told[told.task == material.task]
    if len(told) and int(told.pairs.iloc[0]):
        row = told.iloc[0]
        checks.append(gradient_and_gap(int(row.arms), int(row.pairs), str(row.against), str(row.left_out)))
    return tuple(checks)


def _learned(material: Material, arm: str) -> str:
    """What training made of the time constants of the units, in a sentence; empty where that was not measured."""
    told = material.found.time_constants
    own = told[(told.task == material.task) & (told.arm == arm)]
    before, after = own[own.stage == "init"], own[own.stage == "end"]
    if before.empty or after.empty:
        return ""
    slow = " and ".join(f"{wording.number(row.p90)} in runs that {_END[row.outcome]}" for row in after.itertuples())
    return (
        f"Measured at gap {int(own.gap.iloc[0])}, one unit in ten of {arm} has a time constant of "
        f"{wording.number(float(before.p90.iloc[0]))} steps or more before training; after it, {slow}."
    )


_END = {"solved": "solved the task", "not solved": "did not solve it"}
