"""The story of a sweep: skip what is finished, execute the rest, record it, report."""

from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.analysis import controls, leaderboard
from seqbench.config import load_class
from seqbench.driver import summary
from seqbench.driver.progress import progress
from seqbench.driver.searches import Searches
from seqbench.executors.base import Executor
from seqbench.horizon.estimate import Outcome
from seqbench.plan import Plan
from seqbench.record import results, store
from seqbench.record.values import Refusal
from seqbench.record.writer import Tracker
from seqbench.terminal import say

if TYPE_CHECKING:
    import pandas as pd


def sweep(plan: Plan) -> int:
    """Carry out a plan. Returns 0, or 1 if runs failed or a control is not as expected.

    Raises Unavailable before anything is started.
    """
    options = plan.options
    if options.dry_run:
        return _list_searches(plan) if plan.horizon else _list_runs(plan)
    if options.reports is not None:
        store.require_writable(Path(options.reports))
    with Tracker(plan) as tracker:
        anything_new = _search(plan, tracker) if plan.horizon else _carry_out(plan, tracker)
        runs = results.load_runs(options.name)
        board = leaderboard.entries(runs, Searches(plan).settings) if plan.horizon else []
        if board:
            tracker.describe(leaderboard.markdown(board), leaderboard.HEADER)
    return _conclude(plan, runs, board, anything_new)


def _carry_out(plan: Plan, tracker: Tracker) -> bool:
    """The runs that are not finished. Returns whether there were any."""
    if plan.options.rerun:
        tracker.forget(plan.runs)
    finished = tracker.finished(plan.runs)
    pending = [run for run in plan.runs if run.fingerprint not in finished]
    with progress(pending, done=len(finished)) as show:
        for run, event in _executor(plan).execute(pending):
            tracker.write(run, event)
            show(run, event)
    return bool(pending)


def _search(plan: Plan, tracker: Tracker) -> bool:
    """The searches, from where the record leaves them to their end. Returns whether anything was run."""
    searches = _recalled(plan)
    if plan.options.rerun:
        tracker.forget(searches.runs)
        plan.commands.clear()
        plan.searches.clear()
        searches = Searches(plan)
    tracker.adopt(searches.settings)
    before = len(plan.commands)
    with progress((), done=before, searches=searches) as show:
        for run, event in _executor(plan).execute(searches):
            tracker.write(run, event)
            searches.update(run, event)
            show(run, event)
    return len(plan.commands) > before


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


def _runs(experiment: str) -> "pd.DataFrame":
    """Its runs as they are recorded; an empty frame without any."""
    import pandas as pd

    try:
        return results.load_runs(experiment)
    except results.NoSuchExperiment:
        return pd.DataFrame()


def _list_searches(plan: Plan) -> int:
    """What would be searched, and what would be run first; nothing is created."""
    summary.print_searches(_recalled(plan))
    return 0


def _list_runs(plan: Plan) -> int:
    """The runs of a plan and which of them are finished; nothing is created."""
    runs = _runs(plan.options.name)
    summary.print_plan(plan, set(runs.fingerprint[runs.status == "FINISHED"]) if len(runs) else set())
    return 0


def _conclude(plan: Plan, runs: "pd.DataFrame", board: list[leaderboard.Entry], anything_new: bool) -> int:
    """Tables and report, made from the record alone."""
    planned = runs[runs.fingerprint.isin(list(plan.commands))]
    if plan.horizon:
        summary.print_leaderboard(board)
        failed = summary.print_failed(planned)
    else:
        failed = summary.print_outcome(planned)
    if plan.controls:
        refused = [Refusal(c.requirement, c.control, c.refusal) for c in plan.controls if c.expected == "refused"]
        failed += summary.print_controls(controls.verdicts(planned, refused))
    if plan.options.reports is not None:
        folder = Path(plan.options.reports) / plan.options.name
        say(f"report: {_report(plan.options.name, folder, runs, anything_new)}")
    return 1 if failed else 0


def _report(experiment: str, folder: Path, runs: "pd.DataFrame", anything_new: bool) -> Path:
    """The page of the experiment, written again only if the record has changed since."""
    from seqbench.report import page_of, write_report  # matplotlib takes a second
    from seqbench.report.traces import traces

    page = page_of(folder, runs.run_id)
    if page and not anything_new:
        return page
    record = results.load(experiment)
    return write_report(record, folder, traces(record))
