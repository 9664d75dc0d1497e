"""The values that travel: a run as a spec, the random streams of its seed, and a plan of many runs as jobs."""

from seqbench.plan.alike import apart, duplicates
from seqbench.plan.jobs import VERDICTS, Cell, Control, Job, Plan
from seqbench.plan.spec import TRAINING_VERSION, RunSpec, told

__all__ = ["TRAINING_VERSION", "VERDICTS", "Cell", "Control", "Job", "Plan", "RunSpec", "apart", "duplicates", "told"]
