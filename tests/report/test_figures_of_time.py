"""Time to solve and its growth with the gap: which panels, what is drawn, what the captions say."""

import re

import numpy as np
import pandas as pd
import pytest
import synthetic
from timed import findings_of, runs_of

from seqbench.report.figures import growth, time_to_solve
from seqbench.report.figures.plot import Plot
from seqbench.report.figures.theme import theme


def plots_of(runs: pd.DataFrame) -> dict[str, Plot]:
    with theme():
        return {plot.name: plot for module in (time_to_solve, growth) for plot in module.plots(findings_of(runs))}


def test_the_longest_gaps_that_some_run_solved_are_drawn_three_for_each_of_two_tasks() -> None:
    runs = synthetic.record(arms=("rnn", "lstm")).runs  # lstm solves 50, nobody 100
    assert time_to_solve.telling(runs) == [(task, gap) for task in ("adding", "copy") for gap in (10, 20, 50)]
    longer = synthetic.record(gaps=(10, 20, 50, 100, 200)).runs
    assert time_to_solve.telling(longer) == [(task, gap) for task in ("adding", "copy") for gap in (50, 100, 200)]


def test_gaps_at_which_no_arm_was_repeated_make_no_curve() -> None:
    assert plots_of(runs_of(gaps=(10,), seeds=[0])) == {}
    runs = pd.concat([runs_of(gaps=(10,)), runs_of(gaps=(20,), seeds=[0])])
    assert time_to_solve.telling(runs) == [("adding", 10)]


def test_nothing_is_drawn_where_nothing_was_solved() -> None:
    runs = runs_of(arms=("rnn",), gaps=(50, 100))
    assert not (runs.outcome == "solved").any()
    assert plots_of(runs) == {}


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


def test_the_caption_says_who_solves_how_fast_and_who_never_did() -> None:
    runs = runs_of(gaps=(100,)).assign(steps_to_solve=lambda frame: frame.steps_to_solve.where(frame.arm == "rnn", 950))
    caption = " ".join(plots_of(runs)["time_to_solve"].caption)
    assert (
        "lstm_chrono solves adding at gap 100 in a median of 950 steps; rnn never did in 2,000 (0 of 5); "
        "lstm never did in 2,000 (0 of 5)." in caption
    )


def test_the_caption_names_the_gaps_that_are_not_drawn() -> None:
    assert "Not drawn: adding at gap 100; the table" in plots_of(runs_of(arms=("lstm",)))["time_to_solve"].caption[-1]
    assert "Not drawn" not in plots_of(runs_of(arms=("lstm",), gaps=(10, 20)))["time_to_solve"].caption[-1]


def test_the_exponent_is_that_of_the_runs_with_its_interval() -> None:
    """Steps of 10 times the gap, 1 % up and down: an exponent of 1, known as well as steps a tenth apart tell it."""
    runs = runs_of(arms=("lstm_chrono",), gaps=(10, 20, 40), seeds=range(2))
    steps = 10.0 * runs.gap * np.where(runs.seed == 0, 1.01, 1 / 1.01)
    caption = plots_of(runs.assign(steps_to_solve=steps))["growth"].caption[2]
    found = re.fullmatch(
        r"On adding, the steps grow with the gap to the power of: "
        r"lstm_chrono 1\.00 \((.+) to (.+)\), 6 of 6 runs solved\.",
        caption,
    )
    assert found
    assert 0.8 < float(found[1]) < 1 < float(found[2]) < 1.2


def test_arms_that_no_power_fits_are_told_in_words() -> None:
    runs = runs_of(arms=("rnn", "lstm_chrono"), gaps=(20, 100), seeds=[0])
    caption = plots_of(runs)["growth"].caption[2]
    assert "rnn none, it never solved it (0 of 2 runs solved)" in caption
    assert "lstm_chrono not known, too few solved runs for an interval (2 of 2 runs solved)" in caption
    cut = plots_of(runs_of(arms=("rnn",), gaps=(10, 100)))["growth"].caption[2]
    assert re.search(r"rnn \d\.\d\d or more, 5 of 10 runs solved", cut)
