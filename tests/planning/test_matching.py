"""Arms made alike by `match`: their hidden sizes are found while planning, and no run knows of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from plans import GLOBAL, assert_each_command_repeats_its_run, faults_of, repeated

from seqbench.config import cache
from seqbench.planning.grammar import NOT_AN_AXIS
from seqbench.planning.make_plan import make_plan
from seqbench.training import matching
from seqbench.training.build import build

GIVEN = "model.hidden_size: is solved for, because match is set, and cannot be given"
FOLLOWED = "model.hidden_size: is solved for, because match is set, and no other setting can follow it"
TOGETHER = "match: parameters and state cannot be matched together: one hidden size has to do for both"
MATCHED = "task=copy", "task.gap=3", "match.parameters=5000"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arms that a hidden size was solved for, in order."""
    asked: list[str] = []
    solve = matching.hidden_size_for

    def noted(spec, **asked_for):
        asked.append(spec.model.name)
        return solve(spec, **asked_for)

    monkeypatch.setattr(matching, "hidden_size_for", noted)
    return asked


def test_each_arm_gets_a_hidden_size_of_its_own_and_nearly_the_same_number_of_parameters() -> None:
    runs = make_plan(*MATCHED, "model=rnn,gru,lstm").runs
    # rnn: h (h + 8 + 2) + 8 (h + 1) = 4,968 at 62 (5,119 at 63)
    sizes = {run.model.name: run.model.settings["hidden_size"] for run in runs}
    assert sizes["rnn"] > sizes["gru"] > sizes["lstm"]
    for run in runs:
        assert build(run)[1].num_parameters == pytest.approx(5000, rel=0.02)


def test_what_all_layers_of_a_stack_have_and_carry_counts() -> None:
    words = "task=copy", "task.gap=3", "model=rnn,lstm", "model.layers=2"
    sizes = [run.model.settings["hidden_size"] for run in make_plan(*words, "match.state=128").runs]
    assert sizes == [64, 32]  # h of two layers; h and c of two
    for run in make_plan(*words, "match.parameters=20000").runs:
        assert build(run)[1].num_parameters == pytest.approx(20000, rel=0.02)


def test_a_run_is_the_one_that_has_this_hidden_size_anyway() -> None:
    (run,) = make_plan(*MATCHED, "model=lstm").runs
    size = run.model.settings["hidden_size"]
    (same,) = make_plan("task=copy", "task.gap=3", "model=lstm", f"model.hidden_size={size}").runs
    assert run == same
    assert run.fingerprint == same.fingerprint


def test_the_command_of_a_run_says_its_hidden_size_and_solves_for_nothing(solved: list[str]) -> None:
    plan = make_plan(*MATCHED, "model=rnn,lstm", "seed=0,1")
    solved.clear()
    assert_each_command_repeats_its_run(plan)
    assert solved == []
    assert "match.parameters" not in plan.jobs[0].command


def test_the_size_is_solved_for_once_for_all_seeds_and_gaps_and_then_remembered(solved: list[str]) -> None:
    words = "task=copy", "task.gap=3,4", "match.state=128", "model=rnn,lstm", "seed=range(3)"
    first = make_plan(*words)
    assert sorted(set(solved)) == ["lstm", "rnn"]
    assert len(solved) == 4  # the task with another gap is another task
    assert make_plan(*words).runs == first.runs
    assert len(solved) == 4


def test_what_is_remembered_and_damaged_is_solved_for_again(solved: list[str], kept: Path) -> None:
    first = make_plan(*MATCHED, "model=lstm")
    (file,) = kept.glob("matches/*")
    file.write_bytes(file.read_bytes()[:-1])
    assert make_plan(*MATCHED, "model=lstm").runs == first.runs
    assert solved == ["lstm", "lstm"]


def test_a_search_has_one_hidden_size_at_all_gaps() -> None:
    plan = make_plan("+experiment=horizon", "task=copy", "model=rnn,lstm_chrono", "match.parameters=5000")
    for cell in plan.cells:
        jobs = [cell(gap, seed) for gap, seed in ((5, 0), (77, 3))]
        (size,) = {job.run.model.settings["hidden_size"] for job in jobs}
        assert build(jobs[0].run)[1].num_parameters == pytest.approx(5000, rel=0.02)
        assert repeated(jobs[1].command).runs == (jobs[1].run,)
        assert f"model.hidden_size={size}" in jobs[1].command


def test_an_experiment_may_match_and_its_commands_repeat_a_run(own: Callable[..., Path]) -> None:
    axes = "hydra: {sweeper: {params: {task: copy, model: 'rnn,lstm'}}}"
    folder = own(experiment__alike=f"{GLOBAL}name: alike\nmatch: {{parameters: 5000}}\n{axes}\n")
    plan = make_plan("+experiment=alike", config_dir=folder)
    assert len({run.model.settings["hidden_size"] for run in plan.runs}) == 2
    assert_each_command_repeats_its_run(plan)


def test_without_a_target_nothing_changes() -> None:
    assert make_plan("model=lstm", "match.parameters=null").runs == make_plan("model=lstm", "match=null").runs
    assert make_plan("model=lstm").runs == make_plan("model=lstm", "match=null").runs


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("model=lstm", "model.hidden_size=8"), GIVEN),
        (("model=lstm", "model.hidden_size=8,16"), GIVEN),
        (("model=oracle",), "model=oracle: has no hidden_size, so that nothing can be matched"),
        (("model=guess",), "task=copy model=guess: it is not trained, so its hidden size cannot be matched"),
        (("match.state=9", "model=rnn"), TOGETHER),
        (("match.parameters=0",), "match.parameters: 0 is not allowed; it should be greater than or equal to 1"),
        (("match.parameters=10,20",), f"match.parameters=10,20: {NOT_AN_AXIS}"),
        (("model=rnn", "training.batch_size='${model.hidden_size}'"), FOLLOWED),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_plain_words(words: tuple[str, ...], fault: str) -> None:
    assert faults_of(*MATCHED, *words) == [fault]


def test_a_count_that_no_size_comes_near_is_refused() -> None:
    (fault,) = faults_of("task=copy", "model=rnn", "match.parameters=50")
    assert fault.startswith("task=copy model=rnn: no hidden size gives 50 parameters within 2 %: 1 gives 29")


def test_a_width_needs_no_solving_and_there_is_no_such_key() -> None:
    (fault,) = faults_of("model=rnn", "match.width=64")
    assert fault == "match.width=64: there is no such key; did you mean 'match.within'?"


def test_a_hidden_size_that_an_experiment_gives_is_given(own: Callable[..., Path]) -> None:
    folder = own(experiment__wide=f"{GLOBAL}name: wide\nmodel: {{hidden_size: 100}}\n")
    assert faults_of("+experiment=wide", *MATCHED, "model=rnn", config_dir=folder) == [GIVEN]


def test_what_an_experiment_file_made_may_be_set_beside_it():
    words = "+experiment=horizon", "task=copy", "model=rnn", "match.parameters=5000", "horizon.max_runs=30"
    plan = make_plan(*words)
    assert plan.horizon["max_runs"] == 30
    assert plan.cells[0](5, 0).run.model.settings["hidden_size"] != 64
