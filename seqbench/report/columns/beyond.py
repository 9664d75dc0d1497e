"""Beyond what was trained: longer gaps, how states keep apart, and contexts of a text."""

from collections.abc import Mapping

from seqbench.report.columns.common import ARM, PLACE, TASK, Column
from seqbench.report.columns.runs import RUNS

FILES: Mapping[str, Mapping[str, Column]] = {
    "hold.csv": {
        **PLACE,
        "hold": ("times gap", "the longest multiple of its gap that half of the runs solve; 0: not its own"),
        "low": ("times gap", "lower end of its 95 % interval, of six runs or more"),
        "high": ("times gap", "upper end of it"),
        "limit": ("times gap", "from which on a number is that or more: no longer one was tested; inf without any"),
        "runs": ("runs", "with a result"),
        "not_learned": ("runs", "that do not solve their own gap, and count as 0"),
    },
    "hold_predictions.csv": {
        "run_id": RUNS["run_id"],
        **PLACE,
        "seed": RUNS["seed"],
        "ratio": ("", "W/B at the gap"),
        "critical": ("", "W/B at which the readout of the run errs on 1 %"),
        "critical_lag": ("steps", "at which W/B is predicted to come there; inf for never, empty for no prediction"),
        "predicted_multiple": ("times gap", "the same; at most 64, or as far as it was tested and held"),
        "signature": ("", "latch, drift, leak, shift or open"),
        "hold_multiple": ("times gap", "that the run solved, as far as it was tested"),
    },
    "hold_correlations.csv": {
        "task": ("", "the task, by its label; or all tasks; or of all the runs that hold at twice the gap"),
        "runs": ("runs", "with a prediction and a test"),
        "without": ("runs", "with a test alone"),
        "spearman": ("", "rank correlation of predicted and measured multiple"),
        "low": ("", "lower end of its 95 % bootstrap interval over runs"),
        "high": ("", "upper end of it"),
        "p_value": ("p", "of the permutation test"),
        "verdict": ("", "in words"),
    },
    "signatures.csv": {
        "task": TASK,
        "arm": ARM,
        "runs": ("runs", "that solved their task and tell a spread"),
        "latch": ("runs", "W/B stays"),
        "drift": ("runs", "W/B rises, and B does not fall"),
        "leak": ("runs", "B falls"),
        "shift": ("runs", "groups move away together"),
        "open": ("runs", "noise hides which, or the lags are too few"),
        "predicted_multiple": ("times gap", "median over runs"),
        "hold_multiple": ("times gap", "median over runs"),
    },
    "spread_by_lag.csv": {
        "run_id": RUNS["run_id"],
        **PLACE,
        "seed": RUNS["seed"],
        "lag": ("steps", "after the last evidence, at which the answers were asked"),
        "within": ("of the states", "W: mean distance of a state to the mean of its group, which shares the answers"),
        "between": ("of the states", "B: least distance between the means of two groups"),
        "moved": ("of the states", "mean distance of the means of groups from where they are at the gap"),
        "ratio": ("", "W/B"),
        "critical": ("", "W/B at which the readout of the run errs on 1 %; at the gap; inf where it never does"),
    },
    "generalisation.csv": {
        "task": TASK,
        "trained_gap": ("words", "the longest gap of training"),
        "arm": ARM,
        "holds_to_gap": ("words", "the longest gap up to which the median over seeds meets the criterion"),
        "longest_gap_tested": ("words", "in the test"),
        "median_accuracy_at_longest": ("share", "of verbs in the right form there"),
    },
    "effective_context.csv": {
        "task": TASK,
        "arm": ARM,
        "words": ("words", "that it uses: fewer raise the loss by more than 1 %"),
        "low": ("words", "lower end of the 95 % interval"),
        "high": ("words", "upper end of it; inf beyond the longest"),
        "by_perplexity": ("words", "the same, 1 % of the perplexity"),
        "seeds": ("", "over which the loss was averaged"),
        "longest": ("words", "the longest context that was measured"),
        "rises": ("", "whether the loss rises again with the longest context"),
    },
}  # fmt: skip
