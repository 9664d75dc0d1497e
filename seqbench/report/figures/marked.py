"""Whose a part of a drawing is: marks by which a page shows and hides the arms of all its figures."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from urllib.parse import quote, unquote

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path

from seqbench.analysis.arms import Look
from seqbench.report.figures.crowd import BEHIND

ARM, KEY, PANEL = "arm=", "key=", "panel="
"""What the gid of a part that is an arm's own begins with, that of its entry in a legend, and that of a whole panel.

The name follows quoted as in an address, so that every name can stand there.
"""
_MARK = re.compile(r' id="(arm|key|panel)=([^"]*)"')
_PANEL = re.compile(r' id="axes_\d+"')


def by_arm(ax: Axes, looks: Mapping[str, Look]) -> Iterator[tuple[str, Look]]:
    """Each arm in turn; what is drawn into the panel in the meantime is its own."""
    for arm, look in looks.items():
        before = set(ax.get_children())
        with of_arm(ax, arm):
            yield arm, look
        if look == BEHIND:
            _step_back(set(ax.get_children()) - before)


def _step_back(artists: Iterable[Artist]) -> None:
    """Thin lines and dots are left of what stands behind other arms: no bands, nothing that a pointer finds."""
    for artist in artists:
        if not isinstance(artist, Line2D):
            artist.remove()
        elif artist.get_linestyle() == "None":
            artist.set(markersize=4, markeredgewidth=0, zorder=1.2)
        else:
            artist.set(linewidth=0.8, marker="", zorder=1.2)
            _simplify(artist.get_path())


def _simplify(path: Path) -> None:
    """Points are left out that bend it by less than half its width: it stands in many panels."""
    path.should_simplify, path.simplify_threshold = True, 0.4


@contextmanager
def of_arm(ax: Axes, arm: str) -> Iterator[None]:
    """Marks what is drawn into a panel in the meantime as the arm's own."""
    before = set(ax.get_children())
    yield
    for artist in set(ax.get_children()) - before:
        mark(artist, arm)


def mark(artist: Artist, arm: str, kind: str = ARM) -> None:
    """A panel may be an arm's own in whole."""
    artist.set_gid((PANEL if isinstance(artist, Axes) else kind) + quote(arm, safe=""))


def arm_of(artist: Artist) -> str:
    """Whose it is: its own mark, or that of its panel; empty where it is nobody's."""
    marks = [str(one.get_gid()) for one in (artist, artist.axes) if one is not None]
    return next((unquote(found.partition("=")[2]) for found in marks if found.startswith((ARM, PANEL))), "")


def arms_in(figure: Figure) -> set[str]:
    """Those that something was drawn for."""
    return {arm_of(artist) for ax in figure.axes for artist in (ax, *ax.get_children())} - {""}


def as_data(svg: str) -> str:
    """The marks as `data-arm` and `data-key`, because many parts have the same one; panels have a class."""
    return _MARK.sub(_attributes, _PANEL.sub(' class="panel"', svg))


def _attributes(mark: re.Match[str]) -> str:
    kind, arm = mark[1], escape(unquote(mark[2]))
    return f' class="panel" data-arm="{arm}"' if kind == "panel" else f' data-{kind}="{arm}"'
