"""The figures: each module turns frames of the record into a matplotlib Figure and does no input or output."""

from seqbench.report.figures.gradient_by_lag import gradient_by_lag
from seqbench.report.figures.gradient_norm import gradient_blocks, gradient_norm
from seqbench.report.figures.loss import loss
from seqbench.report.figures.success import success

__all__ = ["gradient_blocks", "gradient_by_lag", "gradient_norm", "loss", "success"]
