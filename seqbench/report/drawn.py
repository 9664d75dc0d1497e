"""The figures of a report, ready for its page and its files."""

from collections.abc import Mapping, Sequence
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


def rendered(plots: Sequence[Plot], left_out: Sequence[str] = ()) -> Drawn:
    """What `seqbench.report.figures.draw.draw` gives, with the figures as SVG."""
    return Drawn(plots, {plot.name: render.svg(plot.figure, plot.name) for plot in plots}, left_out)
