"""The figures in the order of the page, each a module: what it is drawn from, the drawing, the caption."""

from types import ModuleType

from seqbench.report.figures import (
    agreement,
    context,
    curriculum,
    decay_and_reach,
    flow,
    flow_snapshots,
    generalisation,
    gradient_blocks,
    gradient_by_lag,
    gradient_laws,
    gradient_norm,
    growth,
    hold,
    horizon,
    horizon_by_budget,
    horizon_curves,
    horizon_path,
    learning_rates,
    loss,
    slots,
    spread,
    spread_predicts,
    success,
    surface,
    task,
    time_to_solve,
    traces,
)

ASKED, FAR, FAST, WHY, INSIDE, OWN = "What is asked", "How far", "How fast", "Why", "Inside", "Figures of one's own"
GROUPS: dict[str, tuple[ModuleType, ...]] = {
    ASKED: (task,),
    FAR: (horizon, surface, success, hold, spread_predicts, spread, agreement, context, generalisation,
          horizon_by_budget, horizon_curves, horizon_path, learning_rates),
    FAST: (time_to_solve, curriculum, growth, loss),
    WHY: (gradient_by_lag, gradient_laws, decay_and_reach, flow, flow_snapshots, slots, gradient_norm, gradient_blocks),
    INSIDE: (traces,),
}  # fmt: skip
"""By the question that they answer; those of one's own come last."""
SECONDARY = frozenset({
    horizon_by_budget, horizon_curves, horizon_path, learning_rates, growth, flow_snapshots, slots, gradient_norm,
    gradient_blocks,
})  # fmt: skip
"""Folded on the page; so are all of a module but the first."""
OF_TRACES = frozenset({task, traces})
"""Those that look into trained models, and take traces beside findings."""
