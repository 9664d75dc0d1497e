"""The network unrolled, and the gradient on its way back through it."""

import math

from seqbench import wording
from seqbench.events import HIDDEN
from seqbench.lesson.by_lag import UNTRAINED, Curve, about_its_axis, by_lag, chart, curves
from seqbench.lesson.drawing import INK, WARM, WIDTH, Drawing, frame
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.textbook import Check, training_and_gradient, vanishing
from seqbench.statistics.rates import decay_per_step

TITLE = "Backpropagation through time, step by step"
CODE = """\
# What is left of the gradient so many steps back from the question.
for lag in (0, 1, 2, 5, {gap}):
    for curve in lesson["unrolled"]["curves"]:
        value = curve["log10"][lag] if lag < len(curve["log10"]) else None
        if value is not None:
            print(f"{{lag:3}} steps back, {{curve['name']:20}} 10 to the power {{value:6.2f}} = {{10 ** value:.2g}}")"""


def section(material: Material) -> Section | LeftOut:
    """Of the first arm without gates, at its longest gap."""
    arm = material.plain
    found = curves(material, arm, HIDDEN) if arm else []
    if not arm or not found:
        return LeftOut("the record has no gradient by lag of a network without gates; `model=rnn` makes one.")
    gap, untrained = int(material.of_arm(arm).gap.max()), found[0]
    drawn = chart(found, "share of the gradient")
    factor, checks = math.exp(-decay_per_step(list(untrained.values))), _checks(arm, found, gap)
    return Section(
        values={"arm": arm, "ink": material.colour(arm), "gap": gap, "curve": untrained.name,
                "factor": f"{factor:.2f}", "last": int(untrained.values.index.max()), "left": _left(found, gap),
                "axis": about_its_axis(found, drawn), "checks": checks},
        drawings={"network": network(),
                  "gradient": drawn.drawing(
                      f"The gradient of {arm} by lag, {wording.listed(curve.name for curve in found)}")},
        data={"curves": by_lag(found)},
        cells=(CODE.format(gap=gap),),
        questions=_questions(arm, factor),
        checks=checks,
    )  # fmt: skip


def _left(found: list[Curve], gap: int) -> str:
    return wording.listed(f"{wording.from_log10(curve.at(gap))} ({curve.name})" for curve in found)


def _checks(arm: str, found: list[Curve], gap: int) -> tuple[Check, ...]:
    named = {curve.name: curve.at(gap) for curve in found}
    failed = named.get("trained, not solved")
    first = (vanishing(arm, named[UNTRAINED], gap),) if UNTRAINED in named else ()
    return (*first, training_and_gradient(arm, named[UNTRAINED], failed, gap)) if first and failed else first


def _questions(arm: str, factor: float) -> tuple[Question, ...]:
    if not 0 < round(factor, 2) < 1:
        return ()
    told = round(factor, 2)  # what a student reckons with
    exact = math.log(0.01) / math.log(told)
    steps = math.floor(exact) + 1
    return (Question(
        f"At each step back, the gradient of the untrained {arm} is multiplied by {told:.2f}. "
        f"After how many steps is less than a hundredth of it left?",
        f"After {steps}: ln 0.01 / ln {told:.2f} = {exact:.1f}, and {told:.2f} to the power {steps} is "
        f"{wording.number(told**steps)}.",
    ),)  # fmt: skip


COPIES = (("h₀", ""), ("h₁", "x₁"), ("h₂", "x₂"), ("…", "…"), ("hₜ", "xₜ"))
"""States and inputs of the steps that are drawn; T stands below the last."""
_LINE = f"fill:none;stroke:{INK};stroke-width:1.5"


def network() -> Drawing:
    """Copies of one network in a row, the same weights in each; the gradient goes from right to left."""
    body = [_copy(64.0 + 88 * place, *names) for place, names in enumerate(COPIES)]
    body += [_arrow(x, 88, x + 38, 88) + _arrow(x + 38, 54, x + 2, 54, WARM) for x in (88.0, 176.0, 264.0, 352.0)]
    body += [_arrow(WIDTH - 64, 64, WIDTH - 64, 36), _word(WIDTH - 64, 28, "loss L"), _word(180, 34, GRADIENT, WARM)]
    words = (
        "A recurrent network unrolled: the same step, again and again; the loss L at the end, its gradient going back"
    )
    return Drawing(frame("".join(body), words, (WIDTH, 190)), words)


GRADIENT = "gradient, going back"


def _copy(x: float, state: str, seen: str) -> str:
    box = "" if state == "…" else f'<rect x="{x - 24}" y="66" width="48" height="44" rx="6" style="{_LINE}"/>'
    return box + _word(x, 93, state) + _word(x, 160, seen) + (_arrow(x, 144, x, 112) if len(seen) > 1 else "")


def _word(x: float, y: float, text: str, colour: str = INK) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" style="fill:{colour}">{_set(text)}</text>'


def _set(text: str) -> str:
    """There is no letter T below the line."""
    return text.replace("ₜ", '<tspan dy="4" font-size="11">T</tspan>')


def _arrow(x1: float, y1: float, x2: float, y2: float, colour: str = INK) -> str:
    style = f"stroke:{colour};stroke-width:1.5"
    dx, dy = ((x2 > x1) - (x2 < x1)) * 7, ((y2 > y1) - (y2 < y1)) * 7
    wings = [(x2 - dx - 0.6 * dy, y2 - dy - 0.6 * dx), (x2, y2), (x2 - dx + 0.6 * dy, y2 - dy + 0.6 * dx)]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in wings)
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" style="{style}"/>'
        f'<polyline points="{head}" style="fill:none;{style}"/>'
    )
