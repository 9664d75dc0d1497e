"""What a person reads at the end of a sweep."""

import pandas as pd
import pytest
from rich.console import Console

from seqbench.analysis.cells import summary_table
from seqbench.driver import summary
from seqbench.statistics.rates import wilson_interval


def runs(*cells: tuple[str, int, str], **columns: object) -> pd.DataFrame:
    """A run per (arm, gap, outcome)."""
    frame = pd.DataFrame(cells, columns=["arm", "gap", "outcome"])
    others = {"task": "copy", "load": 1, "budget": 2000, "run_name": "a run", "reason": "", "command": "again"}
    measured = {"steps_to_solve": 100.0, "gradient_at_gap_init": -1.0, "gradient_at_gap_end": -1.0}
    return frame.assign(**{**others, "steps": 2000, "parameters": 4545, **measured, **columns})


def table(frame: pd.DataFrame) -> list[list[str]]:
    console = Console(width=200, record=True, quiet=False, file=None)
    with console.capture() as capture:
        console.print(summary.success_table(summary_table(frame)))
    inner = [line for line in capture.get().splitlines() if line[:1] in "┃│"]
    return [[cell.strip() for cell in line.replace("┃", "│").strip("│").split("│")] for line in inner]


def interval(solved: int, of: int) -> str:
    low, high = wilson_interval(solved, of)
    return f"{solved}/{of} [{low:.2f}, {high:.2f}]"


def test_success_is_a_row_per_arm_and_a_column_per_gap_with_wilsons_interval() -> None:
    frame = runs(
        *[("lstm", 100, "solved")] * 3, ("rnn", 20, "solved"), ("rnn", 20, "unsolved"), ("rnn", 100, "unsolved")
    )
    assert table(frame) == [
        ["arm", "parameters", "gap 20", "gap 100"],
        ["rnn", "4,545", interval(1, 2), interval(0, 1)],
        ["lstm", "4,545", "-", "3/3 [0.44, 1.00]"],
    ]


def test_an_arm_of_several_sizes_shows_them_all_and_one_that_never_began_none() -> None:
    several = runs(("rnn", 5, "solved"), ("rnn", 9, "solved"), ("rnn", 9, "solved")).assign(parameters=[1200, 33, 44])
    assert table(several)[1][1] == "1,200 or 33 and 44"
    assert table(runs(("rnn", 5, "failed"), parameters=0))[1] == ["rnn", "-", "-"]


def test_arms_stand_in_the_order_of_all_figures() -> None:
    frame = runs(("lstm", 5, "solved"), ("gru", 5, "solved"), ("rnn", 5, "solved"))
    assert [row[0] for row in table(frame)[1:]] == ["rnn", "gru", "lstm"]


def test_a_diverged_run_counts_against_its_arm_and_a_crashed_one_does_not_count() -> None:
    frame = runs(("rnn", 5, "solved"), ("rnn", 5, "diverged"), ("rnn", 5, "failed"), ("rnn", 5, "unfinished"))
    assert table(frame)[1] == ["rnn", "4,545", interval(1, 2)]


def test_a_cell_of_crashed_runs_alone_is_empty() -> None:
    assert table(runs(("rnn", 5, "failed")))[1] == ["rnn", "4,545", "-"]


def test_each_task_load_and_budget_has_a_table_of_its_own_with_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.concat(
        [
            runs(("rnn", 5, "solved")),
            runs(("rnn", 5, "solved"), load=3),
            runs(("rnn", 5, "solved"), budget=100),
            runs(("rnn", 5, "solved"), task="adding"),
        ]
    )
    assert summary.print_outcome(frame) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if "solved it within" in line]
    assert [title.partition(": runs")[0] for title in titles] == [
        "copy, load 1",
        "copy, load 3",
        "copy, load 1",
        "adding, load 1",
    ]
    assert ["100 steps" in title for title in titles] == [False, False, True, False]
    assert "2,000 steps" in titles[0]


def test_of_runs_without_training_the_gradient_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert summary.print_outcome(runs(("rnn", 5, "unsolved"), budget=0, steps=0, gradient_at_gap_init=-7.0)) == 0
    out = capsys.readouterr().out
    assert "copy, load 1: the gradient that reaches the evidence before training" in out
    assert "1·10⁻⁷" in out
    assert "0/1" not in out


def test_every_failed_run_is_listed_with_reason_and_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = "python -m seqbench +experiment=gap_sweep " + " ".join(f"model.knob_{i}={i}" for i in range(30))
    frame = runs(("rnn", 5, "solved"), ("lstm", 5, "failed"))
    frame.loc[1, ["run_name", "reason", "command"]] = ["s0 lstm gap=5 copy", "ValueError: [bold]x", command]
    assert summary.print_outcome(frame) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-2:] == ["failed: s0 lstm gap=5 copy: ValueError: [bold]x", f"  repeat: {command}"]


def test_without_failed_runs_none_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert summary.print_outcome(runs(("rnn", 5, "solved"), ("rnn", 5, "diverged"))) == 0
    assert "repeat:" not in capsys.readouterr().out
