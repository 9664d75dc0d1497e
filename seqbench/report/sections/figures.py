"""The figures with their captions, and which were left out."""

from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn
from seqbench.report.figures.plot import Plot


def values(_: Findings, drawn: Drawn) -> dict[str, object]:
    """Each figure with its drawing and its width; the section stands also where there is none, and says so."""
    shown = [(plot, drawn.images[plot.name].svg, _width(plot)) for plot in drawn.plots]
    return {"figures": shown, "left_out": drawn.left_out}


def _width(plot: Plot) -> int:
    """CSS pixels at which the figure's type has its intended size."""
    return round(float(plot.figure.get_size_inches()[0]) * 96)
