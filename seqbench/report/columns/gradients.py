"""Why: the gradient by lag beside theory, and the time constants of units."""

from collections.abc import Mapping

from seqbench.report.columns.common import ARM, PLACE, TASK, Column

FILES: Mapping[str, Mapping[str, Column]] = {
    "correlations.csv": {
        "task": TASK,
        "arms": ("", "that have a place among one another"),
        "spearman": ("", "rank correlation of decay and gap50 over them"),
        "p_value": ("p", "of the permutation test"),
        "least_p_value": ("p", "that so many arms can give"),
        "verdict": ("", "in words"),
        "below_all": ("", "arms whose gap50 lies below all gaps"),
        "beyond_all": ("", "arms whose gap50 lies beyond all gaps"),
        "pairs": ("", "pairs of arms of which is known who reaches farther"),
        "pairs_against": ("", "those of which one decays less and has the shorter gap50"),
        "against": ("", "these, in words"),
        "left_out": ("", "arms without a place, and why"),
    },
    "bounds.csv": {
        **PLACE,
        "bound": ("", "path or sigma_max: see the theory"),
        "lags": ("", "lags of all runs and stages that were compared"),
        "above": ("", "those at which the gradient lies above the bound"),
        "crossed": ("", "whether there is any"),
    },
    "exact.csv": {
        **PLACE,
        "runs": ("runs", "that were probed"),
        "apart": ("log10", "between the measured and the exact gradient of the memory, at the lag where it is most"),
        "agree": ("", "whether that is no more than rounding"),
    },
    "laws.csv": {
        "task": TASK,
        "arm": ARM,
        "state": ("", "the state whose gradient it is, by the name that its core has for it"),
        "over": ("", "lag: over the lags at the longest gap, from 1 to the gap; gap: at the evidence, over gaps"),
        "stage": ("", "init or end"),
        "outcome": ("", "of the runs: solved, not solved; empty at initialisation"),
        "gap": ("steps", "at which the lags were taken; over gaps the longest"),
        "law": ("", "exponential, power, either (not told apart) or neither"),
        "decades_per_step": ("log10", "slope of the exponential"),
        "exponential_misfit": ("log10", "root mean square by which the exponential misses the curve"),
        "exponent": ("", "of the power law"),
        "power_misfit": ("log10", "root mean square by which the power law misses the curve"),
        "spread": ("log10", "standard deviation of the curve around its mean"),
        "points": ("", "lags or gaps that were fitted"),
        "zero_from": ("steps", "the lag or gap from which on at least half of the sequences have no gradient"),
        "runs": ("runs", "over which the median was taken"),
        "alike": ("", "of those looked at alone, with the same law"),
        "alone": ("", "runs, or over gaps seeds, with a curve of their own"),
    },
    "time_constants.csv": {
        **PLACE,
        "layer": ("", "of a stack, from the input up; 1 of a core alone"),
        "stage": ("", "init, end, or step_N"),
        "outcome": ("", "of the runs: solved, not solved; empty at initialisation"),
        "p10": ("steps", "a tenth of the units forget to 1/e within so many: median over runs"),
        "p50": ("steps", "half of the units do"),
        "p90": ("steps", "nine tenths of the units do"),
        "runs": ("runs", "over which the median was taken"),
    },
}  # fmt: skip
