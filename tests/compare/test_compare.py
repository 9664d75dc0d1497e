"""Two experiments, arms or revisions side by side."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recording
import synthetic
from builders import make_spec
from recording import plan_of, progress, put_database

from seqbench.compare import sides
from seqbench.compare.__main__ import main
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.printing import finding, print_comparison, reaches
from seqbench.compare.sides import Side, Usage
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.ratio import horizon_p_value, horizon_ratio
from seqbench.record import results, store

Monkey = pytest.MonkeyPatch


def runs_of(**changes: object) -> pd.DataFrame:
    return synthetic.record(**{"arms": ("lstm",), "tasks": ("copy",), "gaps": (10, 50), **changes}).runs  # type: ignore[arg-type]


def compared(first: pd.DataFrame, second: pd.DataFrame) -> Comparison:
    return compare(Side("old", first), Side("new", second))


@pytest.fixture
def known(monkeypatch: Monkey) -> dict[str, pd.DataFrame]:
    """Experiments by name, as the reader of the record would give them."""
    experiments = {"old": runs_of(), "new": runs_of(gaps=(50, 100))}
    monkeypatch.setattr(results, "load_runs", experiments.__getitem__)
    return experiments


# What is compared


def test_two_experiments_are_compared_over_the_cells_that_both_have(known: dict[str, pd.DataFrame]) -> None:
    found = compare(*sides.sides("old", "new"))
    assert dict(found.tallies) == {("copy", "lstm", 50): ("4/5", "4/5")}
    assert found.pairs == 5


def test_the_number_of_parameters_stands_beside_what_is_compared(
    known: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    known["old"] = runs_of(arms=("rnn", "lstm"))
    found = compare(*sides.sides("rnn", "lstm", "old"))
    assert found.parameters == {("copy", ""): ("4,545", "17,985")}
    print_comparison(found)
    assert "4,545 and 17,985" in capsys.readouterr().out


def test_two_arms_are_compared_task_by_task_and_gap_by_gap(known: dict[str, pd.DataFrame]) -> None:
    known["old"] = runs_of(arms=("rnn", "lstm"))
    found = compare(*sides.sides("rnn", "lstm", "old"))
    assert dict(found.tallies) == {("copy", "", 10): ("5/5", "5/5"), ("copy", "", 50): ("0/5", "4/5")}


def test_a_revision_is_told_by_its_beginning(known: dict[str, pd.DataFrame]) -> None:
    known["old"] = pd.concat([runs_of().assign(git_revision="aaa1"), runs_of(gaps=(50,)).assign(git_revision="aab2")])
    one, two = sides.sides("old@aaa", "old@aab")
    assert (len(one.runs), len(two.runs)) == (10, 5)
    with pytest.raises(Usage, match="old@aa: several recorded revisions begin so; there are aaa1, aab2"):
        sides.sides("old@aa", "old@aab")
    with pytest.raises(Usage, match="old@c: no recorded revision begins so; there are aaa1, aab2"):
        sides.sides("old@c", "old@aab")


def test_a_whole_revision_is_not_mistaken_for_the_same_with_changes(known: dict[str, pd.DataFrame]) -> None:
    known["old"] = pd.concat([runs_of().assign(git_revision=r) for r in ("aaa1", "aaa1+changes")])
    one, _ = sides.sides("old@aaa1", "old@aaa1+changes")
    assert set(one.runs.git_revision) == {"aaa1"}


def test_crashed_runs_do_not_count_and_of_repeated_ones_the_last_does(known: dict[str, pd.DataFrame]) -> None:
    crashed = runs_of(outcomes={("copy", "lstm", 50, 0): "failed"})
    known["old"] = pd.concat([crashed.assign(seconds=1.0), crashed[crashed.seed == 1].assign(seconds=2.0)])
    one, _ = sides.sides("old", "new")
    assert len(one.runs) == 9
    assert set(one.runs[one.runs.seed == 1].seconds) == {2.0}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("old", "old"), "'old' is named twice"),
        (("old@", "new"), "'old@': it should be NAME or NAME@REVISION"),
        (("lstm", "gru", "old"), "'gru' is no arm of old"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    words: tuple[str, ...], message: str, known: dict[str, pd.DataFrame]
) -> None:
    with pytest.raises(Usage, match=message):
        sides.sides(*words)


def test_experiments_that_share_no_cell_say_what_each_has(known: dict[str, pd.DataFrame]) -> None:
    known["new"] = runs_of(arms=("rnn",), gaps=(10, 20))
    with pytest.raises(Usage) as refused:
        sides.sides("old", "new")
    assert str(refused.value).splitlines() == [
        "old and new share no cell (task, arm, gap)",
        "  old has copy at gap 10, 50 with lstm",
        "  new has copy at gap 10, 20 with rnn",
    ]


# What is found


def test_equal_records_differ_in_nothing() -> None:
    found = compared(runs_of(), runs_of())
    assert finding(found) == "No difference between old and new is beyond noise."
    assert found.settings == {}
    assert {difference.estimate for difference in found.success.found.values()} == {0}
    assert {difference.estimate for difference in found.time.found.values()} == {1}
    assert found.horizon.found["copy", "lstm"].low < 1 < found.horizon.found["copy", "lstm"].high
    assert found.speed.found["copy", "lstm"].estimate == pytest.approx(1)


def test_a_longer_horizon_more_success_and_more_speed_are_beyond_noise_and_said() -> None:
    gaps, seeds = (5, 10, 20, 40, 80), range(12)
    old = runs_of(arms=("rnn",), gaps=gaps, seeds=seeds)
    new = runs_of(arms=("lstm_chrono",), gaps=gaps, seeds=seeds).assign(arm="rnn")
    new.seconds = new.steps * 0.005
    found = compared(old, new)
    assert found.success.found["copy", "rnn", 40].estimate == 1
    assert found.horizon.found["copy", "rnn"].low > 1
    assert found.speed.found["copy", "rnn"].estimate == pytest.approx(2)
    said = finding(found)
    assert said.startswith("Beyond noise, new against old: it solves more often over all gaps (rnn on copy), ")
    assert "it solves more often (rnn on copy at gap 20, 40, 80)" in said
    assert "it has the longer horizon (rnn on copy)" in said
    assert "it needs fewer steps to solve (rnn on copy at gap 20, 40, 80)" in said
    assert "it needs fewer steps to solve over all gaps (rnn on copy)" in said
    assert "it trains more steps per second (rnn on copy)" in said
    assert reaches(found) == "By gap, p can fall to 0.0024. Over all gaps, p can fall to 0.00049."


def test_five_seeds_tell_nothing_apart_whatever_the_number_of_gaps_and_it_is_said() -> None:
    gaps = (5, 10, 20, 40, 80)
    found = compared(runs_of(arms=("rnn",), gaps=gaps), runs_of(arms=("lstm_chrono",), gaps=gaps).assign(arm="rnn"))
    assert finding(found) == "No difference between old and new is beyond noise."
    assert {difference.p_value for difference in found.pace.found.values()} == {0.0625}
    horizon = found.horizon.found["copy", "rnn"]
    assert (horizon.p_value, horizon.low) == (0.0625, 1)
    assert reaches(found) == (
        "By gap, p cannot fall below 0.31, so nothing can be told apart. "
        "Over all gaps, p cannot fall below 0.062, so nothing can be told apart."
    )


def test_two_searches_are_compared_by_all_of_their_runs() -> None:
    first, second = runs_of(gaps=(5, 10, 12, 20, 400)), runs_of(gaps=(5, 50, 100, 200, 400))
    first["outcome"] = np.where(first.gap < 11, "solved", "unsolved")
    second["outcome"] = np.where(second.gap < 150, "solved", "unsolved")
    first["seed"], second["seed"] = range(len(first)), range(len(second))  # as a search gives them, one to each run
    ratio = compared(first, second).horizon.found["copy", "lstm"]
    assert ratio.low > 100 / 12 * 0.9
    assert ratio.high < 200 / 10 * 1.1
    assert compared(first, second[second.gap < 6]).horizon.found == {}


def test_the_p_value_of_horizons_is_where_their_interval_reaches_one() -> None:
    one, two = ([Outcome(gap, seed, gap <= most) for gap in (5, 10, 20, 40) for seed in range(2)] for most in (5, 20))
    p_value = horizon_p_value(one, two, 5, 40)
    assert 0 < p_value < 1
    assert (
        horizon_ratio(one, two, 5, 40, 1 - 1.05 * p_value)[1]
        > 1
        >= horizon_ratio(one, two, 5, 40, 1 - 0.95 * p_value)[1]
    )
    assert horizon_p_value(two, one, 5, 40) == pytest.approx(p_value)
    assert horizon_p_value(one, one, 5, 40) == 1


def test_only_runs_with_a_partner_count_where_there_are_any() -> None:
    """At gap 10 all solve; at gap 50 the last seed does not, and it has no partner."""
    first, second = runs_of(arms=("lstm",)), runs_of(arms=("lstm",), seeds=range(4))
    assert compared(first, second).overall.found["copy", "lstm"].estimate == 0
    apart = compared(first, second.assign(seed=second.seed + 10))
    assert apart.overall.found["copy", "lstm"].estimate == pytest.approx(0.1)
    assert (apart.pairs, compared(first, second).pairs) == (0, 8)


def test_two_runs_against_two_are_never_beyond_noise() -> None:
    """Two of the four exchanges of two seeds are as extreme, or two of the six ways to deal out seeds of their own."""
    none, both = runs_of(arms=("rnn",), gaps=(50,), seeds=range(2)), runs_of(arms=("lstm",), gaps=(50,), seeds=range(2))
    for second, p_value in ((both, 1 / 2), (both.assign(seed=both.seed + 2), 1 / 3)):
        found = compared(none.assign(arm="lstm"), second).success
        assert found.found["copy", "lstm", 50].p_value == pytest.approx(p_value)
        assert found.beyond() == set()


def test_settings_that_differ_are_told() -> None:
    found = compared(runs_of(), runs_of().assign(**{"training.learning_rate": 0.01}))
    assert found.settings == {"training.learning_rate": ("0.003", "0.01")}


def test_one_gap_has_no_horizon_and_runs_without_seconds_no_speed() -> None:
    one = runs_of(gaps=(10,))
    found = compared(one, one.assign(seconds=np.nan))
    assert found.horizon.found == {}
    assert found.speed.found == {}


# What is printed


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal_and_break_no_interval(
    width: int, monkeypatch: Monkey, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    monkeypatch.setattr("seqbench.compare.printing.console", lambda: Console(width=width, highlight=False))
    print_comparison(compared(runs_of(arms=("rnn", "lstm")), runs_of(arms=("rnn", "lstm"))))
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:1] in "┃│"]
    assert max(map(len, lines)) <= width
    assert all(line.count("[") == line.count("]") for line in lines)
    assert any("4/5" in line for line in lines)


def test_a_ratio_that_is_bounded_on_one_side_only_is_printed_as_its_interval_alone(
    monkeypatch: Monkey, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    monkeypatch.setattr("seqbench.compare.printing.console", lambda: Console(width=120, highlight=False))
    eight = {"gaps": (50,), "seeds": range(8)}
    found = compared(runs_of(arms=("rnn",), **eight), runs_of(**eight).assign(arm="rnn"))
    ratio = found.time.found["copy", "rnn", 50]
    assert (ratio.estimate, ratio.low) == (0, 0)
    print_comparison(found)
    out = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    (row,) = (line for line in out.splitlines() if "7/8" in line)
    assert f"{ratio.high:.3g} or less" in row
    assert "[0," not in row


# The command


@pytest.mark.usefixtures("folder")
@recording.MLFLOW_WARNINGS
def test_the_command_compares_what_is_recorded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_database(folder)
    for name, end in (("one", recording.UNSOLVED), ("two", recording.SOLVED)):
        specs = [make_spec(gap=gap, seed=3) for gap in (2, 4)]
        recording.record(plan_of(*specs, experiment=name), [(spec, [*progress(), end]) for spec in specs])
    capsys.readouterr()
    assert main(["one", "two"]) == 0
    out = capsys.readouterr().out
    assert "A: one (2 runs), B: two (2 runs)" in out
    assert "0/1" in out
    assert "1/1" in out
    assert out.splitlines()[-1] == "No difference between one and two is beyond noise."
    assert "By gap, every p is 1, so nothing can be told apart." in out
    assert main(["one", "three"]) == 2
    assert "no runs of 'three'" in capsys.readouterr().err


def test_a_store_that_cannot_be_reached_gives_exit_code_3(
    monkeypatch: Monkey, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(name: str) -> pd.DataFrame:
        raise store.Unavailable("no answer")

    monkeypatch.setattr(results, "load_runs", unreachable)
    assert main(["one", "two"]) == 3
    assert capsys.readouterr().err == "seqbench: no answer\n"
