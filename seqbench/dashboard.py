"""`python -m seqbench.dashboard`: MLflow's dashboard, small, on the loopback address, without telemetry."""

import argparse
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from seqbench.executors import interrupts
from seqbench.record.addresses import PORT
from seqbench.record.database import address
from seqbench.record.moved import name_files_beside
from seqbench.record.store import Unavailable, database, exists, require, require_known, tracking_uri
from seqbench.terminal import exit_code, without_password
from seqbench.wording import plural

#: Without MLflow's job workers: two processes instead of nine.
QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes: exit code 130, or 3 where there is nothing to serve."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.dashboard", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args(arguments)
    return exit_code(lambda: _serve(tracking_uri(), options.port))


def _serve(uri: str, port: int) -> int:
    """The server's own exit code, where it ends by itself."""
    require(uri)
    require_known(uri)
    _require_free(port)
    if not exists(uri):
        raise Unavailable(f"there is no record yet in {uri}: run an experiment first")
    if moved := name_files_beside(uri):
        print(f"the record was moved or copied: it now names the files beside it, of {plural(moved, 'run')}")
    # MLflow would open on its pages for language-model traces
    page = f"http://127.0.0.1:{port}/#/experiments?workflowType=machine_learning"
    print(without_password(f"dashboard of {uri}: {page} (Ctrl-C ends it)"), flush=True)
    with interrupts.only_noted():
        server = subprocess.Popen(_command(uri, port), env=os.environ | QUIET, start_new_session=True)
        try:
            while True:
                interrupts.check()
                with suppress(subprocess.TimeoutExpired):
                    return server.wait(interrupts.TICK)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)  # MLflow's own child would outlive it
            server.wait()


def _command(uri: str, port: int) -> list[str]:
    file = database(uri)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", address(file) if file else uri]
    return [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]


def _require_free(port: int) -> None:
    """Raise Unavailable where something else listens already: MLflow's server would end without a word of it."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unavailable(f"port {port} cannot be used ({reason}): name another with --port") from error


if __name__ == "__main__":
    sys.exit(main())
