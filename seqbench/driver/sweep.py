"""The story of a sweep: skip what is finished, execute the rest, record it, report.

What takes seconds to import (MLflow, pandas, the report) is imported once it is known to be needed.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config import ConfigError, Fault, load_class
from seqbench.config.given import takes
from seqbench.config.importing import quickly
from seqbench.config.resources import cores
from seqbench.driver import listing
from seqbench.driver.designs import designs
from seqbench.driver.progress import progress
from seqbench.events import Event, Started
from seqbench.executors import interrupts
from seqbench.executors.base import Executor, WorkerLost, faults_of
from seqbench.plan import Job, Plan, RunSpec
from seqbench.record import store
from seqbench.record.reading import finished_runs, is_deleted
from seqbench.record.writer import Tracker
from seqbench.terminal import say
from seqbench.wording import plural

if TYPE_CHECKING:
    from seqbench.driver.searches import Searches

AFRESH = "name=ANOTHER begins afresh, and rerun=true trains them again"


@takes(plan=(Plan, "a plan, as make_plan gives it"))
def sweep(plan: Plan) -> int:
    """Carry out a plan. Returns 0, or 1 if runs failed or a control is not as expected.

    Raises Unavailable, or ConfigError, before anything is started; KeyboardInterrupt after a signal, when everything
    that was begun is closed.
    """
    options = plan.options
    if options.dry_run:
        return _list(plan)
    if options.reports is not None:
        store.require_writable(Path(options.reports) / options.name)
    with interrupts.only_noted(), Tracker(plan) as tracker:
        if tracker.experiment.restored:
            say(f"the experiment {options.name!r} was deleted in MLflow and comes back with its runs; {AFRESH}")
        if plan.controls and not plan.jobs:
            from seqbench.driver.conclusion import conclude_refused

            return conclude_refused(plan)
        executor = _executor(plan)
        jobs = (_search if plan.horizon else _carry_out)(plan, executor, tracker)
        tracker.leave_one_each(jobs)
        with interrupts.raised():
            with quickly():
                from seqbench.driver.conclusion import conclude, describe, findings_of

            found = findings_of(plan, tracker)
        describe(plan, tracker, found)
    return conclude(plan, jobs, found, executor if tracker.changed else None)


def _carry_out(plan: Plan, executor: Executor, tracker: Tracker) -> Sequence[Job]:
    """The jobs of a plan, of which those that are not finished are done."""
    finished = set() if plan.options.rerun else tracker.finished(plan.runs)
    pending = [job for job in plan.jobs if job.run.fingerprint not in finished]
    for design in designs(plan) if pending else ():
        if design.shows_nothing:
            say(str(design))
    with progress(pending, done=len(finished), workers=executor.workers) as show:
        if pending:
            _begin(executor, tracker, _on_trust(plan, pending), [job.run for job in pending])
        if plan.options.rerun:
            tracker.forget(plan.runs)
        for job, event in _events(executor, pending, plan):
            tracker.write(job, event)
            show(job, event)
    return plan.jobs


def _search(plan: Plan, executor: Executor, tracker: Tracker) -> Sequence[Job]:
    """The jobs of the searches, which go from where the record leaves them to their end."""
    from seqbench.driver.searches import Searches

    earlier = _recalled(plan)
    searches = Searches(plan) if plan.options.rerun else earlier
    with progress((), done=len(searches.jobs), searches=searches, workers=executor.workers) as show:
        if not searches.over:
            _begin(executor, tracker, plan.on_trust, [one.first.run for one in searches.all])
        if plan.options.rerun:
            tracker.forget(job.run for job in earlier.jobs)
        tracker.adopt(searches.settings, searches.jobs, searches.tuned)
        for job, event in _events(executor, searches, plan):
            tracker.write(job, event)
            if searches.update(job, event):
                tracker.adopt(searches.settings, searches.jobs)
            show(job, event)
    return searches.jobs


def _events(executor: Executor, jobs: Iterable[Job | None], plan: Plan) -> Iterator[tuple[Job, Event]]:
    """Those of all runs; after a signal, everything that the executor started is ended."""
    with closing(executor.execute(jobs)) as events:  # type: ignore[type-var]  # every one is a generator
        for job, event in events:
            yield job, event
            interrupts.check()
            if executor.workers and isinstance(event, Started):
                _import_for_report(plan)


def _import_for_report(plan: Plan) -> None:
    """While the workers train."""
    if plan.options.reports is not None and "seqbench.report.page" not in sys.modules:
        with interrupts.raised():
            import scipy.optimize  # noqa: F401  # which a report of one run need not take

            from seqbench import report

            report.load()


def _begin(executor: Executor, tracker: Tracker, on_trust: Sequence[RunSpec], runs: Sequence[RunSpec]) -> None:
    """Make ready for these runs. What was planned on trust is tried before anything is written."""
    executor.prepare()
    with interrupts.raised(), quickly():  # while the workers import torch
        store.load_client()
        import seqbench.driver.conclusion  # noqa: F401
    if on_trust and (faults := _found_by(executor, on_trust)):
        raise ConfigError(faults)
    executor.ready(runs)
    tracker.workers = executor.workers
    tracker.connect()


def _found_by(executor: Executor, on_trust: Sequence[RunSpec]) -> list[Fault]:
    """What is wrong with these runs, tried where runs are carried out."""
    try:
        return executor.elsewhere(faults_of, on_trust)
    except WorkerLost as error:
        pairs = dict.fromkeys(f"task={run.task.name} model={run.model.name}" for run in on_trust)
        return [Fault(", ".join(pairs), str(error))]


def _on_trust(plan: Plan, pending: Sequence[Job]) -> list[RunSpec]:
    """Those of a plan's runs on trust that stand for something that is to be run."""
    needed = {_kind(job.run) for job in pending}
    return [run for run in plan.on_trust if _kind(run) in needed]


def _kind(run: RunSpec) -> str:
    return repr((run.task, run.model, run.device))


def _executor(plan: Plan) -> Executor:
    from seqbench.executors.processes import Processes

    executor: Executor = load_class(plan.executor.target, Executor)(**plan.executor.settings)
    if isinstance(executor, Processes) and executor.workers > (most := cores()):
        say(f"{plural(executor.workers, 'worker')} will share {plural(most, 'core')}, and not be faster for it")
    return executor


def _recalled(plan: Plan) -> "Searches":
    """The searches with what the record knows: finished runs of the experiment, whoever asked for them."""
    from seqbench.analysis import entries
    from seqbench.driver.cell_runs import Told
    from seqbench.driver.searches import Searches
    from seqbench.record import results

    searches = Searches(plan)
    try:
        runs = results.load_runs(plan.options.name, tuning=True)
    except store.NoSuchExperiment:
        return searches
    done = runs[runs.status == "FINISHED"].rename(columns={"training.learning_rate": "rate"})
    searches.recall(
        Told(
            run.plain_task,
            run.plain_arm,
            run.fingerprint,
            float(run.rate),
            outcome,
            bool(run.tuning and not run.search),
        )
        for run, outcome in zip(done.itertuples(), entries.outcomes(done, searches.search.over), strict=True)
    )
    return searches


def _list(plan: Plan) -> int:
    """What would be run, and what of it is finished; nothing is created."""
    if is_deleted(plan.options.name):
        say(
            f"the experiment {plan.options.name!r} is deleted in MLflow; a sweep brings it back with its runs; {AFRESH}"
        )
    if plan.horizon:
        listing.print_searches(plan.options.name, _recalled(plan))
    else:
        listing.print_plan(plan, finished_runs(plan.options.name))
    return 0
