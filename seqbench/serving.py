"""MLflow's own server as a process of a command: it ends with it, and listens on the loopback address alone."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from seqbench.executors import interrupts
from seqbench.executors.at_end import AtEnd
from seqbench.record.store import Unavailable

#: Without MLflow's job workers: two processes instead of nine.
QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
#: By which MLflow's server is told of its database: others on this machine read the words of a command.
DATABASE = "MLFLOW_BACKEND_STORE_URI"


def serve(
    database: str, port: int, workers: int, words: Sequence[str] = (), each_tick: Callable[[], None] = lambda: None
) -> int:
    """Serve until a signal comes, or until the server ends by itself: its exit code."""
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    command = [sys.executable, "-m", "mlflow", "server", *words, *where]
    environment = {**os.environ, **QUIET, DATABASE: database}
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        with AtEnd("kill", "-TERM", f"-{server.pid}"):  # its group: MLflow's own children would outlive it
            while True:
                interrupts.check()
                each_tick()
                with suppress(subprocess.TimeoutExpired):
                    return server.wait(interrupts.TICK)
    finally:
        server.wait()


def require_free(port: int) -> None:
    """Raise Unavailable where something else listens already: MLflow's server would end without a word of it."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unavailable(f"port {port} cannot be used ({reason}): name another with --port") from error
