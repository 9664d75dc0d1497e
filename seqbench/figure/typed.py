"""What is typed of arms, names, numbers and formats. The label of an arm may have commas and equals signs itself."""

import argparse
import os
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from seqbench.config import ConfigError, Fault


def formats(known: Collection[str]) -> Callable[[str], list[str]]:
    """Reads "pdf,svg"."""

    def read(text: str) -> list[str]:
        """Each once, in the order typed. Raises ArgumentTypeError for any other."""
        kinds = list(dict.fromkeys(text.replace(",", " ").split()))
        if not kinds or set(kinds) - set(known):
            raise argparse.ArgumentTypeError(f"{text} should be of {', '.join(known)}")
        return kinds

    return read


def arms(text: str, known: Collection[str]) -> list[str]:
    """ "lstm,rnn" as a list; what is no known arm ends at its comma."""
    found = re.findall(rf"\s*((?:{_any(known)})(?=\s*(?:,|$))|[^,]+)(?:,|$)", text)
    named = [arm.strip() for arm in found if arm.strip()]
    if text and (not named or len(set(named)) < len(named)):
        raise ConfigError([Fault(f"--arms {in_a_row(text)}", "it should be the names of arms, each once")])
    return named


def names(text: str, known: Collection[str]) -> dict[str, str]:
    """ "lstm=LSTM,rnn=Elman RNN" as a mapping; a name ends where the next arm and its equals sign begin."""
    arm = rf"(?:{_any(known)}|[^,=]+)"
    told = list(re.finditer(rf"\s*({arm})=(.+?)(?:,(?=\s*{arm}=)|$)", text))
    if "".join(pair[0] for pair in told) != text:
        raise ConfigError([Fault(f"--names {in_a_row(text)}", "it should be ARM=NAME,ARM=NAME")])
    return {pair[1].strip(): pair[2].strip() for pair in told}


def in_a_row(text: str) -> str:
    """Without line breaks, for a message of one line."""
    return " ".join(text.split())


class Place(NamedTuple):
    """Where files are written, what they are called, and the format that this says, if any."""

    folder: Path
    stem: str
    ending: str


def place(text: str, name: str, known: Collection[str]) -> Place:
    """A folder, in which files bear the name of the figure, or a file whose name says its format."""
    path, ending = Path(text), Path(text).suffix.removeprefix(".").lower()
    if path.is_dir() or text.endswith(os.sep):
        return Place(path, name, "")
    if ending in known:
        return Place(path.parent, path.stem, ending)
    if ending or path.name.removeprefix(".") in known:
        endings = ", ".join(f".{kind}" for kind in known)
        raise ConfigError(
            [Fault(f"--to {in_a_row(text)}", f"a file ends in one of {endings}; a new folder in {os.sep}")]
        )
    return Place(path, name, "")


def _any(known: Collection[str]) -> str:
    """The longest first, because one may begin with another."""
    return "|".join(re.escape(arm) for arm in sorted(known, key=len, reverse=True))
