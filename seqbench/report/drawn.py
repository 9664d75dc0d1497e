"""The figures of a report, ready for its page and its files."""

import os
import pickle
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from seqbench.report import render
from seqbench.report.figures.plot import Plot


class Image(NamedTuple):
    """A figure in the forms that a report has of it: an SVG element, and a PDF."""

    svg: str
    pdf: bytes


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


def rendered(plots: Sequence[Plot], left_out: Sequence[str] = (), processes: int | None = None) -> Drawn:
    """What `seqbench.report.figures.draw.draw` gives, with the figures as images.

    They are most of the work of a report, and several `processes` share them: by default, one for each core.
    """
    number = max(1, min(len(plots), processes or _cores()))
    own, *others = (plots[first::number] for first in range(number))
    forks = [_forked(share) for share in others]
    images = _images(own)
    for share, fork in zip(others, forks, strict=True):
        images |= _received(*fork) or _images(share)  # what went wrong in a fork shows itself here
    return Drawn(plots, images, left_out)


def _images(plots: Sequence[Plot]) -> dict[str, Image]:
    return {plot.name: Image(render.svg(plot.figure, plot.name), render.pdf(plot.figure)) for plot in plots}


def _cores() -> int:
    """One where figures cannot be handed to a fork safely: beside other threads of Python, and on other systems."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def _forked(plots: Sequence[Plot]) -> tuple[int, BinaryIO]:
    """A process that renders these figures, and the pipe that it sends them through.

    Figures hold functions and cannot be sent to a process; a fork has them already.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # It warns of threads: those of numerical libraries, which drawing does not call.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process:
        os.close(writer)
        return process, os.fdopen(reader, "rb")
    try:
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(_images(plots), pipe)
    finally:
        os._exit(0)


def _received(process: int, pipe: BinaryIO) -> dict[str, Image]:
    """What a fork has rendered; nothing if it failed."""
    with pipe:
        content = pipe.read()
    os.waitpid(process, 0)
    try:
        images: dict[str, Image] = pickle.loads(content)
    except (EOFError, pickle.UnpicklingError):
        return {}
    return images
