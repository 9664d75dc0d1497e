"""The figures of a report, ready for its page and its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from seqbench.report import figures, forks, render
from seqbench.report.figures.plot import Plot
from seqbench.report.figures.told import Spot, spots


class Image(NamedTuple):
    """A figure in the forms that a report has of it: an SVG element, and a PDF."""

    svg: str
    pdf: bytes
    spots: Sequence[Spot] = ()
    """What is told of its points."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and what was not; nothing of both for a page without figures."""

    plots: Sequence[Plot] = ()
    images: Mapping[str, Image] = field(default_factory=dict)
    """Of each figure, by its name."""
    left_out: Sequence[str] = ()
    """A line for each figure that raised."""

    @property
    def names(self) -> frozenset[str]:
        """Of the figures that a section may point to."""
        return frozenset(plot.name for plot in self.plots)

    @property
    def first(self) -> str:
        """The name of the figure that a page begins with: the first that shows how far; empty without figures."""
        return self.ordered[0].name if self.plots else ""

    @cached_property
    def ordered(self) -> list[Plot]:
        """In the order of the page: what it folds stands after what it shows of the same group."""
        groups = [plot.group for plot in self.plots]
        whole = sorted(self.plots, key=lambda plot: (groups.index(plot.group), plot.secondary))
        first = next((plot for plot in whole if plot.group == figures.FAR), whole[0] if whole else None)
        return sorted(whole, key=lambda plot: plot is not first)

    def files(self) -> dict[str, bytes]:
        """The images, by the names of their files in the folder of a report."""
        svgs = {f"figures/{name}.svg": f"{image.svg}\n".encode() for name, image in self.images.items()}
        return svgs | {f"figures/{name}.pdf": image.pdf for name, image in self.images.items()}


def rendered(plots: Sequence[Plot], left_out: Sequence[str] = (), processes: int | None = None) -> Drawn:
    """What `seqbench.report.figures.draw.draw` gives, with the figures as images.

    They are most of the work of a report, and several `processes` share them: by default, one for each core. Figures
    hold functions and cannot be sent to a process; a fork has them already.
    """
    number = max(1, min(len(plots), processes or forks.cores()))
    own, *others = (plots[first::number] for first in range(number))
    shares = [forks.Fork(_images, share) for share in others]
    images = _images(own)
    for share in shares:
        images |= share.result()
    return Drawn(plots, images, left_out)


def _images(plots: Sequence[Plot]) -> dict[str, Image]:
    return {plot.name: _image(plot) for plot in plots}


def _image(plot: Plot) -> Image:
    svg = render.svg(plot.figure, plot.name)
    plot.figure.set_layout_engine("none")  # everything has its place by now
    return Image(svg, render.pdf(plot.figure), spots(plot.figure))
