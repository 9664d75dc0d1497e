"""Why did this run fail? Loss curves, of which each is to be given its label."""

import math
from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.events import VALIDATION, Baseline
from seqbench.lesson import words
from seqbench.lesson.drawing import ACCENT, INK, Axis, Chart, Drawing
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.ticks import even, whole_numbers

TITLE = "Why did this run fail?"
LOSS = f"{VALIDATION}loss"
SHOWN, ROOM = 4, 1.6
"""Curves, and how far above the highest level their axis goes."""
SOLVED = "solved"
MEANINGS: Mapping[str, str] = {
    "memoryless": "its test is no better than that of the best network without any memory",
    "partial": "its test is better than without memory, but short of the criterion, and its loss no longer falls",
    "learning": "its loss was still falling when the budget was spent",
    "unstable": "it met the criterion for a while, and lost it again",
    "diverged": "a loss or a gradient became infinite, or no number at all",
    SOLVED: "it met the criterion several times in a row, and then in its test",
}
"""What the labels say, those of failures first. That a run passed at its end alone cannot be told from its loss."""
LEVELS: tuple[tuple[float, ...], ...] = ((1, 2), (5, 2), (5, 1.5, 1.2, 1.5))
"""How the levels are dashed, in their order."""
CODE = """\
my_labels = {labels}    # number of the curve: your label
for number, run in enumerate(lesson["failures"]["runs"], 1):
    said = my_labels.get(number, "")
    print(number, run["label"] if said else "(no label yet)", run["evidence"] if said else "")"""


def section(material: Material) -> Section | LeftOut:
    """Runs of as many labels as there are, `SHOWN` at most, in an order that tells nothing."""
    runs = _of_labels(material)
    four = chosen(runs)
    labels = [label for label in MEANINGS if label in set(four.label)]
    if len(labels) < 2 or len(four) < SHOWN:
        return LeftOut(
            f"it takes {SHOWN} runs with curves that came to different ends, at most one of which solved its task, and "
            f"the record has none such."
        )
    shown = {f"run{number}": _drawn(material, run_id) for number, run_id in enumerate(four.run_id, 1)}
    told = [{"label": run.label, "evidence": run.evidence, "reading": _reading(material, run.run_id),
             "run": f"{run.arm}, gap {run.gap}, seed {run.seed}"} for run in four.itertuples()]  # fmt: skip
    meanings = {label: MEANINGS[label] for label in labels}
    defined = "; ".join(f"{label}: {meaning}" for label, meaning in meanings.items())
    first = f"Four runs, and what became of them. Labels: {defined}. Lines across: {'; '.join(_baselines(material))}."
    return Section(
        values={"runs": told, "labels": meanings, "solved": SOLVED in labels,
                "loss": words.loss(material.facts.loss_name), "baselines": _baselines(material)},
        drawings=shown,
        data={"runs": told},
        cells=(CODE.format(labels={1: "", 2: "", 3: "", 4: ""}),),
        questions=tuple(
            Question(f"Curve {i}: {wording.listed(labels, 'or')}?", f"{run['label']} ({run['run']}). {run['reading']}",
                     drawing, first="" if i > 1 else first)
            for i, (run, drawing) in enumerate(zip(told, shown.values(), strict=True), 1)
        ),
    )  # fmt: skip


def _of_labels(material: Material) -> pd.DataFrame:
    """The runs with curves, of numbers, that have one of the labels."""
    curves = material.found.record.curves
    curves = curves[np.isfinite(curves.value)]
    told = material.runs.get("label", pd.Series("", index=material.runs.index))  # there was a time without labels
    runs = material.runs.assign(label=told)
    return runs[runs.run_id.isin(set(curves.run_id[curves.metric == LOSS])) & told.isin(list(MEANINGS))]


def chosen(runs: pd.DataFrame) -> pd.DataFrame:
    """One run that solved its task, to compare with, and failures: one of each label, then more of the commonest.

    Of the partial ones, those with the lowest loss in their test come first: their level can be told from the others.
    """
    better = runs.test_loss.where(runs.label == "partial", 0.0)
    place = runs.label.map({label: i for i, label in enumerate(MEANINGS)})
    ranked = runs.assign(better=better, place=place).sort_values(["place", "better"], kind="stable")
    ranked["turn"] = ranked.groupby("label").cumcount()
    ranked["rare"] = -ranked.groupby("label").label.transform("size") * (ranked.turn > 0)
    failed = ranked[ranked.label != SOLVED].sort_values(["turn", "rare", "place"], kind="stable")
    solved = ranked[ranked.label == SOLVED].head(1)
    four = pd.concat([failed.head(SHOWN - len(solved)), solved])
    return four.iloc[sorted(range(len(four)), key=lambda i: crc32(four.run_id.iloc[i].encode()))]


def _reading(material: Material, run_id: str) -> str:
    own = _losses(material, run_id)
    return reading(list(own.value), [(level.name, level.loss) for level in _levels(material)])


def reading(losses: Sequence[float], levels: Sequence[tuple[str, float]]) -> str:
    """What can be read from a curve of losses: where it ends, beside which level, and whether it still moves."""
    known = [loss for loss in losses if math.isfinite(loss)]
    if len(known) < len(losses) or not known:
        return "Its loss did not stay a number."
    end, before = known[-1], known[-1 - len(known) // 4]
    moved = f"a quarter of the training before, it was {wording.level(before)}"
    if not levels:
        return f"Its loss ends at {wording.level(end)}; {moved}."
    name, level = min(levels, key=lambda one: abs(one[1] - end))
    nearest = f"the nearest line is “{name}”, {wording.level(level)}" if end > levels[-1][1] / 2 else "below all lines"
    return f"Its loss ends at {wording.level(end)}; {nearest}; {moved}."


def _baselines(material: Material) -> list[str]:
    return [f"{baseline.name}: {wording.level(baseline.loss)}" for baseline in _levels(material)]


def _levels(material: Material) -> list[Baseline]:
    return [baseline for baseline in material.facts.baselines if baseline.loss > 0]


def _losses(material: Material, run_id: str) -> pd.DataFrame:
    curves = material.found.record.curves
    return curves[(curves.run_id == run_id) & (curves.metric == LOSS)].sort_values("step")


def _drawn(material: Material, run_id: str) -> Drawing:
    """On the same axis of losses for every run, so that the levels can be compared; it is cut where it lies above."""
    own, levels = _losses(material, run_id), _levels(material)
    high = ROOM * max((baseline.loss for baseline in levels), default=float(own.value.max()))
    last = int(own.step.max())
    dashes = [LEVELS[i % len(LEVELS)] for i in range(len(levels))]
    named = [(baseline.name, INK, dash) for baseline, dash in zip(levels, dashes, strict=True)]
    chart = Chart(Axis("training steps", 0, last, whole_numbers(0, last, most=3)), Axis("loss", 0, high, even(high)),
                  width=340, height=250, legend=named)  # fmt: skip
    for baseline, dash in zip(levels, dashes, strict=True):
        chart.horizontal(baseline.loss, dash)
    chart.line(own.step.to_numpy(), own.value.to_numpy(), ACCENT)
    return chart.drawing("The validation loss of a run through training, with the levels of the baselines")
