"""Whether a server that is to hold a record can be used, tried within seconds: MLflow would try for minutes."""

import socket
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING

from seqbench.record import failures, logins

if TYPE_CHECKING:
    from sqlalchemy import URL

#: Seconds that a server has to answer.
PATIENCE = 5
#: Databases that are servers, and the ports at which they listen by themselves.
DATABASES = {"postgresql": 5432, "mysql": 3306}
#: Drivers that are told by this name how long a connection may take.
TAKE_TIMEOUT = {"psycopg2", "psycopg", "mysqldb", "pymysql"}
#: Packages by the name that they are imported by, where that is another one.
PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "'seqbench[server]'", "psycopg": "'psycopg[binary]'"}


def fault(uri: str) -> str:
    """What keeps the server at this address from being used; nothing where it can be, or where it is no server."""
    if is_tracking_server(uri):
        return _of_tracking_server(uri)
    if uri.startswith("postgres:"):
        return f"{uri} is an address that MLflow does not know: begin with postgresql+psycopg2://"
    return _of_database(uri) if uri.startswith(tuple(DATABASES)) else ""


def is_tracking_server(uri: str) -> bool:
    """Whether it is one of MLflow's, which has pages of its own."""
    return uri.startswith(("http://", "https://"))


def lacking(uri: str, error: ModuleNotFoundError) -> str:
    """That the driver of a database is not installed. Which one an address without any takes, SQLAlchemy changes."""
    package = PACKAGES.get(str(error.name), error.name)
    other = ", or begin with postgresql+psycopg2://" if uri.startswith("postgresql:") else ""
    return f"the record in {uri} needs the package {package}: pip install {package}{other}"


def _of_tracking_server(uri: str) -> str:
    try:
        with _asked(uri, "health"):
            return ""
    except urllib.error.HTTPError:
        return ""  # it answers; whether it knows this page is its own affair
    except (OSError, ValueError, OverflowError, HTTPException) as error:
        told = f"the tracking server {uri} does not answer ({failures.reason(error)})"
        return f"{told}; start it, or correct MLFLOW_TRACKING_URI"


def takes_files(uri: str) -> bool:
    """Whether a tracking server, which answers, hands files on to where they are kept."""
    try:
        with _asked(uri, "api/2.0/mlflow-artifacts/artifacts"):
            return True
    except urllib.error.HTTPError:
        return False


def _asked(uri: str, page: str) -> HTTPResponse:
    address, headers = logins.apart(uri)
    asked = urllib.request.Request(f"{address.rstrip('/')}/{page}", headers=headers)
    answer: HTTPResponse = urllib.request.urlopen(asked, timeout=PATIENCE)
    return answer


def _of_database(uri: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        url = make_url(uri)
        _require_listening(url)
        _connect(url)
    except ModuleNotFoundError as error:
        return lacking(uri, error)
    except OSError as error:
        return f"the database {uri} does not answer ({failures.reason(error)}); start it, or correct its address"
    except (ValueError, OverflowError, SQLAlchemyError) as error:
        return f"the database {uri} cannot be opened ({failures.reason(error)})"
    return ""


def _require_listening(url: "URL") -> None:
    """Before its driver is loaded. An address without a host is that of a socket of this machine."""
    if url.host:
        socket.create_connection((url.host, url.port or DATABASES[url.get_backend_name()]), PATIENCE).close()


def _connect(url: "URL") -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    options = {"connect_timeout": PATIENCE} if url.get_driver_name() in TAKE_TIMEOUT else {}
    create_engine(url, connect_args=options, poolclass=NullPool).connect().close()
