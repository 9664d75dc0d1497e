"""How batches of runs are sent to the workers, and where to none is sent any more."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from seqbench.config import ConfigError, Fault
from seqbench.executors.cluster.batch import Batch
from seqbench.executors.cluster.census import Census
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.versions import versions
from seqbench.executors.cluster.work import carry_out
from seqbench.plan import Job

#: Ray starts nothing again, and what tells of a run comes while the run goes on.
_OPTIONS = {"num_cpus": 1, "max_retries": 0, "num_returns": "streaming"}
#: What Ray calls a machine by itself.
_NODE = "ray.io/node-id"


class Post:
    """To the machines of a census.

    `luggage` is what all runs need together: every foreign class has it, as it had when the machines were asked.
    """

    def __init__(self, census: Census, luggage: Luggage | None) -> None:
        self.census, self.luggage = census, luggage

    def sent(self, jobs: Sequence[Job]) -> Batch:
        """A batch that some machine will carry out."""
        runs, avoided = [job.run for job in jobs], frozenset(self.census.avoided)
        elsewhere = {"label_selector": {_NODE: f"!in({','.join(sorted(avoided))})"}} if avoided else {}
        foreign = jobs[0].is_foreign
        work = (self._last if foreign else self._work).options(**elsewhere)
        luggage = self._luggage if foreign and self.luggage else Luggage.of(runs)
        return Batch(jobs, work.remote(runs, luggage, versions()), avoided)

    def note(self, batch: Batch) -> None:
        """Send no more to a machine that has refused. Raises ConfigError if it was sent to one all the same."""
        if refused := batch.refused:
            told = f"{refused.machine}, which {refused.told}"
            if refused.node in batch.avoided:
                raise ConfigError([Fault("executor: the machine", told)])
            self.census.avoid(refused.node, told)

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
