"""The cluster that runs are carried out on: one that is running, or one of this machine alone that ends with it."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from seqbench.config import ConfigError, Fault
from seqbench.config.importing import quickly

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
#: How HTTP/2 begins, which Ray speaks: both sides send a frame with their settings first (RFC 9113, section 3.4).
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
#: What is missing where Ray says that it cannot connect, and may not say why.
TOKEN = " (if the cluster asks for a token: export RAY_AUTH_MODE=token)"
#: Seconds that an address has to answer, and between two looks at how large a cluster is.
PATIENCE, REFRESH = 15.0, 1.0


class Connection:
    """With the cluster at an address, "auto" for that of this machine; without one, Ray is started for `workers`."""

    def __init__(self, address: str | None, workers: int) -> None:
        self.address, self.workers = address, workers
        self.is_open = self.is_ours = False
        self._cpus, self._asked = 0, -REFRESH

    def open(self) -> None:
        """Connect, unless this process is connected. Raises ConfigError where that cannot be."""
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        with quickly():
            import ray
        if not ray.is_initialized():
            if self.address and ":" in self.address:
                require_answer(self.address)
            with _handlers_kept():
                self._init()
            self.is_ours = True
        self.is_open = True

    def _init(self) -> None:
        import ray
        from ray._private import worker

        # It would write paragraphs about workers that died, which the driver tells in a line.
        worker.listen_error_messages = lambda *_: None
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        try:
            if self.address:
                ray.init(address=self.address, **quiet)
            else:
                ray.init("local", num_cpus=self.workers, include_dashboard=False, object_store_memory=STORE, **quiet)
        except (Exception, SystemExit) as error:
            problem = " ".join(str(error).split()) + ("" if os.environ.get("RAY_AUTH_MODE") else TOKEN)
            raise ConfigError([Fault(f"executor.address={self.address or 'null'}", problem)]) from error

    @property
    def cpus(self) -> int:
        """Those of the cluster as it is now; machines come and go."""
        import ray

        if time.monotonic() - self._asked > REFRESH:
            self._cpus, self._asked = int(ray.cluster_resources().get("CPU", 0)), time.monotonic()
        return self._cpus

    def close(self) -> None:
        """Disconnect, and end Ray if it was started here."""
        import ray

        if self.is_ours:
            ray.shutdown()
        self.is_open = self.is_ours = False


def require_answer(address: str) -> None:
    """Raises ConfigError unless something like Ray answers at HOST:PORT; Ray itself waits longer, and says more."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE) as server:
            server.sendall(GREETING)
            answer = server.recv(9)
    except (OSError, ValueError, OverflowError) as error:
        raise ConfigError([Fault(f"executor.address={address}", f"no Ray cluster answers there ({error})")]) from error
    if answer[3:4] != SETTINGS[3:4]:
        raise ConfigError([Fault(f"executor.address={address}", "what answers there is no Ray cluster")])


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ray puts a handler of its own in the place of the driver's."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
