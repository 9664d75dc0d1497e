"""What a record says, computed once: the one value that figures, sections, files and terminal are made from."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from seqbench.analysis import (
    agreement,
    apart,
    arms,
    beside,
    by_lag,
    cells,
    controls,
    curricula,
    entries,
    holds,
    laws,
    leaderboard,
    outcomes,
    sizes,
    spreads,
    surface,
    tuning,
    variants,
)
from seqbench.analysis import paces as pacing
from seqbench.analysis import reach as reaching
from seqbench.horizon.axis import GAP
from seqbench.record import states
from seqbench.record.values import Record
from seqbench.record.values import frozen as is_frozen
from seqbench.statistics.growth import Growth


class Findings:
    """Each is computed when it is first asked for, and kept: nothing is simulated or resampled twice."""

    def __init__(self, record: Record) -> None:
        self.record = record

    @cached_property
    def runs(self) -> pd.DataFrame:
        """All runs of the record, with their time constants at initialisation."""
        return sizes.with_time_constants(self.record.runs, self.record.metrics)

    @cached_property
    def done(self) -> pd.DataFrame:
        """The runs with a result."""
        return outcomes.finished(self.runs)

    @cached_property
    def untrained(self) -> bool:
        """Whether no run with a result had a training step: what can be told is how the arms begin."""
        return len(self.done) > 0 and outcomes.trained(self.done).empty

    @cached_property
    def looks(self) -> dict[str, arms.Look]:
        """How each arm is drawn, in the order of `arms.arms_in_order`."""
        return arms.looks(self.runs.arm, arms.families(self.runs))

    def about(self, arm: str, task: str | None = None, gap: int | None = None) -> dict[str, str]:
        """As `cells.about`; of a cell by all of its runs, else without those of searches that stand beside an arm."""
        wanted = {"arm": arm, "task": task, "gap": gap}
        own = self.runs
        for column, value in wanted.items():
            own = own if value is None else own[own[column] == value]
        if own.empty:  # no run has the label of the task of a search over the load
            own = pd.concat([own, *(one.runs for one in self.board if (one.task, one.arm) == (task, arm))])
        apart = own[~own.run_id.isin(self._beside)] if gap is None else own
        return cells.about(own if apart.empty else apart)

    # -- how far ---------------------------------------------------------------------------------------------

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row per cell, as `cells.summary_table`."""
        return cells.summary_table(self.runs)

    @cached_property
    def board(self) -> list[entries.Entry]:
        """The horizon of each arm that was searched for one; tasks by name, in each the longest first."""
        return beside.ranked(self.searched)

    @cached_property
    def horizons_by_budget(self) -> pd.DataFrame:
        """The horizon of each arm at each budget, as `leaderboard.budgets_frame`; empty where there is just one."""
        return leaderboard.budgets_frame(self.searched)

    @cached_property
    def searched(self) -> list[entries.Entry]:
        """Every search, those among them that stand beside an arm of the board."""
        return entries.entries(outcomes.trained(self.done), self.record.searches)

    @cached_property
    def of_arms(self) -> pd.DataFrame:
        """The runs with a result of what is an arm: not those of searches that stand beside one, nor frozen cores.

        A frozen core is at initialisation the very network that is trained elsewhere, and would count twice.
        """
        kept = self.done[~self.done.run_id.isin(self._beside)]
        frozen = is_frozen(kept)
        return kept if frozen.all() else kept[~frozen]

    @cached_property
    def _beside(self) -> set[str]:
        return {str(run_id) for entry in self.board for one in entry.beside.values() for run_id in one.runs.run_id}

    @cached_property
    def tuned(self) -> list[tuning.Tuned]:
        """How the learning rate of each arm was chosen, where it was."""
        return tuning.tuned(self.record, self.searched)

    @cached_property
    def horizon_pairs(self) -> list[apart.Pair]:
        """Which horizons differ beyond noise; their task is that of `longer`."""
        return apart.pairs(self.board)

    @cached_property
    def isolines(self) -> list[surface.Isoline]:
        """The horizons of each arm that has them at several loads, or gaps, as `surface.isolines`."""
        return surface.isolines(self.board)

    @cached_property
    def surface(self) -> pd.DataFrame:
        """A row per horizon of these."""
        return surface.table(self.isolines)

    @cached_property
    def gridded(self) -> pd.DataFrame:
        """The runs of a grid of gaps: those that are trained on tasks with a gap and belong to no search."""
        return cells.with_gap(entries.of_no_search(outcomes.trained(self.runs), self.searched))

    @cached_property
    def grid_summary(self) -> pd.DataFrame:
        """A row per cell of `gridded`."""
        return cells.summary_table(self.gridded)

    @cached_property
    def longest(self) -> pd.DataFrame:
        """The longest gaps of each arm of `gridded`, as `cells.longest_gap_table`."""
        return cells.longest_gap_table(self.gridded)

    # -- how far beyond training -----------------------------------------------------------------------------

    @cached_property
    def held(self) -> pd.DataFrame:
        """The trained runs that were tested at multiples of their gap, as `holds.runs_of`."""
        return holds.runs_of(outcomes.trained(self.of_arms))

    @cached_property
    def hold(self) -> pd.DataFrame:
        """How far each arm holds, as `holds.hold_table`."""
        return holds.hold_table(self.held)

    # -- how fast --------------------------------------------------------------------------------------------

    @cached_property
    def timed(self) -> pd.DataFrame:
        """The runs with a time to solve, or a budget without one."""
        return pacing.timed(self.of_arms)

    @cached_property
    def curricula(self) -> pd.DataFrame:
        """When runs with a curriculum came to each of its gaps, as `curricula.reached`."""
        return curricula.reached(self.timed, self.record.metrics)

    @cached_property
    def paces(self) -> list[pacing.Paces]:
        """How fast each task was solved, and which arms differ beyond noise."""
        return pacing.paces(self.timed, self.looks)

    @cached_property
    def pairs_table(self) -> pd.DataFrame:
        """A row per task and pair of arms that were compared."""
        return pacing.pairs_table(self.paces)

    @cached_property
    def growths(self) -> dict[tuple[str, str], Growth]:
        """How the steps to solve grow with the gap, by task and arm."""
        return pacing.growths(self.timed)

    # -- the gradient and what goes with it ------------------------------------------------------------------

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The training curves of finished runs of arms with their `outcome`, at the commonest gaps."""
        return cells.at_commonest_gaps(self._with_outcome(self.record.curves))

    @cached_property
    def gaps_drawn(self) -> list[str]:
        """What a caption of `curves` adds where they are not of all gaps; empty where they are."""
        shown, all_gaps = self.curves.gap.nunique(), self.of_arms.gap.nunique()
        told = f"Drawn and counted are the {shown} gaps with the most runs, of {all_gaps}."
        return [told] if shown < all_gaps else []

    @cached_property
    def lags(self) -> pd.DataFrame:
        """The gradient by lag of finished runs with their `outcome`, of states that mean something by themselves."""
        lags = self.record.lags
        return self._with_outcome(lags[~states.are_auxiliary(lags, self.runs)])

    @cached_property
    def slots(self) -> pd.DataFrame:
        """The score that decides by slot, where it is finite, of finished, trained runs with their `outcome`."""
        decides = {task: facts.score_name for task, facts in self.record.tasks.items()}
        slots = self._with_outcome(self.record.slots)
        slots = slots[slots.run_id.isin(outcomes.trained(self.done).run_id)]
        return slots[(slots.metric == slots.task.map(decides)) & np.isfinite(slots.value.astype(float))]

    @cached_property
    def decays(self) -> pd.DataFrame:
        """Medians of the decay and of what is left at the gap, as `by_lag.decays_table`."""
        return by_lag.decays_table(self.lags, self.done)

    @cached_property
    def bounds(self) -> pd.DataFrame:
        """Whether gradients keep within their bounds, as `by_lag.bounds_table`."""
        return by_lag.bounds_table(self.lags)

    @cached_property
    def exact(self) -> pd.DataFrame:
        """How near measurement and exact theory are, as `by_lag.exact_table`."""
        return by_lag.exact_table(self.record.metrics, self.done)

    @cached_property
    def laws(self) -> pd.DataFrame:
        """Whether the gradient falls exponentially or as a power, as `laws.laws_table`."""
        return laws.laws_table(self.lags)

    @cached_property
    def time_constants(self) -> pd.DataFrame:
        """How long the units of gated arms remember, as `by_lag.time_constants_table`."""
        return by_lag.time_constants_table(self.record.metrics, self.done)

    @cached_property
    def reach(self) -> pd.DataFrame:
        """A row per arm: its decay and the gap that it reached, as `reach.reach_table`."""
        over_loads = [entry for entry in self.searched if entry.axis != GAP]
        runs = entries.of_no_search(outcomes.trained(self.of_arms), over_loads)
        return reaching.reach_table(cells.with_gap(runs), self.board)

    @cached_property
    def gap50(self) -> Mapping[tuple[str, str], str]:
        """By task and arm, with its interval, in words: of the search where there was one, else of the grid."""
        grid = {(str(row.task), str(row.arm)): str(row.gap50) for row in self.longest.itertuples()}
        return grid | {(entry.task, entry.arm): entry.told for entry in self.board}

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """Whether less decay goes with a longer gap, as `reach.correlations_table`."""
        return reaching.correlations_table(self.reach)

    # -- beyond the gap --------------------------------------------------------------------------------------

    @cached_property
    def spread_by_lag(self) -> pd.DataFrame:
        """How well states keep apart what they remember, of runs of arms, as `spreads.by_lag_table`."""
        return spreads.by_lag_table(self.record.metrics, self.of_arms)

    @cached_property
    def hold_predictions(self) -> pd.DataFrame:
        """How far each run is predicted to hold, and its signature, as `spreads.predictions_table`."""
        return spreads.predictions_table(self.spread_by_lag, self.of_arms)

    @cached_property
    def signatures(self) -> pd.DataFrame:
        """The signatures of each arm, counted, as `spreads.signatures_table`."""
        return spreads.signatures_table(self.hold_predictions)

    @cached_property
    def hold_correlations(self) -> pd.DataFrame:
        """Whether predictions go with what was held, as `spreads.correlations_table`."""
        return spreads.correlations_table(self.hold_predictions)

    # -- words -----------------------------------------------------------------------------------------------

    @cached_property
    def contexts(self) -> pd.DataFrame:
        """The loss of each run by the last words given, as `variants.by_context`."""
        return variants.by_context(self.record)

    @cached_property
    def effective_context(self) -> pd.DataFrame:
        """How many of the last words each arm uses, as `variants.context_table`."""
        return variants.context_table(self.contexts)

    @cached_property
    def agreement_runs(self) -> pd.DataFrame:
        """The runs that were asked for agreement, as `agreement.runs_of`."""
        return agreement.runs_of(self.runs)

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """What the `agreement.chosen` of them scored on each kind of sentence, as `variants.by_sentence`."""
        scores = variants.by_sentence(self.record)
        return scores[scores.run_id.isin(agreement.chosen(self.agreement_runs).run_id)]

    @cached_property
    def generalisation(self) -> pd.DataFrame:
        """How far beyond its training each arm holds, as `agreement.generalisation_table`."""
        return agreement.generalisation_table(self.sentences, self.record.tasks)

    # -- controls --------------------------------------------------------------------------------------------

    @cached_property
    def claims(self) -> list[controls.Verdict]:
        """What was claimed of controls, and what became of it."""
        return controls.verdicts(self.runs, self.record.refusals)

    def _with_outcome(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a long frame that belong to finished runs of arms, with the outcome of each."""
        outcome: Mapping[str, str] = self.of_arms.set_index("run_id").outcome.to_dict()
        mine = frame.run_id.isin(list(outcome))
        kept = frame if mine.all() else frame[mine]  # large records take much memory
        return kept.reset_index(drop=True).assign(outcome=kept.run_id.map(outcome).to_numpy())


def findings(record: Record) -> Findings:
    """What `record` says."""
    return Findings(record)
