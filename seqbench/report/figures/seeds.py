"""The single seeds of an arm in a panel: a thin line each, or a band where there are too many to tell apart."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from seqbench.analysis.arms import Look
from seqbench.report.figures import lines

LOW, HIGH = 0.1, 0.9
BAND = "10th to 90th percentile of the seeds"


def mark(many: bool) -> Line2D:
    """The legend entry."""
    return lines.line(BAND, width=5, colour="#CCCCCC") if many else lines.line("one seed")


def band(ax: Axes, values: pd.DataFrame, look: Look) -> None:
    """From LOW to HIGH of the runs (columns) at each step (row); infinite values leave the panel at the top."""
    seen = values.replace(np.inf, np.finfo(np.float32).max)
    low, high = seen.quantile(LOW, axis=1, interpolation="lower"), seen.quantile(HIGH, axis=1, interpolation="higher")
    ax.fill_between(values.index, low, high, color=look.colour, alpha=0.15, linewidth=0, zorder=1.8)
