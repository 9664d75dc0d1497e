"""The figures of a report, ready for its page and its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seqbench.report import render
from seqbench.report.figures.plot import Plot


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and what was not; nothing of both for a page without figures."""

    plots: Sequence[Plot] = ()
    svg: Mapping[str, str] = field(default_factory=dict)
    """The SVG element of each figure, by its name."""
    left_out: Sequence[str] = ()
    """A line for each figure that raised."""

    @property
    def names(self) -> frozenset[str]:
        """Of the figures that a section may point to."""
        return frozenset(plot.name for plot in self.plots)


def rendered(plots: Iterable[Plot], left_out: Sequence[str] = ()) -> Drawn:
    """The figures as SVG; one whose name is taken, or that raises only now, is left out, too."""
    kept: list[Plot] = []
    svg: dict[str, str] = {}
    lines = list(left_out)
    for plot in plots:
        try:
            svg[plot.name] = _svg(plot, svg)
            kept.append(plot)
        except Exception as error:  # a figure of one's own may raise anything
            lines.append(f"left out: {plot.name}: {error}")
    return Drawn(kept, svg, lines)


def _svg(plot: Plot, taken: Mapping[str, str]) -> str:
    if plot.name in taken:
        raise ValueError("there is another figure of this name")
    return render.svg(plot.figure, plot.name)
