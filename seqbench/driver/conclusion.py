"""How a sweep ends: tables on the terminal and the report, made from the record alone."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seqbench.analysis import answers, controls, entries, leaderboard, outcomes
from seqbench.analysis.findings import Findings, findings
from seqbench.driver import summary
from seqbench.executors.base import Executor, WorkerLost
from seqbench.plan import Job, Plan
from seqbench.record import results, store
from seqbench.record.values import Refusal
from seqbench.record.writer import Tracker
from seqbench.report.on_disk import PAGE
from seqbench.terminal import say

if TYPE_CHECKING:
    from seqbench.trace.values import Trace


def findings_of(plan: Plan, tracker: Tracker) -> Findings:
    """What the record says; its points are read only if a report is to be made of them."""
    points = tracker.changed and plan.options.reports is not None
    return findings(results.load(plan.options.name, points=points))


def describe(plan: Plan, tracker: Tracker, found: Findings) -> None:
    """Put what the record answers, with the leaderboard of all its searches, and the place of the report into it."""
    board = [leaderboard.markdown(found.board)] if found.board else []
    page = (
        "" if plan.options.reports is None else store.beside((_folder(plan) / PAGE).resolve(), tracker.experiment.uri)
    )
    tracker.experiment.describe("\n\n".join([*answers.told(found), *board]), page)


def _folder(plan: Plan) -> Path:
    return Path(str(plan.options.reports)) / plan.options.name


def _board(found: Findings, jobs: Iterable[Job]) -> list[entries.Entry]:
    """The leaderboard of the searches that these jobs belong to: the experiment may hold others."""
    own = {job.search for job in jobs}
    return [entry for entry in found.board if own & entry.search_ids]


def conclude_refused(plan: Plan) -> int:
    """Where all controls were refused as claimed, or should have been: no run tells of them, and there is no report."""
    refused = [Refusal(one.requirement, one.control, one.refusal) for one in plan.controls]
    return 1 if summary.print_controls(controls.verdicts(pd.DataFrame(), refused)) else 0


def conclude(plan: Plan, jobs: Iterable[Job], found: Findings, executor: Executor | None) -> int:
    """Tables and report, made from the record alone; `executor` is what changed it, if anything did."""
    recorded = pd.concat([found.runs, found.record.tuning_runs])
    planned = recorded[recorded.fingerprint.isin([job.run.fingerprint for job in jobs])]
    if plan.horizon:
        summary.print_leaderboard(_board(found, jobs))
        summary.print_tuned([one for one in found.tuned if set(one.runs.fingerprint) & set(planned.fingerprint)])
        failed = summary.print_failed(planned)
    else:
        failed = summary.print_outcome(planned)
    for warning in outcomes.warnings(planned):
        say(warning)
    if plan.controls:
        failed += summary.print_controls(controls.verdicts(planned, found.record.refusals))
    if plan.options.reports is not None:
        folder = _folder(plan)
        say(f"report: {_report(plan, found, folder, executor)}")
        if len(planned) > 1 and _saved(planned).any():
            say(f"look into a run: python -m seqbench.trace run=ID, with a run_id of {folder / 'runs.csv'}")
    return 1 if failed else 0


def _saved(runs: pd.DataFrame) -> "pd.Series[bool]":
    """Which runs the record has a model of: it is saved from the first validation on."""
    asked = runs["training.save_model"].astype(str) == "True"
    return asked & (runs.steps >= runs["training.validate_every"].astype(int))


def _report(plan: Plan, found: Findings, folder: Path, executor: Executor | None) -> Path:
    """The page of the experiment, written again only if the record has changed since."""
    from seqbench.report import page_of, write_report  # matplotlib takes a second
    from seqbench.report.traces import traces

    own_figures = plan.config_dir and plan.config_dir / "figures"
    page = page_of(folder, found.runs.run_id)
    if page and not executor and not (own_figures and own_figures.is_dir()):
        return page
    if not executor:  # the record was read without its points
        return _with_own_looks(plan, folder, own_figures)
    looks: Mapping[str, Trace] = {}
    with suppress(WorkerLost):  # a report without looks into models is still one
        looks = traces(found, executor.elsewhere)
    return write_report(found, folder, looks, own_figures)


def _with_own_looks(plan: Plan, folder: Path, own_figures: Path | None) -> Path:
    """The report, by a process that has started no workers."""
    from seqbench.report import write_report
    from seqbench.report.traces import Looks

    with Looks() as looks:
        record = results.load(plan.options.name)
        found = findings(record)
        return write_report(found, folder, looks.of(found), own_figures)
