"""What a person sees while a sweep runs: a live display on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from seqbench.events import TRAIN_LOSS, Event, Failed, Finished, Metrics, Retried, Silent, Started
from seqbench.plan import Job, RunSpec
from seqbench.wording import NOT_TRAINED, plural

if TYPE_CHECKING:
    from seqbench.driver.searches import Searches

Show = Callable[[Job, Event], None]


@contextmanager
def progress(
    pending: Sequence[Job],
    done: int,
    console: Console | None = None,
    searches: "Searches | None" = None,
    workers: int = 0,
) -> Iterator[Show]:
    """Gives a function to call with every event; `done` runs of the plan were finished before.

    At once it says what is waited for: the start of so many `workers`. Of `searches` there is no number of runs to
    come; it tells where each stands instead.
    """
    console = console or Console(highlight=False)
    status = Status(pending, done, searches, workers)

    def show(job: Job, event: Event) -> None:
        """Take in an event, and tell where the output is no terminal when a run ends."""
        status.update(job, event)
        if isinstance(event, Silent | Retried):
            console.print(f"{job.name}: {trouble(event)}", markup=False, soft_wrap=True)
        if not console.is_terminal and isinstance(event, Finished | Failed):
            console.print(status.told(job, event), markup=False, soft_wrap=True)

    if not console.is_terminal:
        if status.beginning:
            console.print(status.beginning, markup=False, soft_wrap=True)
        yield show
        return
    with Live(get_renderable=status.render, console=console, refresh_per_second=4, transient=True):
        yield show


def outcome(event: Finished | Failed) -> str:
    """The end of a run in words: "solved after 250 steps (0.5 s)", "not trained (0.1 s)"."""
    if isinstance(event, Failed):
        return f"failed: {event.reason}"
    ended = f"{event.outcome} after {plural(event.steps, 'step')}" if event.steps else NOT_TRAINED
    return f"{ended} ({event.seconds:.1f} s)"


def trouble(event: Silent | Retried) -> str:
    """What may be wrong with a run of which nothing is heard, and what to do; or that it starts over."""
    if isinstance(event, Retried):
        return f"its worker died {event.how}; the run starts over"
    where = f" on {event.machine}" if event.machine else ""
    told = f"nothing heard for {_duration(event.seconds)}; its worker, process {event.process}{where},"
    told += f" is stopped (kill -CONT {event.process} lets it go on)" if event.stopped else " may hang"
    if event.ended_after is not None:
        return f"{told}; it is ended after {_duration(event.ended_after)}"
    return told if event.stopped else f"{told} (executor.ended_after=SECONDS ends such workers)"


class Status:
    """Where a sweep stands."""

    def __init__(self, pending: Sequence[Job], done: int, searches: "Searches | None" = None, workers: int = 0) -> None:
        self.searches = searches
        self.beginning = _beginning(len(pending), searches, workers)
        self.done, self.failed, self.total = done, 0, done + len(pending)
        self.work_left = sum(_work(job.run) for job in pending)
        self.work_done, self.began = 0.0, 0.0
        self.live: dict[str, tuple[Job, int, float]] = {}

    def update(self, job: Job, event: Event) -> None:
        """Take in one event."""
        run, self.beginning = job.run, ""
        match event:
            case Started():
                self.began = self.began or time.monotonic()  # not while the workers are starting
                self.live[run.fingerprint] = (job, 0, float("nan"))
            case Metrics(step, values) if TRAIN_LOSS in values:
                self.live[run.fingerprint] = (job, step, values[TRAIN_LOSS])
            case Finished() | Failed():
                self.live.pop(run.fingerprint, None)
                self.work_left -= _work(run)
                self.work_done += _work(run)
                self.done += isinstance(event, Finished)
                self.failed += isinstance(event, Failed)

    def told(self, job: Job, event: Finished | Failed) -> str:
        """The end of a run in a line, with how many there are by now: "[3/8] s0 lstm gap=5 copy: solved ..."."""
        of_all = "" if self.searches else f"/{self.total}"
        standing = f"; {self.searches.of(job).standing}" if self.searches else ""
        return f"[{self.done + self.failed}{of_all}] {job.name}: {outcome(event)}{standing}"

    def seconds_left(self) -> float | None:
        """Extrapolated from the work so far, that of the live runs included; None before there is any."""
        live = sum(_work(job.run) * step / max(job.run.training.max_steps, 1) for job, step, _ in self.live.values())
        if not (self.began and self.work_done + live):
            return None
        return (time.monotonic() - self.began) / (self.work_done + live) * (self.work_left - live)

    def render(self) -> Group:
        """How much is done and left, then a line for each run that is going on; at first what is waited for."""
        if self.searches is not None:
            return Group(self._standings(self.searches), self.beginning or self._live_runs())
        if self.beginning:
            return Group(self.beginning)
        left = self.seconds_left()
        counts = f" {self.done} of {self.total} done, {len(self.live)} running, {self.failed} failed"
        time_left = "" if left is None else f", about {_duration(left)} left"
        bar = ProgressBar(total=max(self.total, 1), completed=self.done + self.failed, width=40)
        head = Table.grid()
        head.add_row(bar, Text(counts + time_left))
        return Group(head, self._live_runs())

    @staticmethod
    def _standings(searches: "Searches") -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("task", "arm", "under way", "horizon"):
            table.add_column(name, justify="right" if name == "under way" else "left")
        for one in searches.all:
            table.add_row(*one.title, str(len(one.pending)), Text(one.standing))
        return table

    def _live_runs(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("task", "arm"):
            table.add_column(name)
        for name in ("gap", "seed", "step", "loss"):
            table.add_column(name, justify="right")
        for job, step, loss in self.live.values():
            run, budget = job.run, job.run.training.max_steps
            numbers = (
                str(run.gap),
                str(run.seed),
                f"{step:,}/{budget:,}",
                f"{loss:.4f}" if loss == loss else "",
            )
            table.add_row(run.task.name, " ".join(filter(None, (run.model.label, job.apart))), *numbers)
        return table


def _beginning(pending: int, searches: "Searches | None", workers: int) -> str:
    """What is waited for before the first event: "starting 2 workers, 120 runs to do"; empty if nothing is to come."""
    if searches is not None:
        return f"starting {plural(workers, 'worker')}" if workers and not searches.over else ""
    parts = [f"starting {plural(min(workers, pending), 'worker')}"] if workers else []
    return ", ".join([*parts, f"{plural(pending, 'run')} to do"]) if pending else ""


def _work(run: RunSpec) -> float:
    """What a run costs at most, up to a factor: steps times time steps."""
    return run.training.max_steps * (float(run.gap or 0) + 10)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
