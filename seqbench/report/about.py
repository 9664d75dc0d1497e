"""What a task or an arm of a record is, in a sentence."""

from seqbench.analysis.findings import Findings
from seqbench.report import settings

_GROUP = {"task": "task", "arm": "model"}


def task(found: Findings, label: str) -> str:
    """Of a value of `runs.task`; empty where nobody said."""
    return _sentence(found, "task", label)


def arm(found: Findings, label: str) -> str:
    """Of a value of `runs.arm`; empty where nobody said."""
    return _sentence(found, "arm", label)


def _sentence(found: Findings, column: str, label: str) -> str:
    own, group = found.runs[found.runs[column] == label], _GROUP[column]
    if own.empty:  # a task of which no run is left
        return ""
    about = found.record.said.get(f"{group}/{own[f'plain_{column}'].iloc[0]}")
    told = {key.removeprefix(f"{group}."): value for key, value in settings.of(own, f"{group}.").items()}
    return about.of(told) if about else ""
