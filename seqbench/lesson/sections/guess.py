"""Success against the gap: guessed first, then measured."""

import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import summary_table
from seqbench.lesson import words
from seqbench.lesson.drawing import Axis, Chart, Drawing
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.textbook import Check, better_where_both_fail, order

TITLE = "How far does each network get? Guess first"
BESIDE = 0.07
"""Distance of the points of two arms at the same gap, where one would cover the other."""
SHARES = {0.0: "0", 0.5: "half", 1.0: "all"}
DESCRIBED = {
    "rnn": "the simple recurrent network",
    "irnn": "a simple one that starts by leaving its state as it is",
    "gru": "one with two gates",
    "lstm": "one with gates and a second memory",
    "lstm_chrono": "the same with gates that start by remembering for long",
}
"""Kinds of network for somebody who has seen none."""
CODE = """\
# Your guess: the share of runs that succeed at the gaps {gaps}, from 0 to 1, such as [1, 0.5, 0, 0].
my_guess = {guess}

if not any(my_guess.values()):
    print("Guess first: write your numbers between the brackets, then run this cell again.")
else:
    import matplotlib.pyplot as plt

    for arm in lesson["guess"]["arms"]:
        measured = [point["share"] for point in arm["points"]]
        places = [lesson["guess"]["gaps"].index(point["gap"]) for point in arm["points"]]
        line, = plt.plot(places, measured, marker="o", color=arm["colour"], label=arm["name"] + ", measured")
        if my_guess.get(arm["name"]):
            plt.plot(my_guess[arm["name"]], linestyle=":", color=arm["colour"], label=arm["name"] + ", guessed")
    plt.xticks(range(len(lesson["guess"]["gaps"])), lesson["guess"]["gaps"])
    plt.xlabel("gap (steps)")
    plt.ylabel("share of runs solved")
    plt.legend()
    plt.show()"""


def section(material: Material) -> Section | LeftOut:
    """Each gap has the same room, whatever the distance to the next."""
    if len(material.gaps) < 2:
        return LeftOut("a curve needs several gaps; `python -m seqbench +experiment=lesson` makes a record with four.")
    budget = wording.listed(wording.count(steps) for steps in sorted(set(material.runs.budget)))
    arms = [{"name": arm, "colour": material.looks[arm].colour, "ink": material.colour(arm),
             "points": _points(material, arm)} for arm in material.arms]  # fmt: skip
    checks, measured, added = _checks(material), success(material), added_runs(material)
    return Section(
        values={"budget": budget, "criterion": material.facts.criterion, "arms": arms, "reach": _reach(material),
                "loss": words.loss(material.facts.loss_name), "described": _described(material.arms), "checks": checks,
                "added": added},
        drawings={"empty": _chart(material).drawing("Empty axes: share of runs solved against the gap"),
                  "measured": measured},
        data={"gaps": material.gaps, "arms": arms},
        cells=(CODE.format(gaps=material.gaps, guess={arm: [] for arm in material.arms}),),
        questions=(Question(
            f"Draw a line for each of {wording.listed(material.arms)}: what share of its runs will solve the task at "
            f"each gap?",
            wording.joined(*_reach(material), *added), _chart(material).drawing("Empty axes"), measured,
        ),),
        checks=checks,
    )  # fmt: skip


def _described(arms: list[str]) -> str:
    """What those are that a student meets most often."""
    return "; ".join(f"{arm} is {DESCRIBED[arm]}" for arm in arms if arm in DESCRIBED)


def _points(material: Material, arm: str) -> list[dict[str, object]]:
    return [
        {"gap": int(cell.gap), "share": round(cell.solved / cell.finished, 3), "low": round(cell.wilson_low, 3),
         "high": round(cell.wilson_high, 3), "solved": int(cell.solved), "runs": int(cell.finished)}
        for cell in _cells(material, arm).itertuples()
    ]  # fmt: skip


def _cells(material: Material, arm: str) -> pd.DataFrame:
    own = material.summary[(material.summary.arm == arm) & (material.summary.finished > 0)]
    return own.sort_values("gap")


def _chart(material: Material, *, legend: bool = False) -> Chart:
    places = {float(place): str(gap) for place, gap in enumerate(material.gaps)}
    looks = [(arm, material.colour(arm), material.looks[arm].dashes) for arm in material.arms]
    x = Axis("gap (steps)", -0.3, len(places) - 0.7, places)
    return Chart(x, Axis("share of runs solved", 0.0, 1.0, SHARES), legend=looks if legend else ())


def success(material: Material) -> Drawing:
    """The measured shares with their Wilson intervals; runs beside them as hollow marks."""
    chart = _chart(material, legend=True)
    for place, arm in enumerate(material.arms):
        own = _cells(material, arm)
        x = [material.gaps.index(int(gap)) + BESIDE * place for gap in own.gap]
        share, colour = list(own.solved / own.finished), material.colour(arm)
        chart.band(x, list(own.wilson_low), list(own.wilson_high), colour)
        chart.line(x, share, colour, material.looks[arm].dashes)
        chart.dots(x, share, colour)
    for cell in _beside(material).itertuples():
        at, colour = material.gaps.index(cell.gap) - BESIDE, material.colour(cell.arm)
        chart.interval(at, cell.wilson_low, cell.wilson_high, colour)
        chart.dots([at], [cell.solved / cell.finished], colour, hollow=True)
        chart.note(at, cell.solved / cell.finished, cell.arm, colour)
    return chart.drawing("Measured: " + wording.joined(*_reach(material), *added_runs(material)))


# -- runs that somebody added --------------------------------------------------------------------------------


def _beside(material: Material) -> pd.DataFrame:
    """A row for each cell of runs that make no curve, at the gaps that are drawn."""
    cells = summary_table(material.beside)
    return cells[(cells.finished > 0) & cells.gap.isin(material.gaps)]


def added_runs(material: Material) -> list[str]:
    """A sentence for each cell of runs that make no curve, with what so few of them show."""
    cells = summary_table(material.beside)
    return [
        f"{cell.arm} at gap {cell.gap} was solved by {wording.tally(cell.solved, cell.finished)} of its runs (95 % "
        f"interval {wording.percent(cell.wilson_low)} to {wording.percent(cell.wilson_high)}): too few to say how far "
        f"it reaches."
        for cell in cells[cells.finished > 0].itertuples()
    ]


# -- what is said of it --------------------------------------------------------------------------------------


def _reach(material: Material) -> list[str]:
    """A sentence for each arm."""
    return [f"{arm} bridged {_far(gap, max(material.gaps))}." for arm, gap in material.bridged.items()]


def _far(gap: int, longest: int) -> str:
    if not gap:
        return "no gap"
    return f"gap {gap}, the longest tested" if gap == longest else f"gap {gap}"


def _checks(material: Material) -> tuple[Check, ...]:
    if not material.plain or not material.gated:
        return ()
    first = order(material.plain, material.gated[0], material.bridged)
    return (first, *_where_both_fail(material, material.plain))


def _where_both_fail(material: Material, plain: str) -> tuple[Check, ...]:
    """At the longest gap that an arm with gates did not bridge, nor that without."""
    beyond = [(gap, arm) for arm in material.gated for gap in material.gaps
              if gap > max(material.bridged[arm], material.bridged[plain])]  # fmt: skip
    facts = material.facts
    if not beyond or facts.level is None or not facts.baselines:
        return ()
    gap, gated = max(beyond, key=lambda one: one[0])
    failed = material.runs[(material.runs.gap == gap) & (material.runs.outcome == "unsolved")]
    scores = [list(failed.test_score[failed.arm == arm].dropna()) for arm in (gated, plain)]
    if not all(scores):
        return ()
    rises = facts.level > facts.baselines[0].score
    return (better_where_both_fail(gated, plain, gap, scores, words.score(facts.score_name), rises=rises),)
