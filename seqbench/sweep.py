"""The story of a sweep: skip what is finished, execute the rest, record it, report."""

from pathlib import Path
from typing import TYPE_CHECKING

from seqbench import results, store, summary
from seqbench.config import load_class
from seqbench.executors.base import Executor
from seqbench.plan import Plan
from seqbench.progress import progress
from seqbench.tracking import Tracker

if TYPE_CHECKING:
    import pandas as pd


def sweep(plan: Plan) -> int:
    """Carry out a plan. Returns 0, or 1 if runs failed or a control is not as expected.

    Raises Unavailable before anything is started.
    """
    options = plan.options
    if options.dry_run:
        return _list_runs(plan)
    if options.reports is not None:
        store.require_writable(Path(options.reports))
    with Tracker(plan) as tracker:
        if options.rerun:
            tracker.forget(plan.runs)
        finished = tracker.finished(plan.runs)
        pending = [run for run in plan.runs if run.fingerprint not in finished]
        executor: Executor = load_class(plan.executor.target, Executor)(**plan.executor.settings)
        with progress(pending, done=len(finished)) as show:
            for run, event in executor.execute(pending):
                tracker.write(run, event)
                show(run, event)
    return _conclude(plan, anything_new=bool(pending))


def _list_runs(plan: Plan) -> int:
    """The runs of a plan and which of them are finished; nothing is created."""
    try:
        runs = results.load_runs(plan.options.name)
        finished = set(runs.fingerprint[runs.status == "FINISHED"])
    except results.NoSuchExperiment:
        finished = set()
    summary.print_plan(plan, finished)
    return 0


def _conclude(plan: Plan, anything_new: bool) -> int:
    """Tables and report, made from the record alone."""
    runs = results.load_runs(plan.options.name)
    planned = runs[runs.fingerprint.isin([run.fingerprint for run in plan.runs])]
    failed = summary.print_outcome(planned)
    if plan.controls:
        failed += summary.print_controls(plan.controls, planned)
    if plan.options.reports is not None:
        folder = Path(plan.options.reports) / plan.options.name
        summary.say(f"report: {_report(plan.options.name, folder, runs, anything_new)}")
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
