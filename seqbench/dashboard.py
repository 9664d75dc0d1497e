"""`python -m seqbench.dashboard`: MLflow's dashboard, small, on the loopback address, without telemetry.

It opens on the runs of the newest experiment. Where the record is that of a tracking server, that has pages of its own.
"""

import socket
import sys
import webbrowser

from seqbench.executors import interrupts
from seqbench.record import names
from seqbench.record.addresses import OF_MODELS, PORT
from seqbench.record.addresses import dashboard as of_dashboard
from seqbench.record.database import address
from seqbench.record.database_reader import opened
from seqbench.record.moved import name_files_beside
from seqbench.record.reading import Experiment, reading
from seqbench.record.servers import is_tracking_server
from seqbench.record.store import Unavailable, database, exists, require, require_known, tracking_uri
from seqbench.serving import require_free, serve
from seqbench.terminal import Parser, exit_code, say_aside, without_password
from seqbench.wording import plural


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes: exit code 130, or 3 where there is nothing to serve; 0 where a server does."""
    parser = Parser(prog="python -m seqbench.dashboard", description=__doc__)
    parser.add_argument("--port", type=int, help=f"where it listens, by itself {PORT}; a tracking server has its own")
    parser.add_argument("--open", action="store_true", help="open it in the browser, too")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _show(tracking_uri(), options.port, options.open))


def _show(uri: str, port: int | None, in_browser: bool) -> int:
    require(uri)
    require_known(uri)
    return (
        _name(uri, port, in_browser)
        if is_tracking_server(uri)
        else _serve(uri, PORT if port is None else port, in_browser)
    )


def _name(uri: str, port: int | None, in_browser: bool) -> int:
    """Say the page of a tracking server, which serves it already."""
    with reading(uri) as reader:
        page = f"{of_dashboard()}/#/{_place(reader.newest())}"
    print(f"{page}\nruns of the tracking server, by its own page")
    if port is not None:
        say_aside(f"--port {port} is not used: nothing is served here")
    if in_browser:
        webbrowser.open(page)
    return 0


def _serve(uri: str, port: int, in_browser: bool) -> int:
    """The server's own exit code, where it ends by itself."""
    require_free(port)
    if not exists(uri):
        raise Unavailable(f"there is no record yet in {uri}: run an experiment first")
    moved, file = name_files_beside(uri), database(uri)
    with opened(file) as reader:
        page = f"http://127.0.0.1:{port}/#/{_place(reader.newest() if reader else None)}"
    print(f"{page}\nruns of {without_password(uri)}, in the browser in some seconds (Ctrl-C ends it)", flush=True)
    if moved:
        print(f"the record was moved or copied: it now names the files beside it, of {plural(moved, 'run')}")
    waiting = [page] if in_browser else []

    def look() -> None:
        """Open the page once there is one: called again and again while the dashboard runs."""
        if waiting and _answers(port):
            webbrowser.open(waiting.pop())

    with interrupts.only_noted():
        return serve(address(file) if file else uri, port, 1, each_tick=look)


def _place(newest: Experiment | None) -> str:
    """Within the dashboard: the runs of the newest experiment, in the columns that it has for them; else the list."""
    if newest is None:
        return f"experiments?{OF_MODELS}"
    view = f"&viewStateShareKey={names.VIEW_KEY}" if names.VIEW in newest.tags else ""
    return f"experiments/{newest.id}/runs?{OF_MODELS}{view}"


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
