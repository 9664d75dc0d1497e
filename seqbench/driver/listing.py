"""What a plan would do, for `dry_run=true`."""

from collections.abc import Set
from typing import TYPE_CHECKING

from seqbench.driver.designs import designs
from seqbench.plan import Plan
from seqbench.terminal import console
from seqbench.wording import listed, plural

if TYPE_CHECKING:
    from seqbench.driver.searches import Searches

#: A plan of more runs is told by its first ones and by their number.
MOST, FIRST = 200, 10


def print_plan(plan: Plan, finished: Set[str]) -> None:
    """The runs of a plan, with a mark on those that are finished."""
    out, jobs = console(), plan.jobs
    listed = jobs if len(jobs) <= MOST else jobs[:FIRST]
    for job in listed:
        mark = "finished" if job.run.fingerprint in finished else "to run"
        out.print(f"{job.run.fingerprint}  {mark:8}  {job.name}", markup=False)
    if len(jobs) > len(listed):
        out.print(f"... and {len(jobs) - len(listed):,} more")
    for model, found in plan.found.items():
        out.print(f"{model}: {found}", markup=False)
    for design in designs(plan):
        out.print(str(design), markup=False)
    done = sum(run.fingerprint in finished for run in plan.runs)
    out.print(f"{plural(len(jobs), 'run')} of {plan.options.name!r}, {done:,} finished, {len(jobs) - done:,} to run")


def print_searches(experiment: str, searches: "Searches") -> None:
    """What would be searched, where each search stands, and what it would run first."""
    from seqbench.horizon.race import MOST_ADDED  # SciPy takes its time, and few plans search

    out = console()
    for one in searches.all:
        first = ", ".join(map(one.in_words, one.proposals(2))) or "nothing"
        out.print(f"{' '.join(one.title)}: {one.standing}; next: {first}", markup=False, soft_wrap=True)
    search, tuning = searches.search, searches.tuning
    steps = "" if search.max_steps is None else f", {search.max_steps:,} training steps"
    out.print(
        f"{plural(len(searches.common), 'search')} of {experiment!r} from {search.over} {search.smallest} to "
        f"{search.largest}, until the interval is narrower than a factor {search.tolerance:g}; each has "
        f"{search.max_runs} runs at most{steps}",
        markup=False,
        soft_wrap=True,
    )
    if tuning:
        rates = listed(f"{rate:g}" for rate in tuning.rates)
        out.print(
            f"beside each, the learning rate is chosen among {rates}, and up to {MOST_ADDED} more beyond an end that "
            f"wins, on {tuning.seeds} seeds from {tuning.first_seed:,}, in at most {search.max_runs} runs{steps}; then "
            "the rate that won is searched, too, if it is not the common one",
            markup=False,
            soft_wrap=True,
        )
