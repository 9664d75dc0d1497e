"""What a figure comes with on a page."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """A figure ready to be put on a page."""

    name: str
    """File name without its suffix."""
    title: str
    caption: list[str]
    """Paragraphs."""
    figure: Figure
    run_ids: tuple[str, ...]
    """The runs that the figure is drawn from."""


def ids(frame: pd.DataFrame) -> tuple[str, ...]:
    """The runs of a frame, for `Plot.run_ids`."""
    return tuple(sorted(frame.run_id.unique()))
