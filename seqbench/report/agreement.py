"""Goes with the figures of today."""

from seqbench.analysis.agreement import accuracy, chosen, runs_of

__all__ = ["accuracy", "chosen", "runs_of"]
