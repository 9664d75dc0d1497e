"""What the page's script knows: every run once, and of every figure its points with the runs that they stand for."""

import json
from collections.abc import Iterable
from typing import SupportsInt

import pandas as pd

from seqbench.analysis import cells, outcomes
from seqbench.analysis.findings import Findings
from seqbench.record.addresses import of_runs
from seqbench.report.drawn import Drawn
from seqbench.report.figures.told import Spot

RUN = ("run_id", "task", "arm", "gap", "seed", "outcome", "steps", "command")


def data(found: Findings, drawn: Drawn) -> str:
    """As JSON that can stand inside of a page."""
    runs = cells.runs_table(pd.concat([found.runs, found.record.tuning_runs]))
    place = {run_id: number for number, run_id in enumerate(runs.run_id)}
    figures = {name: _points(image.spots, place) for name, image in drawn.images.items() if image.spots}
    rows, words = _runs(runs)
    whole = {"address": of_runs(found.record.experiment_id), "runs": rows, "words": words, "figures": figures}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/").replace("<!", "<\\u0021")


def _runs(runs: pd.DataFrame) -> tuple[list[list[object]], list[str]]:
    """A row per run, in the order of `RUN`, and the words of all commands: most commands have most words in common.

    A command is the places of its words; nothing stands where a record does not know a value.
    """
    known = outcomes.in_words(runs).reindex(columns=list(RUN)).astype(object)
    words: dict[str, int] = {}
    rows = [["" if pd.isna(value) else _plain(value) for value in row] for row in known.itertuples(index=False)]
    for row in rows:
        row[-1] = [words.setdefault(word, len(words)) for word in str(row[-1]).split(" ")] if row[-1] else []
    return rows, list(words)


def _plain(value: object) -> object:
    """As JSON has it; steps are whole."""
    return int(value) if isinstance(value, SupportsInt) and not isinstance(value, str) else str(value)


def _points(spots: Iterable[Spot], place: dict[str, int]) -> dict[str, list[object]]:
    """Runs as places in the list of all; a set of runs that several points stand for, and a text, are there once."""
    sets: dict[tuple[int, ...], int] = {}
    texts: dict[str, int] = {}
    points = [
        [x, y, *(texts.setdefault(text, len(texts)) for text in (arm, tip.where, tip.value, tip.interval)),
         sets.setdefault(tuple(sorted(place[run] for run in tip.runs if run in place)), len(sets))]
        for x, y, arm, tip in spots
    ]  # fmt: skip
    return {"texts": list(texts), "sets": [list(one) for one in sets], "points": [*points]}
