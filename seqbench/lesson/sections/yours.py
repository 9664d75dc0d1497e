"""A run of one's own, which appears on the curve when the lesson is written again."""

import re

import pandas as pd

from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.lesson.sections.guess import added_runs

TITLE = "Your turn: add a run to the curve"
MODELS = ("gru", "lstm_default", "rnn_orthogonal", "irnn", "lstm", "lstm_chrono", "rnn")
"""That may be tried, in this order."""
PATIENCE = 60
"""Seconds that a run may have taken at a gap, for it to be proposed."""


def section(material: Material) -> Section | LeftOut:
    """The command of a recorded run, with a model that the record does not have at that gap."""
    gap = _gap(material)
    if gap is None:
        return LeftOut(f"none of its runs took less than {PATIENCE} seconds.")
    own = pd.concat([material.runs, material.beside])
    own = own[own.gap == gap]
    model = next((name for name in MODELS if name not in set(own.plain_arm)), None)
    run = own[own.command.str.contains(r"\bmodel=", regex=True)] if "command" in own else own.iloc[:0]
    if run.empty or model is None:
        return LeftOut("the record has every model already, or does not say by which commands its runs were made.")
    command = with_model(str(run.command.iloc[0]), model)
    again = f"python -m seqbench.lesson {material.experiment}"
    return Section(
        values={
            "command": command,
            "again": again,
            "model": model,
            "gap": gap,
            "seconds": round(float(own.seconds.max())),
            "added": added_runs(material),
        },
        cells=(f"# In a terminal, in the folder of the record:\n#   {command}\n#   {again}",),
        questions=(
            Question(f"Will {model} bridge gap {gap}? Say why you think so, then try it.", f"Try it: {command}"),
        ),
    )


def with_model(command: str, model: str) -> str:
    """The command that makes the same run with another model, without what was set of the model that it had.

    A size that was matched is matched again: the repeat of one run states it, and the experiment matches.
    """
    words = [word for word in command.split(" ") if not word.startswith("model.") and word != "match=null"]
    return re.sub(r"\bmodel=\S+", f"model={model}", " ".join(words))


def _gap(material: Material) -> int | None:
    """The longest at which no run took too long."""
    slowest = material.runs.groupby("gap").seconds.max()
    quick = [int(gap) for gap in slowest.index[slowest < PATIENCE]]
    return max(quick, default=None)
