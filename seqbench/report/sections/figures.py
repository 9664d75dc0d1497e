"""The figures with their captions, by the question that they answer, and which were left out."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from seqbench import wording
from seqbench.analysis import vanishing
from seqbench.analysis.findings import Findings
from seqbench.report import figures
from seqbench.report.drawn import Drawn
from seqbench.report.figures.plot import Plot


class Group(NamedTuple):
    """Figures that answer one question; `sentences` say what the record has of it, the figure `evidence` shows that."""

    id: str
    title: str
    sentences: list[str]
    shown: list[Plot]
    folded: list[Plot]
    elsewhere: list[Plot]
    evidence: str


def values(found: Findings, drawn: Drawn) -> dict[str, object]:
    """The groups that have figures; the section stands also where there is none, and says so."""
    present = {plot.group for plot in (*drawn.plots, *drawn.elsewhere)}
    titles = [title for title in (*figures.GROUPS, figures.OWN) if title in present]
    groups = [_group(found, drawn, title) for title in titles]
    return {"groups": groups, "empty": found.done.empty, "left_out": drawn.left_out, "why": figures.WHY}


def _group(found: Findings, drawn: Drawn, title: str) -> Group:
    """Without the figure that the page begins with."""
    own = [plot for plot in drawn.ordered if plot.group == title and plot.name != drawn.first]
    shown, folded = ([plot for plot in own if plot.secondary == secondary] for secondary in (False, True))
    elsewhere = [plot for plot in drawn.elsewhere if plot.group == title]
    evidence = next((plot.name for plot in drawn.ordered if plot.group == title), "")
    id = title.lower().replace(" ", "-").replace("'", "")
    return Group(id, title, _SAID[title](found), shown, folded, elsewhere, evidence)


def _asked(found: Findings) -> list[str]:
    told = [f"{facts.criterion} on {task}" for task, facts in sorted(found.record.tasks.items())]
    return [f"A run has solved its task with {'; '.join(told)}."] if (found.runs.gap > 0).any() else []


def _far(found: Findings) -> list[str]:
    solved, gaps = found.done[found.done.outcome == "solved"], found.done.gap[found.done.gap > 0]
    if gaps.empty:
        return []
    told = f"{wording.share(len(solved), len(found.done))} solved the task, of gaps from {gaps.min()} to {gaps.max()}"
    return [f"{told}; the longest gap that any run bridged is {solved.gap.max()}." if len(solved) else f"{told}."]


def _fast(found: Findings) -> list[str]:
    steps = found.of_arms.steps_to_solve[found.of_arms.outcome == "solved"].dropna()
    if steps.empty:
        return []
    least, middle, most = (wording.count(value) for value in np.quantile(steps, [0, 0.5, 1]))
    return [f"The runs that solved their task took {least} to {most} training steps, half of them {middle} or fewer."]


def _inside(_: Findings) -> list[str]:
    return ["Gates and states of trained models, and the gradient that comes back, along one sequence of the test."]


_SAID: Mapping[str, Callable[[Findings], list[str]]] = {
    figures.ASKED: _asked,
    figures.FAR: _far,
    figures.FAST: _fast,
    figures.WHY: vanishing.sentences,
    figures.INSIDE: _inside,
    figures.OWN: lambda _: [],
}
