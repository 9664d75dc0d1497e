"""What a search goes along, the gap or the load, and how one speaks of it.

The estimate knows one quantity, which it calls the gap: success falls with its logarithm. A search over the load puts
the load in its place. The words are here alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """One of the knobs of a task; a run has it as an attribute of this `name`, and a table of runs as a column."""

    name: str
    most: str
    least: str
    unit: str
    bridged: str
    """What half of the runs do with it at the horizon: "bridge" a gap."""
    rises: str
    """What more training does."""
    question: str
    """What an experiment along it asks."""
    asks: str
    """The same in the terms of its task, before its name: "How many steps may lie between, the gap?"."""

    @property
    def half(self) -> str:
        """The horizon: where half of the runs solve the task."""
        return f"{self.name}50"

    @property
    def ends(self) -> tuple[str, str]:
        """The settings of the range that is searched."""
        return f"min_{self.name}", f"max_{self.name}"

    @property
    def setting(self) -> str:
        """What a search sets from run to run, as one types it."""
        return f"task.{self.name}"

    def search_id(self, fingerprint: str) -> str:
        """By which the record knows the search that begins with the run of this fingerprint, at its smallest place.

        A run may begin a search over the gap and one over the load: the latter says that it is one.
        """
        return fingerprint if self.name == "gap" else f"{fingerprint}-{self.name}"


GAP = Axis(
    "gap", "longest", "shortest", "steps", "bridge", "longer training bridges longer gaps",
    "How long a gap can a sequence model bridge?", "How many steps may lie between",
)  # fmt: skip
LOAD = Axis(
    "load", "largest", "smallest", "items", "carry", "longer training carries larger loads",
    "How much can a sequence model carry?", "How many such pieces may it have to hold",
)  # fmt: skip
AXES = {axis.name: axis for axis in (GAP, LOAD)}
