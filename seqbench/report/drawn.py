"""The figures of a report, ready for its page and its files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    elsewhere: Sequence[Plot] = ()
    """Those that a page in brief tells of and does not show."""

    @property
    def names(self) -> frozenset[str]:
        """Of the figures that a section may point to."""
        return frozenset(plot.name for plot in self.plots)

    @property
    def first(self) -> str:
        """The name of the figure that a page begins with; empty without figures."""
        return self.ordered[0].name if self.plots else ""

    @cached_property
    def ordered(self) -> list[Plot]:
        """In the order of the page: what it folds stands after what it shows of the same group.

        It begins with the first that shows how far or, where there is none, with the first that shows a result.
        """
        groups = [plot.group for plot in self.plots]
        whole = sorted(self.plots, key=lambda plot: (groups.index(plot.group), plot.secondary))
        first = min(whole, key=lambda plot: (plot.group != figures.FAR, plot.group == figures.ASKED), default=None)
        return sorted(whole, key=lambda plot: plot is not first)

    @property
    def in_order(self) -> list[str]:
        """The names of the figures."""
        return [plot.name for plot in self.ordered]

    def alone(self) -> "Drawn":
        """With the figure that a page begins with; the others are elsewhere."""
        return replace(self, plots=self.ordered[:1], elsewhere=self.ordered[1:])

    def files(self) -> dict[str, bytes]:
        """The images, by the names of their files in the folder of a report."""
        svgs = {f"figures/{name}.svg": f"{image.svg}\n".encode() for name, image in self.images.items()}
        return svgs | {f"figures/{name}.pdf": image.pdf for name, image in self.images.items()}


class Rendering(Mapping[str, Image]):
    """Figures that become images beside other work, each in a process of its own; who looks at one waits for it.

    That is most of the work on a report. Figures hold functions and cannot be sent to a process; a fork has them
    already. There are `processes` at a time, and this one is among them unless it waits: by default, one for each core.
    At the end of the block, what nobody has looked at is ended.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or forks.cores()
        self._waiting: dict[str, Plot] = {}
        self._begun: dict[str, forks.Fork[Image]] = {}
        self._images: dict[str, Image] = {}

    def __enter__(self) -> "Rendering":
        return self

    def __exit__(self, *_: object) -> None:
        for fork in self._begun.values():
            fork.stop()

    def begin(self, plot: Plot) -> None:
        """As soon as a process is free for it."""
        self._waiting[plot.name] = plot
        self._hand_out(self._processes - 1)

    def __getitem__(self, name: str) -> Image:
        if name not in self._images:
            self._images[name] = self._image(name)
        return self._images[name]

    def _image(self, name: str) -> Image:
        if self._processes == 1 and name in self._waiting:
            return _image(self._waiting.pop(name))
        while name in self._waiting or (self._waiting and not self._begun[name].is_over):
            self._hand_out(self._processes)
            forks.wait_for_one(self._at_work())
        return self._begun.pop(name).result()

    def __iter__(self) -> Iterator[str]:
        return iter([*self._images, *self._begun, *self._waiting])

    def __len__(self) -> int:
        return len(self._images) + len(self._begun) + len(self._waiting)

    def _hand_out(self, most: int) -> None:
        while self._waiting and len(self._at_work()) < most:
            name = next(iter(self._waiting))
            self._begun[name] = forks.Fork(_image, self._waiting.pop(name))

    def _at_work(self) -> list[forks.Fork[Image]]:
        return [fork for fork in self._begun.values() if not fork.is_over]


def rendered(plots: Sequence[Plot], left_out: Sequence[str] = (), processes: int | None = None) -> Drawn:
    """What `seqbench.report.figures.draw.draw` gives, with the figures as images."""
    with Rendering(processes) as rendering:
        for plot in plots:
            rendering.begin(plot)
        return Drawn(plots, dict(rendering), left_out)


def _image(plot: Plot) -> Image:
    svg = render.svg(plot.figure, plot.name)
    plot.figure.set_layout_engine("none")  # everything has its place by now
    return Image(svg, render.pdf(plot.figure), spots(plot.figure))
