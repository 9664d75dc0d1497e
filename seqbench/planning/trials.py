"""Which models were shown a sequence of which task and took it: remembered for the code that it was found with."""

from contextlib import suppress
from functools import cached_property

from seqbench.config import Training
from seqbench.config.cache import folder, sha256
from seqbench.plan import RunSpec

#: Bytes that the file of what is remembered has at most.
MOST = 1_000_000


class Trials:
    """Those of one plan; `fresh` ones remember nothing from before."""

    def __init__(self, fresh: bool = False) -> None:
        self.fresh = fresh

    @cached_property
    def _before(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            lines = (line.split(" ", 2) for line in (folder() / "trials").read_text().splitlines())
            return {
                key: found for key, seal, found in (line for line in lines if len(line) == 3) if seal == _seal(found)
            }
        return {}

    def remembered(self, run: RunSpec, code: str) -> str | None:
        """What was found when this model took this task; `code` names what both rest on, "" where it is not known."""
        return None if self.fresh or not code else self._before.get(_key(run, code))

    def remember(self, run: RunSpec, code: str, found: str) -> None:
        """That it took it."""
        place = folder() / "trials"
        if code and _key(run, code) not in self._before:
            with suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                if place.exists() and place.stat().st_size > MOST:
                    place.unlink()
                with place.open("a") as file:
                    # On a line of its own, whatever stands before it.
                    file.write(f"\n{_key(run, code)} {_seal(found)} {found}")


def _seal(found: str) -> str:
    """Tells a line that is whole from one that was cut short."""
    return sha256(found.encode())[:16]


def _key(run: RunSpec, code: str) -> str:
    """Of all that decides whether a model takes a task."""
    known = code, run.task, run.model, tried_with(run.training), run.device
    return sha256(repr(known).encode())


def tried_with(training: Training) -> tuple[object, ...]:
    """The settings of training that a trial depends on."""
    return training.truncate, training.batch_size, training.curriculum, training.initial_state
