"""Where runs can be looked at in the browser."""

from urllib.parse import urlsplit, urlunsplit

from seqbench.record import store

PORT = 5000
"""Where `seqbench.dashboard` listens, unless another port is asked for."""


def dashboard() -> str:
    """Where runs can be looked at: the tracking server, or for a file the address that `seqbench.dashboard` would take.

    Without the name and the password that an address may hold.
    """
    address = urlsplit(store.tracking_uri())
    if address.scheme not in ("http", "https"):
        return f"http://127.0.0.1:{PORT}"
    return urlunsplit((address.scheme, address.netloc.rpartition("@")[2], address.path.rstrip("/"), "", ""))
