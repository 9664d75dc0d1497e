"""What a dry run says."""

from dataclasses import replace

import pytest
from builders import make_spec
from recording import plan_of

from seqbench.driver import listing


def test_a_plan_is_listed_run_by_run_with_those_that_are_finished(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = make_spec(seed=0), make_spec(seed=1)
    listing.print_plan(plan_of(first, second), {second.fingerprint, "of another plan"})
    assert capsys.readouterr().out.splitlines() == [
        f"{first.fingerprint}  to run    s0 lstm gap=2 copy",
        f"{second.fingerprint}  finished  s1 lstm gap=2 copy",
        "2 runs of 'study', 1 finished, 1 to run",
    ]


@pytest.mark.parametrize(("number", "lines"), [(200, 201), (201, 12), (1234, 12)])
def test_of_many_runs_the_first_ten_are_listed_and_all_are_counted(
    number: int, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [replace(spec, seed=seed) for spec in [make_spec()] for seed in range(number)]
    listing.print_plan(plan_of(*runs), {run.fingerprint for run in runs[:-1]})
    out = capsys.readouterr().out.splitlines()
    assert len(out) == lines
    assert out[-1] == f"{number:,} runs of 'study', {number - 1:,} finished, 1 to run"
    if number > 200:
        assert out[-2] == f"... and {number - 10:,} more"


def test_what_the_plan_can_show_is_told_before_it_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make_spec(model=model, gap=gap, seed=seed) for model in ("rnn", "lstm", "gru")
            for gap in (2, 4) for seed in range(8)]  # fmt: skip
    listing.print_plan(plan_of(*runs), set())
    *_, design, _ = capsys.readouterr().out.splitlines()
    assert design == "copy: 8 seeds, 3 pairs of arms: p can fall to 0.023"
