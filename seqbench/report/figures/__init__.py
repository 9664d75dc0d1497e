"""The figures: each module turns frames of the record into a matplotlib Figure and does no input or output."""

from seqbench.report.figures.agreement import agreement, generalisation
from seqbench.report.figures.context import context
from seqbench.report.figures.flow import flow, flow_snapshots
from seqbench.report.figures.gradient_by_lag import gradient_by_lag
from seqbench.report.figures.gradient_norm import gradient_blocks, gradient_norm
from seqbench.report.figures.growth import growth
from seqbench.report.figures.horizon import horizon, horizon_path
from seqbench.report.figures.horizon_curves import horizon_curves
from seqbench.report.figures.loss import loss
from seqbench.report.figures.reach import decay_and_reach
from seqbench.report.figures.slots import slots
from seqbench.report.figures.success import success
from seqbench.report.figures.time_to_solve import time_to_solve

__all__ = [
    "agreement", "context", "decay_and_reach", "flow", "flow_snapshots", "generalisation", "gradient_blocks",
    "gradient_by_lag", "gradient_norm", "growth", "horizon", "horizon_curves", "horizon_path", "loss",
    "slots", "success", "time_to_solve",
]  # fmt: skip
