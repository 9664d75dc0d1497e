"""What is typed of arms, names, numbers and formats. The label of an arm may have commas and equals signs itself."""

import argparse
import math
import re
from collections.abc import Callable, Collection

from seqbench.config import ConfigError, Fault


def positive(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} should be a number above 0")
    return value


def formats(known: Collection[str]) -> Callable[[str], list[str]]:
    """Reads "pdf,svg"."""

    def read(text: str) -> list[str]:
        kinds = list(dict.fromkeys(text.replace(",", " ").split()))
        if not kinds or set(kinds) - set(known):
            raise argparse.ArgumentTypeError(f"{text} should be of {', '.join(known)}")
        return kinds

    return read


def arms(text: str, known: Collection[str]) -> list[str]:
    """ "lstm,rnn" as a list; what is no known arm ends at its comma."""
    found = re.findall(rf"\s*((?:{_any(known)})(?=\s*(?:,|$))|[^,]+)(?:,|$)", text)
    return [arm.strip() for arm in found]


def names(text: str, known: Collection[str]) -> dict[str, str]:
    """ "lstm=LSTM,rnn=Elman RNN" as a mapping; a name ends where the next arm and its equals sign begin."""
    arm = rf"(?:{_any(known)}|[^,=]+)"
    told = list(re.finditer(rf"\s*({arm})=(.+?)(?:,(?=\s*{arm}=)|$)", text))
    if "".join(pair[0] for pair in told) != text:
        raise ConfigError([Fault(f"--names {text}", "it should be ARM=NAME,ARM=NAME")])
    return {pair[1].strip(): pair[2].strip() for pair in told}


def _any(known: Collection[str]) -> str:
    """The longest first, because one may begin with another."""
    return "|".join(re.escape(arm) for arm in sorted(known, key=len, reverse=True))
