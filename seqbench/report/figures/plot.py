"""What a figure comes with on a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from seqbench.events import HIDDEN, of_layer
from seqbench.record.states import in_words


@dataclass(frozen=True)
class Plot:
    """A figure ready to be put on a page."""

    name: str
    """File name without its suffix."""
    title: str
    caption: list[str]
    """Paragraphs: the first is what it shows, in at most two sentences, and the others say how to read it."""
    figure: Figure
    run_ids: tuple[str, ...]
    """The runs that the figure is drawn from."""
    group: str = ""
    """Of `seqbench.report.figures.GROUPS`, as `draw` finds it."""
    secondary: bool = False
    """Whether a page folds it."""

    def __post_init__(self) -> None:
        """Raises ValueError for what no page could show: figures of one's own are checked as they are made."""
        if not re.fullmatch(r"\w[\w-]*", self.name):
            raise ValueError(f"the name {self.name!r} should have letters, digits, '_' and '-' only")
        for field in ("caption", "run_ids"):
            values = getattr(self, field)
            if isinstance(values, str) or not all(isinstance(value, str) for value in values):
                raise ValueError(f"{field} should be a sequence of texts")


def name_of(figure: str, state: str) -> str:
    """Of a figure that there is for each state: "gradient_by_lag_cell"; the hidden state is the one not named."""
    if state == HIDDEN:
        return figure
    name, layer = of_layer(state)
    word = in_words(name).split()[0] + ("" if layer is None else f"_layer_{layer}")
    return f"{figure}_" + re.sub(r"\W+", "_", word)


def ids(frame: pd.DataFrame) -> tuple[str, ...]:
    """The runs of a frame, for `Plot.run_ids`."""
    return tuple(sorted(frame.run_id.unique()))


IdsBy = Mapping[tuple[object, ...], tuple[str, ...]]


def ids_by(frame: pd.DataFrame, *columns: str) -> IdsBy:
    """The runs of a frame by what they are in these columns."""
    return {key: ids(own) for key, own in frame.groupby(list(columns), observed=True)}
