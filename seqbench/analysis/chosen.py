"""A part of a record, under names of one's own: some of its arms, in one's own order, and one of its tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from seqbench.analysis import arms as looking
from seqbench.record.values import Record


def chosen(
    record: Record, arms: Sequence[str] = (), names: Mapping[str, str] | None = None, task: str | None = None
) -> tuple[Record, dict[str, looking.Look]]:
    """The record of these arms and this task, and how each arm looks: as in a report of the whole, in this order.

    All arms without `arms`, all tasks without `task`. Raises LookupError for what the record has not, with what it has,
    and where two arms would have one name.
    """
    looks, names = looking.looks(record.runs.arm, looking.families(record.runs)), names or {}
    known, order = list(looks), list(dict.fromkeys(arms)) or list(looks)
    for arm in (*order, *names):
        _among(arm, known, "arm")
    if task is not None:
        _among(task, sorted(record.runs.task.unique()), "task")
    named = {arm: names.get(arm, arm) for arm in order}
    if len(set(named.values())) < len(named):
        raise LookupError(f"two arms would have one name: {', '.join(map(repr, named.values()))}")
    frames = {key: _of(value, named, task) for key, value in vars(record).items() if isinstance(value, pd.DataFrame)}
    return replace(record, **frames), {named[arm]: looks[arm] for arm in order}


def _among(value: str, known: Collection[str], kind: str) -> None:
    if value not in known:
        raise LookupError(f"the record has no {kind} {value!r}; there are {', '.join(known)}")


def _of(frame: pd.DataFrame, named: Mapping[str, str], task: str | None) -> pd.DataFrame:
    if not {"arm", "task"} <= set(frame.columns):
        return frame
    kept = frame[frame.arm.isin(list(named)) & ((frame.task == task) | (task is None))]
    return kept.assign(arm=kept.arm.astype(str).map(named)).reset_index(drop=True)
