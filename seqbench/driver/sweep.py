"""The story of a sweep: skip what is finished, execute the rest, record it, report."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd

from seqbench.analysis import controls, leaderboard
from seqbench.analysis.findings import Findings, findings
from seqbench.config import load_class
from seqbench.driver import summary
from seqbench.driver.progress import progress, waiting
from seqbench.driver.searches import Searches
from seqbench.executors.base import Executor
from seqbench.horizon.estimate import Outcome
from seqbench.plan import Job, Plan
from seqbench.record import results, store
from seqbench.record.values import Refusal
from seqbench.record.writer import Tracker
from seqbench.terminal import say


def sweep(plan: Plan) -> int:
    """Carry out a plan. Returns 0, or 1 if runs failed or a control is not as expected.

    Raises Unavailable before anything is started.
    """
    options = plan.options
    if options.dry_run:
        return _list_searches(plan) if plan.horizon else _list_runs(plan)
    if options.reports is not None:
        store.require_writable(Path(options.reports) / options.name)
    tracker, executor = Tracker(plan), _executor(plan)
    if plan.jobs or plan.horizon:
        executor.prepare()
    with _opened(tracker):
        if plan.controls and not plan.jobs:
            return _conclude_refused(plan)
        jobs = (_search if plan.horizon else _carry_out)(plan, executor, tracker)
        found = findings(results.load(options.name, points=tracker.changed and options.reports is not None))
        if board := _board(found, jobs):
            tracker.describe(leaderboard.markdown(board), leaderboard.HEADER)
    return _conclude(plan, jobs, found, tracker.changed)


@contextmanager
def _opened(tracker: Tracker) -> Iterator[None]:
    """With the record open for writing; opening it takes seconds, and a person is told."""
    with ExitStack() as stack:
        with waiting("opening the record"):
            stack.enter_context(tracker)
        yield


def _carry_out(plan: Plan, executor: Executor, tracker: Tracker) -> Sequence[Job]:
    """The jobs of a plan, of which those that are not finished are done."""
    if plan.options.rerun:
        tracker.forget(plan.runs)
    finished = tracker.finished(plan.runs)
    pending = [job for job in plan.jobs if job.run.fingerprint not in finished]
    with progress(pending, done=len(finished), workers=executor.workers) as show:
        for job, event in executor.execute(pending):
            tracker.write(job, event)
            show(job, event)
    return plan.jobs


def _search(plan: Plan, executor: Executor, tracker: Tracker) -> Sequence[Job]:
    """The jobs of the searches, which go from where the record leaves them to their end."""
    searches = _recalled(plan)
    if plan.options.rerun:
        tracker.forget(job.run for job in searches.jobs)
        searches = Searches(plan)
    tracker.adopt(searches.settings, searches.jobs)
    with progress((), done=len(searches.jobs), searches=searches, workers=executor.workers) as show:
        for job, event in executor.execute(searches):
            tracker.write(job, event)
            searches.update(job, event)
            show(job, event)
    return searches.jobs


def _recalled(plan: Plan) -> Searches:
    """The searches with what the record knows: finished runs of the experiment, whoever asked for them."""
    searches = Searches(plan)
    runs = _runs(plan.options.name)
    for run in runs[runs.status == "FINISHED"].itertuples() if len(runs) else ():
        outcome = Outcome(run.gap, run.seed, solved=run.outcome == "solved", steps=int(run.steps))
        searches.recall(run.plain_task, run.plain_arm, run.fingerprint, outcome)
    return searches


def _executor(plan: Plan) -> Executor:
    executor: Executor = load_class(plan.executor.target, Executor)(**plan.executor.settings)
    return executor


def _runs(experiment: str) -> pd.DataFrame:
    """Its runs as they are recorded; an empty frame without any."""
    try:
        return results.load_runs(experiment)
    except results.NoSuchExperiment:
        return pd.DataFrame()


def _list_searches(plan: Plan) -> int:
    """What would be searched, and what would be run first; nothing is created."""
    summary.print_searches(plan.options.name, _recalled(plan))
    return 0


def _list_runs(plan: Plan) -> int:
    """The runs of a plan and which of them are finished; nothing is created."""
    runs = _runs(plan.options.name)
    summary.print_plan(plan, set(runs.fingerprint[runs.status == "FINISHED"]) if len(runs) else set())
    return 0


def _board(found: Findings, jobs: Iterable[Job]) -> list[leaderboard.Entry]:
    """The leaderboard of the searches that these jobs belong to: the experiment may hold others."""
    own = {job.search for job in jobs}
    return [entry for entry in found.board if entry.search_id in own]


def _conclude_refused(plan: Plan) -> int:
    """Where all controls were refused as claimed, or should have been: no run tells of them, and there is no report."""
    refused = [Refusal(one.requirement, one.control, one.refusal) for one in plan.controls]
    return 1 if summary.print_controls(controls.verdicts(pd.DataFrame(), refused)) else 0


def _conclude(plan: Plan, jobs: Iterable[Job], found: Findings, changed: bool) -> int:
    """Tables and report, made from the record alone; `changed`: since the report was written."""
    planned = found.runs[found.runs.fingerprint.isin([job.run.fingerprint for job in jobs])]
    if plan.horizon:
        summary.print_leaderboard(_board(found, jobs))
        failed = summary.print_failed(planned)
    else:
        failed = summary.print_outcome(planned)
    if plan.controls:
        failed += summary.print_controls(controls.verdicts(planned, found.record.refusals))
    if plan.options.reports is not None:
        say(f"report: {_report(plan, found, Path(plan.options.reports) / plan.options.name, changed)}")
    return 1 if failed else 0


def _report(plan: Plan, found: Findings, folder: Path, changed: bool) -> Path:
    """The page of the experiment, written again only if the record has changed since."""
    from seqbench.report import page_of, write_report  # matplotlib takes a second
    from seqbench.report.traces import traces

    own_figures = plan.config_dir and plan.config_dir / "figures"
    page = page_of(folder, found.runs.run_id)
    if page and not changed and not (own_figures and own_figures.is_dir()):
        return page
    whole = found if changed else findings(results.load(plan.options.name))  # unchanged, it was read without its points
    return write_report(whole, folder, traces(whole.record), own_figures)
