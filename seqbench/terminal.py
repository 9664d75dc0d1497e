"""How commands are typed, speak and end: an exit code, and a line on standard error instead of a traceback."""

import argparse
import errno
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from seqbench.config import ConfigError, Fault, nearest
from seqbench.executors import interrupts
from seqbench.record import failures
from seqbench.record.store import Unavailable, tracking_uri
from seqbench.wording import printable

if TYPE_CHECKING:
    from rich.console import Console


#: Characters of a line that are shown: a fault may quote what was typed.
MOST_OF_LINE = 5000


def own_folder(words: Sequence[str]) -> tuple[Path | None, list[str]]:
    """The folder of `--config-dir FOLDER`, `--config-dir=FOLDER` or `-cd FOLDER`, and the other words.

    The classes in it can be imported from now on. Raises ConfigError if there is no such folder.
    """
    folder, others, rest = None, list[str](), iter(words)
    for word in rest:
        option, has_value, value = word.partition("=")
        if option in ("--config-dir", "-cd"):
            folder = importable(value if has_value else next(rest, ""))
        else:
            others.append(word)
    return folder, others


def importable(folder: Path | str) -> Path:
    """A folder with classes of one's own, absolute. Raises ConfigError if there is none."""
    if not (str(folder) and Path(folder).is_dir()):
        raise ConfigError([Fault("--config-dir", f"there is no folder {folder}" if folder else "name a folder")])
    absolute = Path(folder).absolute()
    if str(absolute) not in sys.path:
        sys.path.append(str(absolute))
    return absolute


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, as all commands do; how a command is called stands in its help."""

    def error(self, message: str) -> NoReturn:
        """Exit code 2."""
        print(in_a_line(f"{message} ({self.prog} --help)"), file=sys.stderr)
        raise SystemExit(2)


def setting(word: str, keys: Collection[str]) -> tuple[str, str]:
    """Key and value of a word like "run=ID". Raises ConfigError if it is none of these keys, or has no value."""
    key, _, value = word.partition("=")
    if key not in keys:
        raise ConfigError([Fault(word, f"there is no such option{nearest(key, keys)}")])
    if not value:
        raise ConfigError([Fault(word, f"it should be {key}=VALUE")])
    return key, value


def experiment_name(word: str) -> str:
    """A word that names an experiment, and no folder. Raises ConfigError."""
    path = Path(word)
    if path.name != word or word == "..":
        named = f"name the experiment: {path.name}" if path.name.strip(".") else "name an experiment"
        raise ConfigError([Fault(repr(word), f"is a path; {named}")])
    return word


class Display:
    """A stream that never ends a command: what it cannot encode is escaped, and once it is broken it takes everything.

    A pipe whose reader is gone, a full disk behind a redirection and a stream that was closed are broken. What is shown
    stands in the record, too.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream or sys.__stdout__, name)

    def write(self, text: str) -> int:
        """As of any stream."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._try(lambda stream: stream.write(text.encode(encoding, "backslashreplace").decode(encoding)))
        return len(text)

    def flush(self) -> None:
        """As of any stream."""
        self._try(lambda stream: stream.flush())

    def _try(self, act: Callable[[Any], object]) -> None:
        if self._stream is None:
            return
        try:
            act(self._stream)
        except (OSError, ValueError):
            _drop(self._stream)
            self._stream = None


def _drop(stream: Any) -> None:
    """Let what is left in a broken stream go nowhere, or Python ends with an error of its own when it is flushed."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


@contextmanager
def displayed() -> Iterator[None]:
    """Both standard streams as `Display`."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Display(before[0]), Display(before[1])
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout, sys.stderr = before


def exit_code(command: Callable[[], int | None], *wrong: type[Exception]) -> int:
    """Carry out a command: its code or 0, 2 after an error of these kinds (what was typed, or is missing), or `end_of`.

    A signal ends it with 130, at any moment.
    """
    with displayed():
        return interrupts.concluded(lambda: _outcome(command, wrong), interrupts.INTERRUPTED)


def _outcome(command: Callable[[], int | None], wrong: tuple[type[Exception], ...]) -> tuple[int, list[str]]:
    """The code, and what is to be said of it."""
    try:
        interrupts.begin()
        return command() or 0, []
    except wrong as error:
        return 2, [in_a_line(error)]
    except Exception as error:
        code, told = end_of(error)
        return code, [in_a_line(told)]


def end_of(error: Exception) -> tuple[int, str]:
    """Exit code and line after an error that is nobody's mistake in the code; raises it again if it may be one.

    3 where record, disk, network or permissions failed, with the cause and the file.
    """
    match error:
        case Unavailable():
            return 3, str(error)
        case Exception() if failures.is_of_store(error):
            return 3, failures.in_words(error, tracking_uri())
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            return 3, f"cannot write {error.filename or 'what there is to write'} ({error.strerror}): free some space"
        case OSError() if error.strerror:
            return 3, f"cannot go on: {error.strerror}" + (f" ({error.filename})" if error.filename else "")
    raise error


def in_a_line(error: object) -> str:
    """What is wrong, as it is said."""
    return f"seqbench: {shown(str(error))}"


def shown(line: str) -> str:
    """A line as it may be shown to anybody: printable, and without a password."""
    return printable(without_password(line), MOST_OF_LINE)


def without_password(text: str) -> str:
    """A text in which no address says its password: "postgresql://me:***@host/db". What follows a port is none."""
    return re.sub(r"(\w://[^\s:/@]*):(?!\d+/)\S+@", r"\1:***@", text)


def console() -> "Console":
    """Standard output, tables never squeezed where no terminal sets a width."""
    from rich.console import Console

    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=200)


def say_aside(line: str) -> None:
    """One line on standard error: the command goes on."""
    print(in_a_line(line), file=sys.stderr)


def say(line: str) -> None:
    """One line on standard output, never wrapped."""
    console().print(shown(line), markup=False, soft_wrap=True)
