"""The address of a cluster: how it is written, and whether a Ray answers there that takes this machine."""

import os
import re
import socket
from pathlib import Path

from seqbench.config import ConfigError, Fault

#: How HTTP/2 begins, which Ray speaks: both sides send a frame with their settings first (RFC 9113, section 3.4).
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
MODE = "RAY_AUTH_MODE"
COPY = "copy ~/.ray/auth_token from a machine of the cluster"
FORMS = "should be auto or HOST:PORT; null starts Ray on this machine"


def require_form(address: str) -> None:
    """Raises ConfigError unless it is "auto", HOST:PORT or [IPv6]:PORT."""
    written = re.fullmatch(r"(\[[^\[\]]+\]|[^:/\s]+):(\d{1,5})", address)
    if address != "auto" and not (written and 0 < int(written[2]) < 2**16):
        raise refused(address, FORMS)


def found(address: str) -> str:
    """HOST:PORT of the cluster, once it has answered and takes this machine. May wait for longer than anybody does.

    Ray itself would try for half a minute whatever the reason is, and then not say it. Raises ConfigError.
    """
    from ray._private.services import canonicalize_bootstrap_address

    try:
        where = str(canonicalize_bootstrap_address(address))
    except ConnectionError as error:
        raise refused(address, "there is no Ray on this machine; name one elsewhere by HOST:PORT") from error
    except ValueError as error:  # of RAY_ADDRESS
        raise refused(address, str(error)) from error
    require_answer(address, where)
    if problem := _unlock(address, where):
        raise refused(address, problem)
    return where


def _unlock(address: str, where: str) -> str:
    """Show the token of this machine if the cluster asks for one, and only then: with one that asks for none, a driver
    that shows a token hears nothing. Gives what stands against it, if anything does."""
    mode = os.environ.get(MODE, "token").lower()
    if mode == "token":
        _show_token(False)
    if _takes_us(address, where):
        return ""
    if mode != "token":
        return f"{MODE}={mode}, and the cluster asks for a token: unset {MODE}"
    if not has_token():
        return f"the cluster asks for a token, and there is none on this machine: {COPY}"
    _show_token(True)
    return "" if _takes_us(address, where) else f"the cluster takes another token than that of this machine: {COPY}"


def _show_token(shown: bool) -> None:
    """To every cluster from now on."""
    from ray import _raylet

    os.environ[MODE] = "token" if shown else "disabled"
    _raylet.Config.initialize("")  # type: ignore[attr-defined]  # it reads the mode again


def _takes_us(address: str, where: str) -> bool:
    """Whether it does, with the token that is shown by now, if one is. Raises ConfigError where it is no cluster."""
    import ray

    try:
        ray._raylet.GcsClient(address=where)
    except ray.exceptions.AuthenticationError:
        return False
    except Exception as error:
        raise refused(address, f"no Ray cluster answers there ({error})") from error
    return True


def require_answer(address: str, where: str, seconds: float = 15.0) -> None:
    """Raises ConfigError unless something like Ray answers at HOST:PORT, which is where the address leads."""
    host, _, port = where.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), seconds) as server:
            server.sendall(GREETING)
            answer = server.recv(9)
    except (OSError, ValueError) as error:
        # Ray takes an address of the loopback for that of this machine in the network.
        there = "there" if where == address else f"at {where}"
        reason = getattr(error, "strerror", None) or error
        raise refused(address, f"no Ray cluster answers {there} ({reason})") from error
    if answer[3:4] != SETTINGS[3:4]:
        raise refused(address, "what answers there is no Ray cluster")


def has_token() -> bool:
    """Whether there is one on this machine, wherever Ray looks for it."""
    file = os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token"
    try:
        return bool(os.environ.get("RAY_AUTH_TOKEN") or Path(file).read_text().strip())
    except (OSError, ValueError):
        return False


def refused(address: str | None, told: str) -> ConfigError:
    """What is wrong with it, in one line."""
    return ConfigError([Fault(f"executor.address={'null' if address is None else address}", " ".join(told.split()))])
