"""How the report tells the time to solve: curves, growth, and what tells the arms apart."""

import re

import numpy as np
import pandas as pd
import pytest
import synthetic
from seqbench.report.plots import Plot

from seqbench.analysis import arms as palette
from seqbench.analysis.outcomes import times
from seqbench.record.values import Record
from seqbench.report import captions, page, plots, solving
from seqbench.report.figures.panels import theme


def runs_of(**changes: object) -> pd.DataFrame:
    """rnn solves gap 10, lstm gaps up to 50 (one seed less), lstm_chrono all, on one task."""
    return synthetic.record(**{"tasks": ("adding",), **changes}).runs  # type: ignore[arg-type]


def plots_of(runs: pd.DataFrame) -> dict[str, Plot]:
    with theme():
        return {plot.name: plot for plot in plots._time_plots(solving.timed(runs), palette.looks(runs.arm))}


def paces_of(runs: pd.DataFrame) -> solving.Paces:
    (found,) = solving.paces(runs)
    return found


# Which runs, and until when


def test_a_run_that_did_not_solve_is_watched_until_its_budget_also_where_it_diverged_earlier() -> None:
    runs = runs_of(arms=("lstm",), gaps=(10,), seeds=range(3), outcomes={("adding", "lstm", 10, 1): "diverged"})
    watched = times(runs)
    assert list(watched.solved) == [True, False, True]
    assert watched.steps[1] == synthetic.BUDGET
    assert watched.steps[0] == runs.steps_to_solve[0]


def test_crashed_runs_tasks_without_a_gap_and_models_that_are_not_trained_have_no_time_to_solve() -> None:
    runs = runs_of(arms=("lstm",), gaps=(10,), outcomes={("adding", "lstm", 10, 0): "failed"})
    assert list(solving.timed(runs).seed) == [1, 2, 3, 4]
    assert solving.timed(runs.assign(gap=0)).empty
    assert solving.timed(runs.assign(budget=0)).empty
    assert solving.timed(runs.assign(steps_to_solve=0.0)).empty


# Which panels


def test_the_longest_gaps_that_some_run_solved_are_drawn_three_for_each_of_two_tasks() -> None:
    runs = synthetic.record(arms=("rnn", "lstm")).runs  # lstm solves 50, nobody 100
    assert solving.telling(runs) == [(task, gap) for task in ("adding", "copy") for gap in (10, 20, 50)]
    longer = synthetic.record(gaps=(10, 20, 50, 100, 200)).runs
    assert solving.telling(longer) == [(task, gap) for task in ("adding", "copy") for gap in (50, 100, 200)]


def test_gaps_at_which_no_arm_was_repeated_make_no_curve() -> None:
    assert plots_of(runs_of(gaps=(10,), seeds=[0])) == {}
    runs = pd.concat([runs_of(gaps=(10,)), runs_of(gaps=(20,), seeds=[0])])
    assert solving.telling(runs) == [("adding", 10)]


def test_nothing_is_drawn_where_nothing_was_solved() -> None:
    runs = runs_of(arms=("rnn",), gaps=(50, 100))
    assert not (runs.outcome == "solved").any()
    assert plots_of(runs) == {}


# Figures


def test_a_curve_ends_at_the_share_solved_and_unsolved_runs_are_marked_at_the_budget() -> None:
    runs = runs_of(arms=("lstm",), gaps=(50,))  # seed 4 is unlucky
    ax = plots_of(runs)["time_to_solve"].figure.axes[0]
    curve, successes, censored = ax.lines
    assert list(curve.get_xdata())[1:] == [*sorted(set(runs.steps_to_solve.dropna())), synthetic.BUDGET]
    assert (curve.get_ydata()[0], curve.get_ydata()[-1]) == (0, 0.8)
    assert len(successes.get_xdata()) == runs.steps_to_solve.nunique()
    assert (censored.get_marker(), censored.get_xdata()[0], censored.get_ydata()[0]) == ("|", synthetic.BUDGET, 0.8)


def test_no_censoring_is_marked_where_every_run_solved() -> None:
    ax = plots_of(runs_of(arms=("lstm",), gaps=(10,)))["time_to_solve"].figure.axes[0]
    assert [line.get_marker() for line in ax.lines].count("|") == 0


def test_a_task_with_fewer_gaps_leaves_its_last_panels_out() -> None:
    runs = pd.concat([runs_of(gaps=(10, 20)), runs_of(tasks=("copy",), gaps=(10,))])
    visible = [ax.get_title(loc="left") for ax in plots_of(runs)["time_to_solve"].figure.axes if ax.get_visible()]
    assert visible == ["adding, gap 10", "adding, gap 20", "copy, gap 10"]


def test_growth_needs_several_gaps_and_its_line_stays_within_what_was_seen() -> None:
    assert "growth" not in plots_of(runs_of(gaps=(10,)))
    ax = plots_of(runs_of(arms=("lstm",)))["growth"].figure.axes[0]
    (line,) = [line for line in ax.lines if len(line.get_xdata()) > 50]
    assert min(line.get_xdata()) == pytest.approx(10)
    assert max(line.get_xdata()) <= 100
    assert max(line.get_ydata()) <= synthetic.BUDGET


def test_the_runs_behind_a_figure_are_those_drawn() -> None:
    drawn = plots_of(runs_of(outcomes={("adding", "lstm", 100, 0): "failed"}))
    assert len(drawn["time_to_solve"].run_ids) == 59  # all four gaps of three arms
    assert "adding-lstm-gap100-seed0" not in drawn["growth"].run_ids


# Captions


def test_the_caption_says_who_solves_how_fast_and_who_never_did() -> None:
    runs = runs_of(gaps=(100,)).assign(steps_to_solve=lambda frame: frame.steps_to_solve.where(frame.arm == "rnn", 950))
    caption = " ".join(captions.time_to_solve(solving.timed(runs), [("adding", 100)]))
    assert (
        "lstm_chrono solves adding at gap 100 in a median of 950 steps; rnn never did in 2,000 (0 of 5); "
        "lstm never did in 2,000 (0 of 5)." in caption
    )


def test_the_caption_names_the_gaps_that_are_not_drawn() -> None:
    runs = runs_of(gaps=(5, 10, 20))
    assert "Not drawn: adding at gap 20; the table" in captions.time_to_solve(runs, [("adding", 5), ("adding", 10)])[-1]
    assert "Not drawn" not in captions.time_to_solve(runs, [("adding", gap) for gap in (5, 10, 20)])[-1]


def test_the_exponent_is_that_of_the_runs_with_its_interval() -> None:
    """Steps of 10 times the gap, 1 % up and down: an exponent of 1."""
    runs = runs_of(arms=("lstm_chrono",), gaps=(10, 20, 40), seeds=range(2))
    steps = 10.0 * runs.gap * np.where(runs.seed == 0, 1.01, 1 / 1.01)
    caption = captions.growth(solving.growths(runs.assign(steps_to_solve=steps)))[1]
    found = re.fullmatch(
        r"On adding: lstm_chrono takes steps as gap\^1\.00 \((.+) to (.+); 6 of 6 runs solved\)\.", caption
    )
    assert found
    assert 0.9 < float(found[1]) < 1 < float(found[2]) < 1.1


def test_arms_that_no_power_fits_are_told_in_words() -> None:
    runs = runs_of(arms=("rnn", "lstm_chrono"), gaps=(20, 100), seeds=[0])
    caption = captions.growth(solving.growths(runs))[1]
    assert "rnn never solved it (0 of 2 runs solved)" in caption
    assert "lstm_chrono has too few solved runs for an interval (2 of 2 runs solved)" in caption
    cut = captions.growth(solving.growths(runs_of(arms=("rnn",), gaps=(10, 100))))[1]
    assert "rnn solved all runs at some gaps and none at the others, which no power fits (5 of 10 runs solved)" in cut


# The table


def test_the_table_has_a_row_per_gap_and_arm_with_tally_median_and_expected_running_time() -> None:
    runs = runs_of(arms=("rnn", "lstm"), gaps=(50,), outcomes={("adding", "lstm", 50, 0): "failed"})
    lstm, steps = runs[runs.arm == "lstm"], 1400
    runs.loc[(runs.arm == "lstm") & (runs.outcome == "solved"), ["steps", "steps_to_solve"]] = steps
    assert lstm.outcome.tolist() == ["failed", "solved", "solved", "solved", "unsolved"]
    rows = [(row.gap, row.arm, row.tally, row.median, row.running_time) for row in paces_of(runs).rows]
    assert rows == [
        (50, "rnn", "0 of 5", "> 2,000", "no success"),
        (50, "lstm", "3 of 4", "1,400", f"{(3 * steps + 2000) / 3:,.0f}"),
    ]


def test_five_paired_seeds_at_one_gap_cannot_be_beyond_noise_and_it_says_so() -> None:
    """Each of five pairs favours the same arm: 2 of 2^5 exchanges are as extreme."""
    found = paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=(100,)))
    (pair,) = found.pairs
    assert (pair.faster, pair.slower, pair.p_value, pair.by_seed) == ("lstm_chrono", "rnn", 0.0625, 0.0625)
    assert found.sentences == [
        "Fewer than 6 pairs of runs of one gap and seed, which cannot give a p-value below 0.05, however far the arms "
        "are apart: every pair of arms."
    ]


def test_only_pairs_of_arms_with_enough_shared_runs_are_judged() -> None:
    many, few = runs_of(arms=("rnn", "lstm"), gaps=(50, 100)), runs_of(arms=("lstm_chrono",), gaps=(100,))
    first, second, *_ = paces_of(pd.concat([many, few])).sentences
    assert "lstm and rnn" in first
    assert "lstm_chrono" not in first
    assert second.startswith("At one gap, 5 paired seeds cannot give a p-value below 0.0625")


def test_arms_that_are_alike_are_said_to_be_so() -> None:
    runs = runs_of(arms=("lstm",), gaps=(50, 100))
    twice = pd.concat([runs, runs.assign(arm="gru")])
    assert paces_of(twice).sentences[0] in (
        "Not told apart by time to solve: lstm and gru.",
        "Not told apart by time to solve: gru and lstm.",
    )


def test_several_gaps_together_show_more_but_not_where_a_seed_counts_once() -> None:
    found = paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=(50, 100)))
    (pair,) = found.pairs
    assert (pair.pairs, pair.seeds) == (10, 5)
    assert pair.p_value == pytest.approx(2 / 2**10)
    assert pair.by_seed == 0.0625
    assert found.sentences[0] == "Beyond noise: lstm_chrono is faster than rnn (p = 0.002)."


def test_p_values_are_corrected_for_the_number_of_pairs() -> None:
    alone = paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=(50, 100))).pairs[0]
    among = next(
        pair for pair in paces_of(runs_of(gaps=(50, 100))).pairs if {pair.faster, pair.slower} == {"rnn", "lstm_chrono"}
    )
    assert among.p_value == pytest.approx(3 * alone.p_value)


def test_six_seeds_need_no_excuse() -> None:
    assert len(paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=(100,), seeds=range(6))).sentences) == 1


def test_arms_that_share_no_seed_or_never_solved_are_not_compared() -> None:
    apart = pd.concat([runs_of(arms=("lstm",), seeds=range(3)), runs_of(arms=("lstm_chrono",), seeds=range(3, 6))])
    assert paces_of(apart).pairs == []
    assert paces_of(runs_of(arms=("rnn", "lstm"), gaps=(100,))).pairs == []
    assert paces_of(apart).sentences == []


def test_the_page_has_the_table_and_a_record_without_gaps_does_not() -> None:
    record = synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10, 50))
    markup = _page(record)
    assert "How fast tasks were solved" in markup
    assert "Show all arms and gaps (4) and tests (1)" in markup
    none = record.runs.assign(outcome="failed")
    assert "How fast tasks were solved" not in _page(Record("none", none, record.curves, record.lags, record.tasks))


def _page(record: Record) -> str:
    return page.page(record, [], {})
