"""Where runs can be looked at in the browser."""

from urllib.parse import urlsplit, urlunsplit

from seqbench.record import store

PORT = 5000
"""Where `seqbench.dashboard` listens, unless another port is asked for."""


OF_MODELS = "workflowType=machine_learning"
"""Part of an address: without it MLflow shows its pages for traces of language models."""
RUN = "{run}"
"""Stands for the id of a run."""


def of_runs(experiment_id: str) -> str:
    """The address of a run of this experiment, with `RUN` for its id.

    Where the experiment is not known, MLflow looks for it, and forgets which pages it was to show.
    """
    place = f"experiments/{experiment_id}/runs/{RUN}?{OF_MODELS}" if experiment_id else f"runs/{RUN}"
    return f"{dashboard()}/#/{place}"


def dashboard() -> str:
    """Where runs can be looked at: the tracking server, or for a file the address that `seqbench.dashboard` would take.

    Without the name and the password that an address may hold.
    """
    address = urlsplit(store.tracking_uri())
    if address.scheme not in ("http", "https"):
        return f"http://127.0.0.1:{PORT}"
    return urlunsplit((address.scheme, address.netloc.rpartition("@")[2], address.path.rstrip("/"), "", ""))
