"""How commands are typed, speak and end: an exit code, and a line on standard error instead of a traceback."""

import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config import ConfigError, Fault, nearest
from seqbench.record.store import Unavailable

if TYPE_CHECKING:
    from rich.console import Console


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


def setting(word: str, keys: Collection[str]) -> tuple[str, str]:
    """Key and value of a word like "run=ID". Raises ConfigError if it is none of these keys, or has no value."""
    key, _, value = word.partition("=")
    if key not in keys:
        raise ConfigError([Fault(word, f"there is no such option{nearest(key, keys)}")])
    if not value:
        raise ConfigError([Fault(word, f"it should be {key}=VALUE")])
    return key, value


def exit_code(command: Callable[[], None], *wrong: type[Exception]) -> int:
    """Carry out a command: 0, 2 after an error of these kinds (what was typed, or is missing), 3 after Unavailable."""
    try:
        command()
    except Unavailable as error:
        return failed(3, error)
    except wrong as error:
        return failed(2, error)
    return 0


def failed(code: int, error: object) -> int:
    """Say what is wrong; gives the code back."""
    print(f"seqbench: {error}", file=sys.stderr)
    return code


def console() -> "Console":
    """Standard output, tables never squeezed where no terminal sets a width."""
    from rich.console import Console

    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=200)


def say(line: str) -> None:
    """One line on standard output, never wrapped."""
    console().print(line, markup=False, soft_wrap=True)
