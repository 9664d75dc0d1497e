"""A record at a glance, as a prompt and a notebook show it."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from seqbench import wording

MOST_NUMBERS = 10
"""Gaps or seeds that are named one by one."""


def overview(runs: pd.DataFrame) -> dict[str, str]:
    """What there is: runs by what became of them, and the axes that they span."""
    outcomes = runs.outcome.fillna("unfinished").value_counts()
    return {
        "runs": f"{wording.count(len(runs))}: {wording.listed(f'{count} {name}' for name, count in outcomes.items())}",
        "tasks": wording.listed(sorted(runs.task.unique())),
        "arms": wording.listed(sorted(runs.arm.unique())),
        "gaps": _numbers(sorted(int(gap) for gap in runs.gap.unique() if gap > 0)) or "none",
        "seeds": _numbers(sorted(int(seed) for seed in runs.seed.unique())),
    }


def text(experiment: str, runs: pd.DataFrame) -> str:
    """The same in lines."""
    return "\n".join([f"record of {experiment}", *(f"  {name}: {found}" for name, found in overview(runs).items())])


def html(experiment: str, runs: pd.DataFrame) -> str:
    """The same as a small table."""
    rows = "".join(
        f'<tr><th style="text-align: left">{name}</th><td style="text-align: left">{escape(text)}</td></tr>'
        for name, text in overview(runs).items()
    )
    return f"<table><caption>{escape(experiment)}</caption>{rows}</table>"


def _numbers(numbers: Sequence[int]) -> str:
    if len(numbers) > MOST_NUMBERS:
        return f"{len(numbers)} from {numbers[0]} to {numbers[-1]}"
    return wording.listed(numbers)
