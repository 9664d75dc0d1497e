"""`python -m seqbench.dashboard`: MLflow's dashboard, small, on the loopback address, without telemetry."""

import argparse
import os
import signal
import socket
import subprocess
import sys

from seqbench.record.database import address
from seqbench.record.store import Unavailable, database, exists, require, require_known, tracking_uri
from seqbench.terminal import failed, without_password

PORT = 5000
"""Where it listens, unless another port is asked for."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C. The environment switches off MLflow's job workers: two processes instead of nine."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.dashboard", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args(arguments)
    uri = tracking_uri()
    try:
        require(uri)
        require_known(uri)
        _require_free(options.port)
    except Unavailable as error:
        return failed(3, error)
    if not exists(uri):
        return failed(3, f"there is no record yet in {uri}: run an experiment first")
    environment = os.environ | {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    file = database(uri)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", address(file) if file else uri]
    command += ["--host", "127.0.0.1", "--port", str(options.port), "--workers", "1"]
    # MLflow would open on its pages for language-model traces
    page = f"http://127.0.0.1:{options.port}/#/experiments?workflowType=machine_learning"
    print(without_password(f"dashboard of {uri}: {page} (Ctrl-C ends it)"), flush=True)
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return server.wait()
    except KeyboardInterrupt:
        os.killpg(server.pid, signal.SIGTERM)  # MLflow's own child would outlive it
        server.wait()
        return 130


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
