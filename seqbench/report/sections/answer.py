"""The first screen: the answer in two sentences, how far each arm got, and the figure that shows it."""

from typing import NamedTuple

from seqbench import wording
from seqbench.analysis import arriving, entries, headline, holds, leaderboard
from seqbench.analysis.findings import Findings
from seqbench.horizon.axis import Axis
from seqbench.report.drawn import Drawn
from seqbench.report.sections import next_word

GRADIENT = "The gradient that reaches the evidence before training, relative to the question: the median over runs"


class Cell(NamedTuple):
    """How far an arm got on a task, or its gradient, and on a grid how many of its runs solved each gap.

    `task` is that of its runs; several stand between bars.
    """

    task: str
    reach: str
    tallies: str = ""


class Reaches(NamedTuple):
    """A row per arm, a cell per task, None where the arm was not tried."""

    tasks: list[str]
    rows: dict[str, list[Cell | None]]


def values(found: Findings, drawn: Drawn) -> dict[str, object]:
    """The sentences with the figure of each, the table where tasks have gaps, and the name of the first figure."""
    return {
        "sentences": [
            *((told, drawn.first) for told in sentences(found)),
            *((told, "hold") for told in of_hold(found)),
        ],
        "table": table(found),
        "caption": _caption(found),
        "figure": drawn.first,
        "claims": found.claims,
    }


def _caption(found: Findings) -> str:
    if found.untrained:
        rows = arriving.table(found.summary)
        stepless = arriving.stepless(rows)
        return f"{GRADIENT}{arriving.Where(rows).in_short}{f' ({stepless})' if stepless else ''}"
    far = wording.joined(*map(_farthest, leaderboard.axes(found.board)))
    return f"{far}{'' if found.board else '; beside it, the runs solved at each gap, the shortest first'}"


def _farthest(axis: Axis) -> str:
    return (
        f"{axis.most.capitalize()} {axis.name}: that which half of the runs {axis.bridged} ({axis.half}), with the "
        "95 % interval that so few runs leave"
    )


def sentences(found: Findings) -> list[str]:
    """Of controls, whether they came out as claimed; of tasks with gaps, how far; of texts, how well."""
    if found.claims:
        return of_claims(found)
    if (found.runs.gap > 0).any():
        return headline.of_gaps(found)
    return next_word.headline(found)


def of_hold(found: Findings) -> list[str]:
    """How far beyond the gap of training: of tasks with gaps, where nothing was claimed."""
    return [] if found.claims else holds.sentences(found.hold)


def of_claims(found: Findings) -> list[str]:
    """How many controls came out as stated beforehand, and which did not."""
    against = [f"{claim.control} ({claim.requirement})" for claim in found.claims if not claim.as_expected]
    number = f"{len(found.claims) - len(against)} of {wording.plural(len(found.claims), 'claim')}"
    return [
        f"{number} about controls came out as stated before the runs.",
        f"Against what was claimed: {wording.listed(against)}." if against else "None came out against it.",
    ]


def table(found: Findings) -> Reaches | None:
    """gap50 with its interval, by search where there was one; of arms that were not trained, their gradient."""
    of = _of_gradients if found.untrained else _of_searches if found.board else _of_grid
    cells = of(found)
    tasks = sorted({task for task, _ in cells})
    arms = [arm for arm in found.looks if any((task, arm) in cells for task in tasks)]
    return Reaches(tasks, {arm: [cells.get((task, arm)) for task in tasks] for arm in arms}) if cells else None


def _of_gradients(found: Findings) -> dict[tuple[str, str], Cell]:
    return {
        (row.task, row.arm): Cell(row.task, row.found.words, "" if row.compared else f"at gap {row.gap}")
        for row in arriving.table(found.summary)
    }


def _of_searches(found: Findings) -> dict[tuple[str, str], Cell]:
    return {(entry.task, entry.arm): _of_entry(entry) for entry in found.board}


def _of_entry(entry: entries.Entry) -> Cell:
    return Cell(" | ".join(entry.run_tasks), entry.told, wording.plural(entry.found.runs, "run"))


def _of_grid(found: Findings) -> dict[tuple[str, str], Cell]:
    by_cell = found.grid_summary.groupby(["task", "arm"])
    tallies = {key: " ".join(f"{c.solved}/{c.finished}" for c in own.itertuples()) for key, own in by_cell}
    return {(r.task, r.arm): Cell(r.task, r.gap50, tallies[r.task, r.arm]) for r in found.longest.itertuples()}
