"""Why did this run fail? Loss curves, of which each is to be given its label."""

from collections.abc import Mapping
from zlib import crc32

import pandas as pd

from seqbench import wording
from seqbench.events import VALIDATION, Baseline
from seqbench.lesson.drawing import ACCENT, Axis, Chart, Drawing, even, whole_numbers
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section

TITLE = "Why did this run fail?"
LOSS = f"{VALIDATION}loss"
SHOWN, ROOM = 4, 1.3
"""Curves, and how far above the highest level their axis goes."""
MEANINGS: Mapping[str, str] = {
    "memoryless": "its test is no better than that of the best network without any memory",
    "partial": "its test is better than without memory, but short of the criterion, and its loss no longer falls",
    "learning": "its loss was still falling when the budget was spent",
    "unstable": "it met the criterion for a while, and lost it again",
    "diverged": "a loss or a gradient became infinite, or no number at all",
    "solved": "it met the criterion several times in a row, and then in its test",
    "passed at the end": "it met the criterion in its last test, and not often enough before",
}
"""What the labels say, those of failures first."""
CODE = """\
my_labels = {labels}    # number of the curve: your label
for number, run in enumerate(lesson["failures"]["runs"], 1):
    said = my_labels.get(number, "")
    print(number, run["label"] if said else "(no label yet)", run["evidence"] if said else "")"""


def section(material: Material) -> Section | LeftOut:
    """Runs of as many labels as there are, `SHOWN` at most, in an order that tells nothing."""
    runs = _chosen(material)
    labels = [label for label in MEANINGS if label in set(runs.label)]
    if len(labels) < 2 or len(runs) < SHOWN:
        return LeftOut(f"it takes {SHOWN} runs with curves that came to different ends, and the record has none such.")
    shown = {f"run{number}": _drawn(material, run_id) for number, run_id in enumerate(runs.run_id, 1)}
    told = [{"label": run.label, "evidence": run.evidence, "run": f"{run.arm}, gap {run.gap}, seed {run.seed}"}
            for run in runs.itertuples()]  # fmt: skip
    return Section(
        values={"runs": told, "labels": {label: MEANINGS[label] for label in labels}, "numbers": len(told),
                "loss": material.facts.loss_name, "baselines": _baselines(material)},
        drawings=shown,
        data={"runs": told},
        code=CODE.format(labels={1: "", 2: "", 3: "", 4: ""}),
        questions=tuple(
            Question(f"Curve {i}: {wording.listed(labels, 'or')}?", f"{run['label']} ({run['run']})", drawing)
            for i, (run, drawing) in enumerate(zip(told, shown.values(), strict=True), 1)
        ),
    )  # fmt: skip


def _chosen(material: Material) -> pd.DataFrame:
    """Of each label one run, failures first, and further ones of these labels if there are too few."""
    with_curves = set(material.found.record.curves.run_id[material.found.record.curves.metric == LOSS])
    told = material.runs.get("label", pd.Series("", index=material.runs.index))  # there was a time without labels
    runs = material.runs.assign(label=told)
    runs = runs[runs.run_id.isin(with_curves) & told.isin(list(MEANINGS))]
    place = {label: i for i, label in enumerate(MEANINGS)}
    ranked = runs.assign(turn=runs.groupby("label").cumcount(), place=runs.label.map(place))
    ranked = ranked.sort_values(["turn", "place"], kind="stable")
    # One that solved its task shows what success looks like, among all ways to fail.
    first = ranked[ranked.turn == 0]
    wanted = pd.concat([first[first.label != "solved"].head(SHOWN - 1), first[first.label == "solved"]])
    more = ranked[~ranked.run_id.isin(wanted.run_id)].head(max(0, SHOWN - len(wanted)))
    four = pd.concat([wanted, more])
    return four.iloc[sorted(range(len(four)), key=lambda i: crc32(four.run_id.iloc[i].encode()))]


def _baselines(material: Material) -> list[str]:
    return [f"{baseline.name}: {wording.level(baseline.loss)}" for baseline in _levels(material)]


def _levels(material: Material) -> list[Baseline]:
    return [baseline for baseline in material.facts.baselines if baseline.loss > 0]


def _drawn(material: Material, run_id: str) -> Drawing:
    """On the same axis of losses for every run, so that the levels can be compared; what lies above is at its top."""
    curves = material.found.record.curves
    own = curves[(curves.run_id == run_id) & (curves.metric == LOSS)]
    high = ROOM * max((baseline.loss for baseline in _levels(material)), default=float(own.value.max()))
    last = int(own.step.max())
    chart = Chart(Axis("training steps", 0, last, whole_numbers(0, last, most=3)), Axis("loss", 0, high, even(high)),
                  width=340, height=230)  # fmt: skip
    for baseline in _levels(material):
        chart.horizontal(baseline.loss, baseline.name)
    chart.line(own.step.to_numpy(), own.value.to_numpy(), ACCENT)
    return chart.drawing("The validation loss of a run through training, with the levels of the baselines")
