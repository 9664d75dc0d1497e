"""What every column of every file of a report is: its unit, if it has one, and its meaning.

A column that ends in an asterisk stands for all that begin like it.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

Column = tuple[str, str]
"""Unit and meaning."""

_TASK = ("", "the task, by its label")
_ARM = ("", "the arm, by its label")
_GAP = ("steps", "the dependency gap that it was trained at; 0 where a task has none")
_PLACE = {"task": _TASK, "arm": _ARM, "gap": _GAP}
_BUDGET = ("steps", "of training, at most")
_PARAMETERS = ("", "number of parameters of the model, trained or not")
_TIME_CONSTANT = {
    f"time_constant_p{share}": (
        "steps",
        f"within which {share} % of the units forget to 1/e at initialisation; median over runs",
    )
    for share in (10, 50, 90)
}
_TIME_CONSTANT |= {
    f"{name}_layer_*": (unit, f"{meaning}; of a layer of a stack") for name, (unit, meaning) in _TIME_CONSTANT.items()
}
_SIZE = {
    "parameters": _PARAMETERS,
    "state_size": ("", "numbers that the model carries from step to step; empty where that is not known"),
    **_TIME_CONSTANT,
    "milliseconds_per_step": ("ms", "of a training step: median over the steps of a run, and over runs"),
}
_INTERVAL = {
    "gap50": ("steps", 'the gap that half of the runs bridge; "> 400" or "< 5" beyond the range of the search'),
    "gap50_low": ("steps", "lower end of its 95 % interval"),
    "gap50_high": ("steps", "upper end of its 95 % interval"),
}
_LOAD_INTERVAL = {
    "load50": ("items", 'the load that half of the runs carry; "> 16" or "< 1" beyond the range of the search'),
    "load50_low": ("items", "lower end of its 95 % interval"),
    "load50_high": ("items", "upper end of its 95 % interval"),
}
_ENDED = ("", "why it ended, in words")
_OF_SEARCH = ("runs", "with a result of the search")
_TALLY = {"solved": ("runs", "that solved the task"), "finished": ("runs", "with a result")}

RUNS: Mapping[str, Column] = {
    "run_id": ("", "id in MLflow"),
    "run_name": ("", "task, gap, model and seed"),
    "status": ("", "MLflow's: FINISHED, FAILED, KILLED, RUNNING"),
    "outcome": ("", "solved, unsolved, diverged, failed (it crashed) or unfinished"),
    "reason": ("", "of a crash, in a line"),
    "label": ("", "how it came to its outcome (`seqbench.events.Label`)"),
    "evidence": ("", "what the label rests on"),
    "not_finite": ("", "where a gradient by lag was not finite"),
    "command": ("", "repeats this run alone"),
    "search": ("", "id of the search that it belongs to"),
    "tuning": ("", "id of the tuning of its learning rate"),
    "claims": ("", "the controls that it bears on, as JSON"),
    **_PLACE,
    "plain_task": ("", "name of the file in conf/task"),
    "plain_arm": ("", "name of the file in conf/model"),
    "load": ("", "items to be held in memory"),
    "seed": ("", "root of all randomness of the run"),
    "device": ("", "where the model was trained and tested: cpu, or a card"),
    "card": ("", "what the card calls itself; empty for the CPU"),
    "parameters": _PARAMETERS,
    "evidence_lag": ("steps", "from the first needed evidence to the first answer"),
    "steps": ("steps", "of training that were made"),
    "budget": _BUDGET,
    "steps_to_solve": ("steps", "to the validation that completed the row; empty where the last test decided"),
    "solved_by/*": ("", "1 if it would have solved the task with this shorter budget, else 0"),
    "test_loss": ("of the task", "mean loss of the test; nats where it is a cross-entropy"),
    "test_loss_error": ("of the task", "standard error of the mean loss over sequences"),
    "test_score": ("of the task", "the score that decides"),
    "test_perplexity": ("words", "of the test, for tasks over words"),
    "test_bits_per_character": ("bits", "of the test, for text"),
    "best_baseline_loss": ("of the task", "loss of the best baseline"),
    "gradient_at_gap_*": ("log10", "the gradient of h at the evidence over that at the probed step; init, end"),
    "decay_*": ("nats per step", "by which the gradient shrinks up to the gap, least squares; below 0 where it grows"),
    "zero_at_gap_*": ("share", "of sequences with a gradient of exactly zero at the gap"),
    "input_*": ("as above", "the same with respect to inputs, for a core that states no step"),
    "auxiliary_states": ("", "of the core, those whose gradient means nothing by itself: reports leave them out"),
    "family": ("", "of the model (`seqbench.models.families`); empty in records from before it was told"),
    "state_size": ("", "numbers that the model carries from step to step; empty where it states none"),
    **_TIME_CONSTANT,
    "seconds": ("s", "of the run, with its probes and tests"),
    "milliseconds_per_step": ("ms", "of a training step (data, forward, backward, update), the median over the steps"),
    "workers": ("", "processes that the run shared its machine with, its own among them; 0 for that of the driver"),
    "fingerprint": ("", "hash of all that can change the result"),
    "copies": ("", "runs of this fingerprint in the record"),
    "thinned": ("", "True if its file with all points is gone, so that its curves have those that MLflow kept"),
    "git_revision": ("", "of the working folder"),
    "task.*": ("", "a setting"),
    "model.*": ("", "a setting"),
    "training.*": ("", "a setting"),
    "version.*": ("", "of what the run was made with"),
}  # fmt: skip

FILES: Mapping[str, Mapping[str, Column]] = {
    "runs.csv": RUNS,
    "summary.csv": {
        **_PLACE,
        "load": RUNS["load"],
        **_TALLY,
        "not_finished": ("runs", "without a result: crashed or under way"),
        "wilson_low": ("share", "lower end of the 95 % Wilson interval of the success"),
        "wilson_high": ("share", "upper end of it"),
        "median_steps_to_solve": ("steps", 'median, runs without success counted as longer; "> 1300" if beyond'),
        "steps_spent_per_success": ("steps", "of all runs, over the number that solved"),
        "log10_gradient_at_gap_*": ("log10", "median of gradient_at_gap: initially, of solved and of unsolved runs"),
        "zero_at_gap_*": ("share", "mean of zero_at_gap over the same runs"),
        "log10_input_gradient_at_gap_*": ("log10", "the same with respect to inputs"),
        "input_zero_at_gap_*": ("share", "the same with respect to inputs"),
        "budget": _BUDGET,
        **_SIZE,
    },
    "leaderboard.csv": {
        "task": _TASK,
        "arm": _ARM,
        **_SIZE,
        "budget": _BUDGET,
        "reliable": ("steps", "the longest gap with a run that lies below the whole interval"),
        **_INTERVAL,
        **_LOAD_INTERVAL,
        "bracket": ("steps", "the gaps between which success passes one half, by counting"),
        "runs": _OF_SEARCH,
        "steps": ("steps", "of training of all of them"),
        "seconds_per_gap": ("s", "of training, over the number of gaps that half of the runs solved"),
        "seconds_per_load": ("s", "the same over the number of loads, of a search over the load"),
        "consistency": ("", "posterior probability that success falls with the gap, against unrelated rates"),
        "grid_runs": ("runs", "that a grid as precise would take"),
        "grid_steps": ("steps", "of training that it would take"),
        "search_ended": _ENDED,
        "learning_rate": ("", "the one that was chosen"),
        "at_the_common_rate_*": ("steps", "gap50 of the arm at the rate that all share, with its interval"),
        "untrained_dynamics_*": ("steps", "gap50 of the arm with a frozen core, with its interval"),
        "min_gap": ("steps", "the search was from here"),
        "max_gap": ("steps", "to here"),
        "min_load": ("items", "the search over the load was from here"),
        "max_load": ("items", "to here"),
        "tolerance": ("factor", "between the ends of an interval that is narrow enough"),
        "max_runs": ("runs", "budget of the search"),
        "max_steps": ("steps", "budget of the search"),
    },
    "horizons_by_budget.csv": {
        "task": _TASK,
        "arm": _ARM,
        "budget": _BUDGET,
        **_INTERVAL,
        **_LOAD_INTERVAL,
        "runs": _OF_SEARCH,
    },
    "surface.csv": {
        "task": _TASK,
        "arm": _ARM,
        "searched": ("", "gap or load: what was searched, at the given place of the other"),
        "load": ("items", "given, or where half of the runs solve the task"),
        "gap": ("steps", "where half of the runs solve the task, or given"),
        "low": ("of what was searched", "lower end of its 95 % interval"),
        "high": ("of what was searched", "upper end of it"),
        "runs": _OF_SEARCH,
        "factor_per_doubling": ("", "of gap50 of the arm for each doubling of the load, by least squares"),
        "factor_low": ("", "lower end of its 95 % interval"),
        "factor_high": ("", "upper end of it; inf where the runs do not bound it"),
        "verdict": ("", "whether time and capacity are apart, in words"),
    },
    "learning_rates.csv": {
        "task": _TASK,
        "arm": _ARM,
        "learning_rate": ("", "a rate of the grid"),
        "chosen": ("", "whether it was chosen"),
        "gap": ("steps", "at which the rates were compared"),
        "load": ("items", "the same before a search over the load"),
        "solved": ("runs", "that solved the task there at this rate"),
        "runs": ("runs", "that were made there at this rate"),
        "steps": ("steps", "of training of these"),
        "elsewhere": ("", "what it did at the nearest gap, if it was not run there"),
        "window_decades": ("decades", "width of the rates that work, half a decade for each"),
        "tuning_runs": ("runs", "of the whole race"),
        "tuning_steps": ("steps", "of training of the whole race"),
        "share_of_search": ("share", "these steps over those of the search at the common rate"),
        "ended": _ENDED,
    },
    "log_rank.csv": {
        "task": _TASK,
        "faster": ("", "the arm that is ahead"),
        "slower": ("", "the other"),
        "p_value": ("p", "of the log-rank test, adjusted by Holm's method"),
        "smallest_p": ("p", "that so many seeds can give, adjusted likewise"),
        "pairs": ("", "pairs of runs with the same gap and seed"),
        "seeds": ("", "that both arms have"),
        "tests": ("", "pairs of arms of the task that were compared"),
    },
    "correlations.csv": {
        "task": _TASK,
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
        **_PLACE,
        "bound": ("", "path or sigma_max: see the theory"),
        "lags": ("", "lags of all runs and stages that were compared"),
        "above": ("", "those at which the gradient lies above the bound"),
        "crossed": ("", "whether there is any"),
    },
    "exact.csv": {
        **_PLACE,
        "runs": ("runs", "that were probed"),
        "apart": ("log10", "between the measured and the exact gradient of the memory, at the lag where it is most"),
        "agree": ("", "whether that is no more than rounding"),
    },
    "laws.csv": {
        "task": _TASK,
        "arm": _ARM,
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
        **_PLACE,
        "layer": ("", "of a stack, from the input up; 1 of a core alone"),
        "stage": ("", "init, end, or step_N"),
        "outcome": ("", "of the runs: solved, not solved; empty at initialisation"),
        "p10": ("steps", "a tenth of the units forget to 1/e within so many: median over runs"),
        "p50": ("steps", "half of the units do"),
        "p90": ("steps", "nine tenths of the units do"),
        "runs": ("runs", "over which the median was taken"),
    },
    "generalisation.csv": {
        "task": _TASK,
        "trained_gap": ("words", "the longest gap of training"),
        "arm": _ARM,
        "holds_to_gap": ("words", "the longest gap up to which the median over seeds meets the criterion"),
        "longest_gap_tested": ("words", "in the test"),
        "median_accuracy_at_longest": ("share", "of verbs in the right form there"),
    },
    "effective_context.csv": {
        "task": _TASK,
        "arm": _ARM,
        "words": ("words", "that it uses: fewer raise the loss by more than 1 %"),
        "low": ("words", "lower end of the 95 % interval"),
        "high": ("words", "upper end of it; inf beyond the longest"),
        "by_perplexity": ("words", "the same, 1 % of the perplexity"),
        "seeds": ("", "over which the loss was averaged"),
        "longest": ("words", "the longest context that was measured"),
        "rises": ("", "whether the loss rises again with the longest context"),
    },
    "metrics.parquet": {
        "run_id": RUNS["run_id"],
        **_PLACE,
        "seed": RUNS["seed"],
        "metric": ("", "its name"),
        "step": ("steps", "of training; for a gradient by lag the lag, for a table of the test the row"),
        "value": ("of the metric", "at this step"),
    },
}  # fmt: skip
"""By file; there is only what has rows."""


def described(column: str, file: str) -> bool:
    """Whether a column of a file has its place here."""
    return any(fnmatchcase(column, name) for name in FILES[file])
