"""Columns that several files have."""

Column = tuple[str, str]
"""Unit and meaning."""

TASK = ("", "the task, by its label")
ARM = ("", "the arm, by its label")
GAP = ("steps", "the dependency gap that it was trained at; 0 where a task has none")
PLACE = {"task": TASK, "arm": ARM, "gap": GAP}
BUDGET = ("steps", "of training, at most")
PARAMETERS = ("", "number of parameters of the model, trained or not")
TIME_CONSTANT = {
    f"time_constant_p{share}": (
        "steps",
        f"within which {share} % of the units forget to 1/e at initialisation; median over runs",
    )
    for share in (10, 50, 90)
}
TIME_CONSTANT |= {
    f"{name}_layer_*": (unit, f"{meaning}; of a layer of a stack") for name, (unit, meaning) in TIME_CONSTANT.items()
}
SIZE = {
    "parameters": PARAMETERS,
    "state_size": ("", "numbers that the model carries from step to step; empty where that is not known"),
    **TIME_CONSTANT,
    "milliseconds_per_step": ("ms", "of a training step: median over the steps of a run, and over runs"),
}
INTERVAL = {
    "gap50": ("steps", 'the gap that half of the runs bridge; "> 400" or "< 5" beyond the range of the search'),
    "gap50_low": ("steps", "lower end of its 95 % interval"),
    "gap50_high": ("steps", "upper end of its 95 % interval"),
}
LOAD_INTERVAL = {
    "load50": ("items", 'the load that half of the runs carry; "> 16" or "< 1" beyond the range of the search'),
    "load50_low": ("items", "lower end of its 95 % interval"),
    "load50_high": ("items", "upper end of its 95 % interval"),
}
SEARCHED = "of what was searched"
ENDED = ("", "why it ended, in words")
OF_SEARCH = ("runs", "with a result of the search")
TALLY = {"solved": ("runs", "that solved the task"), "finished": ("runs", "with a result")}
