"""The right to write to an experiment: one process has it at a time, on whatever machine it runs.

It is a tag of the experiment with an end that is put off as long as the process lives. A SQLite database has a lock
beside it, too: that is taken before anything is read, and free as soon as its process is dead.
"""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config.locks import Held, Holder, Lock
from seqbench.record import names
from seqbench.record.store import Unavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

#: Seconds that a lease lasts, and after which it is renewed.
LASTS, RENEWED_AFTER = 60.0, 15.0
#: Seconds between writing and reading back, or so many times what the writing took: who wrote at the same time has
#: written by then.
MOMENT, TIMES = 0.5, 4


class Lease:
    """That of one experiment. Raises Unavailable, which says who has it, whenever another process does."""

    def __init__(self, experiment: str, database: Path | None) -> None:
        self.experiment = experiment
        self.lock = Lock(database, experiment) if database else None
        self.mine = Holder.here()
        self.held = False
        self._lost: Unavailable | None = None
        self._over, self._writing = threading.Event(), threading.Lock()

    def enter(self) -> None:
        """Before anything is read: keep out the processes of this machine, where a lock can."""
        if self.lock is not None:
            try:
                self.lock.take()
            except Held as error:
                raise self._refusal(error.holder) from error

    def require_free(self, tags: Mapping[str, str]) -> None:
        """By the tags of the experiment."""
        holder = Holder.from_json(tags.get(names.LEASE, ""))
        if holder is not None and not holder.is_gone:
            raise self._refusal(holder)

    def claim(self, client: "MlflowClient", experiment_id: str) -> None:
        """Before anything is written: of two that claim it at once, the one that writes last has it."""
        self._client, self._id = client, experiment_id
        began = time.monotonic()
        self.require_free(self._tags())
        try:
            self._write()
        except Exception:  # a store may refuse one of two that write at once, or lose its answer
            time.sleep(MOMENT)
            if not self._is_mine(tags := self._tags()):
                self.require_free(tags)
                raise
        if self.lock is None:
            time.sleep(max(MOMENT, TIMES * (time.monotonic() - began)))
            self._require_mine()
        self.held = True
        threading.Thread(target=self._renew_until_over, daemon=True).start()

    def require(self) -> None:
        """It is held still; asked before each write, because this process may have stood still for long."""
        if self.held and self.mine.is_gone:
            self._renew()
        if self._lost is not None:
            raise self._lost

    def leave(self) -> None:
        """Let others have it."""
        with self._writing:
            self._over.set()
            if self.held:
                self.held = False
                with suppress(Exception):  # a store that fails now: the lease ends by itself
                    self._client.delete_experiment_tag(self._id, names.LEASE)
        if self.lock is not None:
            self.lock.give()

    def _renew_until_over(self) -> None:
        while self.held and not self._over.wait(RENEWED_AFTER):
            with suppress(Exception):  # a store that fails for a while: who writes to it is told
                self._renew()

    def _renew(self) -> None:
        with self._writing:
            try:
                if not self._over.is_set():
                    self._require_mine()
                    self._write()
            except Unavailable as error:
                self.held, self._lost = False, error

    def _require_mine(self) -> None:
        """Nobody has taken it since, not even one that has ended."""
        tags = self._tags()
        if not self._is_mine(tags):
            raise self._refusal(Holder.from_json(tags.get(names.LEASE, "")), "another process, which has ended")

    def _is_mine(self, tags: Mapping[str, str]) -> bool:
        holder = Holder.from_json(tags.get(names.LEASE, ""))
        return holder is not None and holder.owner == self.mine.owner

    def _write(self) -> None:
        mine = self.mine.until_in(LASTS)
        self._client.set_experiment_tag(self._id, names.LEASE, mine.to_json())
        self.mine = mine

    def _tags(self) -> Mapping[str, str]:
        tags: Mapping[str, str] = self._client.get_experiment(self._id).tags
        return tags

    def _refusal(
        self, holder: Holder | None, unknown: str = "another process of this machine, which has just begun"
    ) -> Unavailable:
        return Unavailable(
            f"the experiment {self.experiment!r} is being written by {holder or unknown}; "
            "wait for it or end it, then the same command goes on"
        )
