"""The figures in the order of the page, each a module: what it is drawn from, the drawing, the caption."""

from seqbench.report.figures import (
    agreement,
    context,
    decay_and_reach,
    flow,
    flow_snapshots,
    generalisation,
    gradient_blocks,
    gradient_by_lag,
    gradient_norm,
    growth,
    horizon,
    horizon_by_budget,
    horizon_curves,
    horizon_path,
    learning_rates,
    loss,
    slots,
    success,
    time_to_solve,
)

IN_ORDER = (
    horizon, horizon_by_budget, horizon_curves, horizon_path, learning_rates, success, time_to_solve, growth, agreement,
    generalisation, context, loss, slots, gradient_by_lag, flow, flow_snapshots, decay_and_reach, gradient_norm,
    gradient_blocks,
)  # fmt: skip
