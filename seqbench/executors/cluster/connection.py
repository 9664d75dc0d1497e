"""The cluster that runs are carried out on: one that is running, or one of this machine alone that ends with it."""

import atexit
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from seqbench.config.importing import quickly
from seqbench.executors.cluster.address import found, refused, require_form
from seqbench.executors.cluster.aside import Aside
from seqbench.executors.cluster.census import Census

#: Before Ray is imported: it asks nobody on the network, gives workers the priority of the driver, hides no card,
#: and has workers import torch before there is a run.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_preload_python_modules": "seqbench.executors.preloaded",
}
#: Of a cluster of this machine alone, bytes for what is on its way to the driver.
STORE = 100_000_000
#: Seconds that an address has to answer, that Ray has to start here, and that it has to end.
PATIENCE, STARTING, ENDING = 15.0, 120.0, 10.0


class Connection:
    """With the cluster at an address, "auto" for that of this machine; without one, Ray is started for `workers`.

    Raises ConfigError where that is no address.
    """

    def __init__(self, address: str | None, workers: int) -> None:
        if address is not None:
            require_form(address)
        self.address, self.workers = address, workers
        self.census: Census | None = None
        """Once it is open."""
        self._is_ours, self._ray = False, cast(Aside, None)

    def open(self) -> Census:
        """Connect, unless this process is connected. Raises ConfigError where that cannot be."""
        if self.census:
            return self.census
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        with quickly():
            import ray
        limit = PATIENCE if self.address else STARTING
        self._ray, self._is_ours = Aside(), not ray.is_initialized()
        try:
            if self._is_ours:
                with _unheard():
                    self._ray.call(self._join if self.address else self._start, limit)
            self.census = Census(self._ray, self.address or "", limit)
            return self.census
        except TimeoutError as error:
            self._give_up()
            raise refused(self.address, self._late()) from error
        except BaseException:
            self._give_up()
            raise

    def _join(self) -> None:
        self._init(address=found(str(self.address)))

    def _start(self) -> None:
        self._init(address="local", num_cpus=self.workers, include_dashboard=False, object_store_memory=STORE)

    def _init(self, **options: Any) -> None:
        import ray
        from ray._private import worker

        # It would write paragraphs about workers that died, which the driver tells in a line.
        worker.listen_error_messages = lambda *_: None
        try:
            ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:
            raise refused(self.address, str(error)) from error

    def _late(self) -> str:
        if self.address:
            return f"no Ray cluster answers there within {PATIENCE:g} s"
        return f"Ray has not started within {STARTING:g} s"

    def close(self) -> None:
        """Disconnect, and end Ray if it was started here, as far as that is possible."""
        import ray

        if self.census and not self.census.is_lost and self._is_ours:
            with suppress(TimeoutError):
                self._ray.call(ray.shutdown, ENDING, look=lambda: None)
                self._is_ours = False
        if self.census:
            self._give_up()

    def _give_up(self) -> None:
        """What has begun ends as soon as it comes back; nobody waits for that, nor at the end of the process."""
        import ray

        if self._is_ours:
            atexit.unregister(ray.shutdown)
            self._ray.later(ray.shutdown)
        self._ray.end()
        self.census = None


@contextmanager
def _unheard() -> Iterator[None]:
    """Ray's compiled part writes to standard error itself, whatever level is set."""
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    with ExitStack() as stack, Path(os.devnull).open("wb") as nowhere:
        with suppress(OSError):  # where there is no standard error
            kept = os.dup(2)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, 2)
            os.dup2(nowhere.fileno(), 2)
        yield
