"""Whose a part of a drawing is: marks by which a page shows and hides the arms of all its figures."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from seqbench.analysis.arms import Look

ARM, KEY = "arm=", "key="
"""What the gid of a part that is an arm's own begins with, and that of its entry in a legend."""
_MARK = re.compile(r' id="(arm|key)=([^"]*)"')


def by_arm(ax: Axes, looks: Mapping[str, Look]) -> Iterator[tuple[str, Look]]:
    """Each arm in turn; what is drawn into the panel in the meantime is its own."""
    for arm, look in looks.items():
        with of_arm(ax, arm):
            yield arm, look


@contextmanager
def of_arm(ax: Axes, arm: str) -> Iterator[None]:
    """Marks what is drawn into a panel in the meantime as the arm's own."""
    before = set(ax.get_children())
    yield
    for artist in set(ax.get_children()) - before:
        mark(artist, arm)


def mark(artist: Artist, arm: str, kind: str = ARM) -> None:
    """A panel may be an arm's own in whole."""
    artist.set_gid(kind + arm)


def arm_of(artist: Artist) -> str:
    """Whose it is: its own mark, or that of its panel; empty where it is nobody's."""
    marks = [str(one.get_gid()) for one in (artist, artist.axes) if one is not None]
    return next((found.removeprefix(ARM) for found in marks if found.startswith(ARM)), "")


def as_data(svg: str) -> str:
    """The marks as `data-arm` and `data-key`: many parts have the same one, which no id may."""
    return _MARK.sub(r' data-\1="\2"', svg)
