"""One look per arm, the same in every figure of every report.

What an arm looks like is said in `seqbench.analysis.palette`; those that are not listed there take the next free look
of their family, chosen by their name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType
from zlib import crc32

import pandas as pd

from seqbench.analysis.palette import COUNTED, KNOWN, RESERVE, RESERVES
from seqbench.analysis.palette import Look as Look
from seqbench.models.families import FAMILIES, OWN
from seqbench.wording import listed

_ARRANGED: ContextVar[Mapping[str, Look]] = ContextVar("arms as somebody arranged them", default={})  # noqa: B039


@contextmanager
def arranged(looks: Mapping[str, Look]) -> Iterator[None]:
    """For the duration, these arms come first, in this order, and look like this."""
    token = _ARRANGED.set(looks)
    try:
        yield
    finally:
        _ARRANGED.reset(token)


def arms_in_order(arms: Iterable[str]) -> list[str]:
    """Known arms from the simplest to the most elaborate, then the others by name, numbers in it by size."""
    known = [*_ARRANGED.get(), *COUNTED, *KNOWN]
    return sorted(set(arms), key=lambda arm: (known.index(arm) if arm in known else len(known), _by_size(arm), arm))


def _by_size(name: str) -> list[tuple[float, str]]:
    """Words and whole numbers in turn: "arm 2" before "arm 10"."""
    return [(float(part), "") if part.isdecimal() else (-1.0, part) for part in re.split(r"(\d+)", name)]


def families(runs: pd.DataFrame) -> dict[str, str]:
    """Of each arm, what its runs say of themselves, or else what is known of the file that they were made from."""
    known = {**KNOWN, **COUNTED}
    told = runs.drop_duplicates("arm").reindex(columns=["arm", "plain_arm", "family"]).astype(object).fillna("")
    return {
        row.arm: row.family or (known[name].family if (name := row.plain_arm or row.arm) in known else OWN)
        for row in told.itertuples()
    }


def looks(arms: Iterable[str], families: Mapping[str, str] = MappingProxyType({})) -> dict[str, Look]:
    """The look of each arm, in the order of `arms_in_order`. Two arms share one only when the reserve is used up."""
    taken: dict[str, Look] = {}
    for arm in arms_in_order(arms):
        known = _ARRANGED.get().get(arm) or KNOWN.get(arm) or COUNTED.get(arm)
        taken[arm] = known or _from_reserve(arm, families.get(arm, OWN), list(taken.values()))
    return taken


def _from_reserve(arm: str, family: str, used: Sequence[Look]) -> Look:
    """The look that the name points to, or the next whose colour (or at least whose combination) is still free."""
    reserve = RESERVES.get(family, RESERVE)
    start = crc32(arm.encode())
    turns = [replace(reserve[(start + turn) % len(reserve)], family=family) for turn in range(len(reserve))]
    colours = {look.colour for look in used}
    free = [look for look in turns if look not in used] or turns
    return next((look for look in free if look.colour not in colours), free[0])


MOST_TOGETHER = 8
"""Arms that can be told apart where they are drawn over one another."""


def by_family(looks: Mapping[str, Look]) -> dict[str, dict[str, Look]]:
    """Arms that can be drawn over one another, by the names of their families; all, without a name, where they are few.

    Families that follow one another are together as long as they are few; one of more than `MOST_TOGETHER` arms is told
    in parts, "gated (1)" and "gated (2)".
    """
    if len(looks) <= MOST_TOGETHER:
        return {"": dict(looks)}
    parts: list[tuple[list[str], dict[str, Look]]] = []
    for name, own in _slices(looks):
        if parts and len(parts[-1][1]) + len(own) <= MOST_TOGETHER:
            parts[-1] = [*parts[-1][0], name], parts[-1][1] | own
        else:
            parts.append(([name], own))
    return {listed(names): own for names, own in parts}


def _slices(looks: Mapping[str, Look]) -> Iterator[tuple[str, dict[str, Look]]]:
    """Each family, in the order of the families, those that nobody has named last; or its parts."""
    for family in [*FAMILIES, *sorted({look.family for look in looks.values()} - {*FAMILIES})]:
        own = [(arm, look) for arm, look in looks.items() if look.family == family]
        starts = range(0, len(own), MOST_TOGETHER)
        for number, at in enumerate(starts, start=1):
            yield f"{family} ({number})" if len(starts) > 1 else family, dict(own[at : at + MOST_TOGETHER])
