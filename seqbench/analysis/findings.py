"""What the record says, each thing computed when first asked for, and once."""

from functools import cached_property

import pandas as pd

from seqbench.analysis import arms, cells, controls, leaderboard
from seqbench.record import names
from seqbench.record.values import Record


class Findings:
    """Stands in until the real one is there: the same names, from the functions of today."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.runs = record.runs

    @cached_property
    def done(self) -> pd.DataFrame:
        return cells.finished(self.runs)

    @cached_property
    def looks(self) -> dict[str, arms.Look]:
        return arms.looks(self.runs.arm)

    @cached_property
    def summary(self) -> pd.DataFrame:
        return cells.summary_table(self.runs)

    @cached_property
    def board(self) -> list[leaderboard.Entry]:
        return leaderboard.entries(self.done, self.record.searches)

    @cached_property
    def gridded(self) -> pd.DataFrame:
        return cells.with_gap(leaderboard.of_no_search(self.runs, self.board))

    @cached_property
    def grid_summary(self) -> pd.DataFrame:
        return cells.summary_table(self.gridded)

    @cached_property
    def longest(self) -> pd.DataFrame:
        return cells.longest_gap_table(self.gridded)

    @cached_property
    def paces(self) -> list:  # type: ignore[type-arg]
        from seqbench.report import solving

        return solving.paces(self.runs)

    @cached_property
    def pairs_table(self) -> pd.DataFrame:
        from seqbench.report import solving

        return solving.pairs_table(self.runs)

    @cached_property
    def effective_context(self) -> pd.DataFrame:
        from seqbench.report import variants

        return variants.context_table(variants.by_context(self.record))

    @cached_property
    def agreement_runs(self) -> pd.DataFrame:
        from seqbench.report import agreement

        return agreement.runs_of(self.runs)

    @cached_property
    def sentences(self) -> pd.DataFrame:
        from seqbench.report import agreement, variants

        rows = variants.by_sentence(self.record)
        return rows[rows.run_id.isin(agreement.chosen(self.agreement_runs).run_id)]

    @cached_property
    def claims(self) -> list[controls.Verdict]:
        return controls.verdicts(self.runs, self.record.refusals)

    @cached_property
    def time_constants(self) -> pd.DataFrame:
        metrics = self.record.metrics
        own = metrics[
            metrics.metric.astype(str).str.startswith(names.TIME_CONSTANT) & metrics.run_id.isin(self.done.run_id)
        ]
        own = own.assign(stage=own.metric.astype(str).str.removeprefix(names.TIME_CONSTANT))
        own = own[own.stage.isin(["init", "end"])].astype({"task": str, "arm": str, "run_id": str})
        keys = ["task", "arm", "stage"]
        by_run = own.groupby([*keys, "run_id"]).value.quantile([0.1, 0.5, 0.9]).unstack()
        table = by_run.groupby(keys).median().assign(runs=by_run.groupby(keys).size())
        return table.rename(columns={0.1: "p10", 0.5: "p50", 0.9: "p90"}).reset_index()

    bounds = correlations = generalisation = pd.DataFrame()


def findings(record: Record) -> Findings:
    """All that is found in a record."""
    return Findings(record)
