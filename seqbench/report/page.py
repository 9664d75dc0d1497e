"""The report as one HTML page that needs nothing but itself."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import answers, faster, leaderboard
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables
from seqbench.analysis.findings import Findings
from seqbench.report import agreement, failures, headline, manifest, next_word, settings, typeset
from seqbench.report.figures.plot import Plot
from seqbench.statistics import rates

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_ENVIRONMENT.filters["p"] = faster.p


def page(found: Findings, plots: Sequence[Plot], drawings: Mapping[str, str]) -> str:
    """The whole page with the figures inline, as the SVG elements `drawings` by name: nothing is fetched."""
    record, runs, failed = found.record, found.runs, failures.failures(found.runs)
    grid = leaderboard.of_no_search(runs, found.board)
    markup = _ENVIRONMENT.get_template("page.html").render(
        experiment=record.experiment,
        scope=scope(runs),
        board=[(_horizons(found, task, own), own) for task, own in leaderboard.by_task(found.board)],
        looks=found.looks,
        board_columns=leaderboard.COLUMNS,
        board_note=leaderboard.NOTE,
        answers=headline.answers(found),
        predictions=next_word.predictions(found),
        by_character=settings.by_character(runs),
        agreement=agreement.by_trained_gap(found),
        generalisation=agreement.by_sentence(found),
        gaps=len(tables.with_gap(runs)) > 0,
        plots=[(plot, drawings[plot.name], _width(plot)) for plot in plots],
        drawn={plot.name for plot in plots},
        tasks=[(name, record.tasks[name], settings.about(record.tasks[name])) for name in sorted(record.tasks)],
        arms=settings.arms(runs),
        paces=found.paces,
        level=faster.LEVEL,
        compared=any(task.pairs for task in found.paces),
        seeds_needed=seeds_needed(),
        summary=typeset.rows(found.summary),
        mixed=settings.mixed(runs),
        failed=failed,
        most=failures.MOST_LISTED,
        not_finite=failures.not_finite(runs),
        failed_summary=failures.summary(failed),
        claims=found.claims,
        crashed=_problems(runs[~runs.outcome.isin(tables.RESULTS)]),
        diverged=_problems(runs[runs.outcome == "diverged"]),
        shared=settings.shared(runs),
        versions=manifest.versions(runs),
        revisions=sorted({str(revision) for revision in runs.git_revision.dropna()}),
        missing=len(manifest.plan(grid)["missing"]),  # type: ignore[arg-type]
        num_runs=wording.plural(len(runs), "run"),
        num_finished=wording.count(len(tables.finished(runs))),
        spent=wording.duration(runs.seconds.sum()),
    )
    # A percent sign stays on the line of its number.
    return markup.replace(" %", "\N{NO-BREAK SPACE}%")


def _horizons(found: Findings, task: str, board: list[leaderboard.Entry]) -> str:
    return answers.of_searches(task, board, [pair for pair in found.horizon_pairs if pair.longer.task == task])


def scope(runs: pd.DataFrame) -> str:
    """What was compared, and how much of it there is."""
    done = len(tables.finished(runs))
    arms, tasks = palette.ordered(runs.arm), sorted(set(runs.task))
    budgets = wording.listed(wording.count(budget) for budget in sorted(runs.budget.unique()))
    return (
        f"This report sets {wording.plural(len(arms), 'kind')} of model ({wording.listed(arms)}) to "
        f"{wording.plural(len(tasks), 'task')} ({wording.listed(tasks)}), "
        f"{_gaps(runs)}with "
        f"{wording.plural(runs.seed.nunique(), 'random seed')}. Each run trains for at most {budgets} steps"
        f"{' and stops early when it has solved its task' if _gaps(runs) else ''}. "
        f"{wording.share(done, len(runs))} came to a result."
    )


def _gaps(runs: pd.DataFrame) -> str:
    """Empty where no task has a gap to set."""
    gaps = sorted({int(gap) for gap in tables.with_gap(runs).gap})
    if len(gaps) > tables.MOST_GAPS:
        return f"with {len(gaps)} gaps from {gaps[0]} to {gaps[-1]} steps, and "
    return f"with a gap of {wording.listed(gaps, 'or')} steps, and " if gaps else ""


def seeds_needed() -> int:
    """The fewest seeds that, all successful, can make a gap reliable."""
    return next(n for n in count(1) if rates.wilson_interval(n, n)[0] >= 0.5)


def _width(plot: Plot) -> int:
    """CSS pixels at which the figure's type has its intended size."""
    return round(float(plot.figure.get_size_inches()[0]) * 96)


def _problems(runs: pd.DataFrame) -> list[dict[str, object]]:
    shown = tables.runs_table(runs).assign(steps=lambda frame: frame.steps.map(_steps)).fillna({"reason": ""})
    columns = ["run_name", "task", "arm", "gap", "seed", "status", "steps", "reason", "command"]
    return [dict(run) for run in shown.reindex(columns=columns, fill_value="").to_dict("records")]


def _steps(steps: float) -> str:
    return wording.count(steps) if np.isfinite(steps) else "not known"
