"""The address of a cluster: how it is written, and whether a Ray answers there that takes this machine."""

import os
import re
import socket
from pathlib import Path

from seqbench.config import ConfigError, Fault

#: How HTTP/2 begins, which Ray speaks: both sides send a frame with their settings first (RFC 9113, section 3.4).
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
COPY = "copy ~/.ray/auth_token from a machine of the cluster"
FORMS = "should be auto or HOST:PORT; null starts Ray on this machine"


def require_form(address: str) -> None:
    """Raises ConfigError unless it is "auto", HOST:PORT or [IPv6]:PORT."""
    written = re.fullmatch(r"(\[[^\[\]]+\]|[^:/\s]+):(\d{1,5})", address)
    if address != "auto" and not (written and 0 < int(written[2]) < 2**16):
        raise refused(address, FORMS)


def found(address: str) -> str:
    """HOST:PORT of the cluster, once it has answered and takes this machine. May wait for longer than anybody does.

    Shows the token of this machine where the cluster asks for one: with a cluster that asks for none, a driver that has
    one hears nothing. Ray itself would try for half a minute whatever the reason is, and then not say it. Raises
    ConfigError.
    """
    from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available
    from ray._private.services import canonicalize_bootstrap_address

    try:
        where = str(canonicalize_bootstrap_address(address))
    except ConnectionError as error:
        raise refused(address, "there is no Ray on this machine; name one elsewhere by HOST:PORT") from error
    except ValueError as error:  # of RAY_ADDRESS
        raise refused(address, str(error)) from error
    require_answer(address, where)
    if os.environ.get("RAY_AUTH_MODE") == "token" and not has_token():
        raise refused(address, f"RAY_AUTH_MODE=token, and this machine has no token: {COPY}")
    if not _takes_us(address, where):
        maybe_enable_token_auth_if_token_available(warn_if_disabled=False)
        if not has_token() or not _takes_us(address, where):
            told = "takes another token than that of" if has_token() else "asks for a token, and there is none on"
            raise refused(address, f"the cluster {told} this machine: {COPY}")
    return where


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
        raise refused(address, f"no Ray cluster answers there ({error})") from error
    if answer[3:4] != SETTINGS[3:4]:
        raise refused(address, "what answers there is no Ray cluster")


def has_token() -> bool:
    """Whether there is one on this machine, wherever Ray looks for it."""
    file = os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token"
    return bool(os.environ.get("RAY_AUTH_TOKEN")) or Path(file).is_file()


def refused(address: str | None, told: str) -> ConfigError:
    """What is wrong with it, in one line."""
    return ConfigError([Fault(f"executor.address={'null' if address is None else address}", " ".join(told.split()))])
