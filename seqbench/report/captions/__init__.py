"""What is to be seen in each figure, said from the data: every number and every choice of words is computed.

A caption is a list of paragraphs: what is drawn, then a finding per task, then what else to know.
"""

from seqbench.report.captions.agreement import agreement, generalisation
from seqbench.report.captions.context import context
from seqbench.report.captions.flow import flow, flow_snapshots
from seqbench.report.captions.gradient_by_lag import gradient_by_lag
from seqbench.report.captions.gradient_norm import gradient_blocks, gradient_norm
from seqbench.report.captions.horizon import horizon, horizon_answer, horizon_curves, horizon_path
from seqbench.report.captions.loss import loss
from seqbench.report.captions.reach import decay_and_reach
from seqbench.report.captions.slots import slots
from seqbench.report.captions.solving import growth, time_to_solve
from seqbench.report.captions.success import answer, success
from seqbench.report.captions.trace import trace

__all__ = [
    "agreement", "answer", "context", "decay_and_reach", "flow", "flow_snapshots", "generalisation",
    "gradient_blocks", "gradient_by_lag", "gradient_norm", "growth", "horizon", "horizon_answer", "horizon_curves",
    "horizon_path", "loss", "slots", "success", "time_to_solve", "trace",
]  # fmt: skip
