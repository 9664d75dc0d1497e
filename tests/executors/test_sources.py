"""A source that makes up its jobs as it goes is asked for one whenever a worker is free."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import scripted
from recording import job_of

from seqbench.events import Event, Finished
from seqbench.executors import processes, serial
from seqbench.executors.processes import Processes
from seqbench.executors.serial import Serial
from seqbench.plan import Job


class Script:
    """A source of runs that is asked for more, and counts how many are under way."""

    def __init__(self, notes: Path, number: int, at_once: int) -> None:
        self.notes, self.left, self.at_once = notes, number, at_once
        self.under_way, self.most = 0, 0

    def __iter__(self) -> Iterator[Job | None]:
        while self.left or self.under_way:
            if not self.left or self.under_way == self.at_once:
                yield None
                continue
            self.left -= 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            yield job_of(scripted.scripted(self.left, deaths=self.left == 1, notes=self.notes))

    def update(self, event: Event) -> None:
        self.under_way -= isinstance(event, Finished)


@pytest.mark.parametrize(("workers", "at_once", "most"), [(2, 5, 2), (3, 2, 2), (1, 1, 1)])
def test_a_source_is_asked_when_a_worker_is_free_and_dead_workers_are_replaced(
    workers, at_once, most, tmp_path, monkeypatch
):
    monkeypatch.setattr(processes, "_work", scripted.work)
    source, ended = Script(tmp_path, 7, at_once), []
    for job, event in Processes(workers=workers).execute(source):
        source.update(event)
        ended += [job.run.seed] * isinstance(event, Finished)
    assert sorted(ended) == list(range(7))
    assert source.most == most
    assert len(scripted.attempts(scripted.scripted(1, notes=tmp_path))) == 2


def test_the_serial_executor_asks_after_each_run(tmp_path, monkeypatch):
    monkeypatch.setattr(serial, "events_of", scripted.events)
    source = Script(tmp_path, 4, 9)
    for _, event in Serial().execute(source):
        source.update(event)
    assert (source.left, source.most) == (0, 1)
