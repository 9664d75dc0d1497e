"""How batches of runs are sent to the workers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from seqbench.executors.cluster.batch import Batch
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.versions import versions
from seqbench.executors.cluster.work import carry_out
from seqbench.plan import Job

#: Ray starts nothing again, and what tells of a run comes while the run goes on.
_OPTIONS = {"num_cpus": 1, "max_retries": 0, "num_returns": "streaming"}


class Post:
    """To whatever machine has room.

    `luggage` is what all runs need together: every foreign class has it, as it had when the machines were asked.
    """

    def __init__(self, luggage: Luggage | None) -> None:
        self.luggage = luggage

    def sent(self, jobs: Sequence[Job]) -> Batch:
        """A batch that some machine will carry out."""
        runs, foreign = [job.run for job in jobs], jobs[0].is_foreign
        work = self._last if foreign else self._work
        luggage = self._luggage if foreign and self.luggage else Luggage.of(runs)
        return Batch(jobs, work.remote(runs, luggage, versions()))

    @cached_property
    def _work(self) -> Any:
        import ray

        return ray.remote(**_OPTIONS)(carry_out)

    @cached_property
    def _last(self) -> Any:
        """The same, as the last of its worker."""
        import ray

        return ray.remote(**_OPTIONS, max_calls=1)(carry_out)

    @cached_property
    def _luggage(self) -> Any:
        """Where the workers find it; it travels to each machine once."""
        import ray

        return ray.put(self.luggage)
