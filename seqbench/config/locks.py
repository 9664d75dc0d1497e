"""What one process at a time may do with a file, and who does it."""

import json
import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout


class Held(RuntimeError):
    """Another process does it; `holder` is that one, None where it has not said yet."""

    def __init__(self, holder: "Holder | None") -> None:
        super().__init__(str(holder))
        self.holder = holder


def _birth(pid: int | str) -> str:
    """When a process of this system began, which tells it from a later one of its number; empty where that is not told.

    A dead one of which nobody has taken notice has no birth.
    """
    with suppress(OSError, IndexError):
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if state in "ZX" else rest[18]
    return ""


def _system() -> str:
    """This system since it was started, with its numbers of processes: containers have their own."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip() + str(Path("/proc/self/ns/pid").readlink())
    return ""


@dataclass(frozen=True)
class Holder:
    """A process that holds something, as others are told of it."""

    owner: str
    host: str
    process: int
    system: str
    birth: str
    since: float
    until: float | None = None
    """None where it is held as long as the process lives."""

    @classmethod
    def here(cls) -> "Holder":
        """This process."""
        return cls(uuid.uuid4().hex, socket.gethostname(), os.getpid(), _system(), _birth("self"), time.time())

    @classmethod
    def from_json(cls, text: str) -> "Holder | None":
        """The inverse of `to_json`; None for anything else."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def to_json(self) -> str:
        """As it stands in a tag or a lock."""
        return json.dumps(asdict(self))

    def until_in(self, seconds: float) -> "Holder":
        """The same, from now on for so long."""
        return replace(self, until=time.time() + seconds)

    @property
    def is_gone(self) -> bool:
        """Whether its time is over, or its process was one of this system and has ended."""
        if self.until is not None and time.time() > self.until:
            return True
        return bool(self.birth) and self.system == _system() != "" and _has_ended(self.process, self.birth)

    def __str__(self) -> str:
        until = "it ends" if self.until is None else f"{_clock(self.until)} or longer"
        return f"process {self.process} on {self.host} since {_clock(self.since)}, until {until}"


class Lock:
    """`what` is done with `file` by one process at a time. The lock ends with its process, however that ends.

    It lies beside the file, where everybody finds it who finds that, says who holds it, and goes when it is free.
    """

    def __init__(self, file: Path, what: str) -> None:
        self.path = file.with_name(f"{file.name}-{sha256(os.fsencode(what)).hexdigest()[:16]}.lock")
        self.lock = FileLock(self.path)

    def take(self, seconds: float = 0) -> None:
        """Raises Held if another process has it for longer than these seconds; -1 waits for ever."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.lock.acquire(timeout=seconds)
        except Timeout as error:
            raise Held(self._holder()) from error
        with suppress(OSError):
            self.path.write_text(Holder.here().to_json())

    def give(self) -> None:
        """Let others have it."""
        with suppress(OSError):
            if self.lock.is_locked:
                self.path.unlink()
        self.lock.release()

    def _holder(self) -> Holder | None:
        """As it has said; the one before it may have said something, too."""
        with suppress(OSError, UnicodeError):
            holder = Holder.from_json(self.path.read_text())
            return None if holder is None or holder.is_gone else holder
        return None

    def __enter__(self) -> None:
        self.take(-1)

    def __exit__(self, *_: object) -> None:
        self.give()


def _has_ended(pid: int, birth: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # somebody else's, and there
    return _birth(pid) != birth


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
