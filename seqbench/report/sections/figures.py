"""The figures with their captions, by the question that they answer, and which were left out."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from seqbench import wording
from seqbench.analysis import leaderboard, vanishing
from seqbench.analysis.findings import Findings
from seqbench.analysis.reach import verdicts
from seqbench.report import about, figures
from seqbench.report.drawn import Drawn
from seqbench.report.figures.plot import Plot


class Group(NamedTuple):
    """Figures that answer one question; `sentences` say what the record has of it, with the figure of each."""

    id: str
    title: str
    sentences: list[tuple[str, str]]
    shown: list[Plot]
    folded: list[Plot]
    elsewhere: list[Plot]

    @property
    def filled(self) -> bool:
        """Whether there is anything in it: what is asked may be told without a figure, and why in words of its own."""
        standing = self.title == figures.WHY and self.elsewhere
        return bool(self.sentences or self.shown or self.folded or standing)


def values(found: Findings, drawn: Drawn) -> dict[str, object]:
    """The groups that have figures; the section stands also where there is none, and says so."""
    present = {figures.ASKED, *(plot.group for plot in (*drawn.plots, *drawn.elsewhere))}
    titles = [title for title in (*figures.GROUPS, figures.OWN) if title in present]
    groups = [_group(found, drawn, title) for title in titles]
    return {
        "groups": [group for group in groups if group.filled],
        "elsewhere": [plot for group in groups for plot in group.elsewhere],
        "empty": found.done.empty,
        "left_out": drawn.left_out,
        "why": figures.WHY,
    }


def _group(found: Findings, drawn: Drawn, title: str) -> Group:
    """Without the figure that the page begins with."""
    own = [plot for plot in drawn.ordered if plot.group == title and plot.name != drawn.first]
    shown, folded = ([plot for plot in own if plot.secondary == secondary] for secondary in (False, True))
    elsewhere = [plot for plot in drawn.elsewhere if plot.group == title]
    evidence = next((plot.name for plot in drawn.ordered if plot.group == title), "")
    id = title.lower().replace(" ", "-").replace("'", "")
    said = [(sentence, evidence) for sentence in _SAID[title](found)]
    if title == figures.WHY and (told := verdicts(found.correlations)):
        said.append((told, "decay_and_reach"))
    return Group(id, title, said, shown, folded, elsewhere)


def _asked(found: Findings) -> list[str]:
    asked = [(task, about.task(found, task)) for task in sorted(found.record.tasks)]
    criteria: dict[str, list[str]] = {}
    for task, facts in sorted(found.record.tasks.items()):
        criteria.setdefault(facts.criterion, []).append(wording.arm(task))
    told = [f"{criterion} on {wording.listed(tasks)}" for criterion, tasks in criteria.items()]
    solved = (
        [f"A run has solved its task with {'; '.join(told)}."]
        if not found.untrained and (found.runs.gap > 0).any()
        else []
    )
    return [*(f"{task}: {sentence}." for task, sentence in asked if sentence), *solved]


def _far(found: Findings) -> list[str]:
    solved, axis = found.done[found.done.outcome == "solved"], leaderboard.axes(found.board)[0]
    places, name = found.done[axis.name][found.done.gap > 0], axis.name
    if places.empty:
        return []
    told = f"{wording.share(len(solved), len(found.done))} solved the task"
    if places.nunique() == 1:
        return [f"{told} at {name} {places.min()}."]
    most = f"; the {axis.most} {name} that any run solved is {solved[name].max()}" if len(solved) else ""
    return [f"{told}, of {name}s from {places.min()} to {places.max()}{most}."]


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
