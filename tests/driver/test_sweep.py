"""The real command, from end to end, undisturbed and disturbed."""

import os
import random
import shlex
import signal
from pathlib import Path

import pytest
from recording import MLFLOW_WARNINGS
from scripted import is_running, wait_until
from sweeping import SMALL, Result, Sweep, new_folder, rows, seqbench_in, statuses
from undisturbed import content

pytestmark = MLFLOW_WARNINGS

COMMAND = ("+experiment=smoke", "task.gap=5,20", "seed=range(3)", *SMALL)
NUM_RUNS = 12


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweeps")


@pytest.fixture(scope="module")
def undisturbed(parent: Path) -> Path:
    """A folder in which the sweep was run once."""
    return new_folder(parent, "undisturbed")


@pytest.fixture(scope="module")
def first(undisturbed: Path) -> Result:
    return seqbench_in(undisturbed, *COMMAND, "executor=serial", "reports=null")


# -- undisturbed -------------------------------------------------------------------------------------------


def table(out: str) -> list[str]:
    before = ("to do", "p cannot fall", "the run starts over")
    lines = [line for line in out.splitlines() if not line.startswith(("[", "report:", "look into"))]
    return [line for line in lines if not any(words in line for words in before)]


def test_a_sweep_ends_with_code_0_and_every_run_finished_in_the_record(first: Result, undisturbed: Path) -> None:
    assert (first.code, first.err) == (0, "")
    assert statuses(undisturbed) == {"FINISHED": NUM_RUNS}
    assert len(set(rows(undisturbed, "tags.value"))) == NUM_RUNS


def test_without_a_terminal_it_tells_the_end_of_each_run_in_a_plain_line(first: Result) -> None:
    assert [line.partition("]")[0] for line in first.lines] == [f"[{i}/{NUM_RUNS}" for i in range(1, NUM_RUNS + 1)]
    assert "\x1b" not in first.out
    assert any(line.partition("] ")[2].startswith("s0 rnn gap=5 copy: ") for line in first.lines)
    warning, todo, *_ = first.out.splitlines()
    assert warning == (
        "copy: 3 seeds, 1 pair of arms: p cannot fall below 0.25, so nothing can be told apart; 6 seeds or more can"
    )
    assert todo == f"{NUM_RUNS} runs to do"


def test_it_ends_with_a_table_of_success_per_arm_and_gap(first: Result) -> None:
    text = "\n".join(table(first.out))
    assert "copy" in text
    for word in ("gap 5", "gap 20", "rnn", "lstm_chrono_told", "/3 ["):
        assert word in text


def test_the_working_folder_holds_the_record_and_nothing_else(first: Result, undisturbed: Path) -> None:
    assert {path.name for path in undisturbed.iterdir()} <= {"mlflow.db", "mlruns", "stdout.txt", "stderr.txt"}


def test_the_second_time_nothing_is_trained_and_the_same_table_and_a_report_are_made(
    first: Result, undisturbed: Path
) -> None:
    before = content(undisturbed)
    second = seqbench_in(undisturbed, *COMMAND, "reports=pages")
    assert (second.code, second.lines, second.err) == (0, [], "")
    assert table(second.out) == table(first.out)
    assert content(undisturbed) == before
    assert second.out.splitlines()[-2:] == [
        "report: pages/smoke/index.html",
        "look into a run: python -m seqbench.trace run=ID, with a run_id of pages/smoke/runs.csv",
    ]
    assert (undisturbed / "pages" / "smoke" / "index.html").stat().st_size > 10_000


def test_with_nothing_to_do_neither_torch_nor_the_tracker_is_imported(
    first: Result, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("torch", "mlflow", "matplotlib", "seaborn"):
        (tmp_path / f"{package}.py").write_text("import os; os._exit(97)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    again = seqbench_in(undisturbed, *COMMAND, "reports=null")
    assert (again.code, again.lines, table(again.out)) == (0, [], table(first.out))


# -- disturbed ---------------------------------------------------------------------------------------------


def test_a_sweep_that_is_cut_again_and_again_ends_with_the_same_results_to_the_bit(
    first: Result, undisturbed: Path, parent: Path
) -> None:
    folder, chance = new_folder(parent, "disturbed"), random.Random()

    killed = Sweep(folder, [*COMMAND, "reports=null"])
    killed.wait_for_lines(chance.choice([1, 2]))
    left = [*killed.server(), *killed.workers()]
    assert len(left) > 1
    killed.process.kill()
    assert killed.wait() == -signal.SIGKILL
    wait_until(lambda: not any(map(is_running, left)))
    assert statuses(folder)["FINISHED"] < NUM_RUNS

    interrupted = Sweep(folder, [*COMMAND, "reports=null"])
    interrupted.wait_for_lines(chance.choice([1, 2]))
    server, workers = interrupted.server(), interrupted.workers()
    assert workers
    os.killpg(interrupted.process.pid, signal.SIGINT)
    assert interrupted.wait() == 130
    assert not any(map(is_running, workers))
    wait_until(lambda: not any(map(is_running, server)))
    assert interrupted.err == "seqbench: interrupted; the same command goes on where this one stopped\n"
    assert set(statuses(folder)) <= {"FINISHED", "KILLED"}

    completed = Sweep(folder, [*COMMAND, "reports=null"])
    completed.wait_for_lines(chance.choice([0, 1]))
    wait_until(completed.workers)
    os.kill(chance.choice([*completed.server(), *completed.workers()]), signal.SIGKILL)
    assert (completed.wait(), completed.err) == (0, "")

    assert statuses(folder) == {"FINISHED": NUM_RUNS}
    assert content(folder) == content(undisturbed)
    assert table(completed.out) == table(first.out)


# -- runs that fail ----------------------------------------------------------------------------------------

CORE = """
from pathlib import Path
from seqbench.models.rnn import RNN

class Fragile(RNN):
    def __init__(self, input_size: int, *, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size=hidden_size)

    def forward(self, inputs):
        if self.training and len(inputs) > 3 and not Path("mended").exists() and self.hidden_size == 4:
            raise RuntimeError("four is too few")
        return super().forward(inputs)
"""
YAML = "# breaks with four units\n_target_: fragile.Fragile\nhidden_size: 8\n"


def test_a_run_that_fails_leaves_the_others_and_is_listed_with_the_command_that_repeats_it(parent: Path) -> None:
    folder = new_folder(parent, "failing")
    (folder / "own" / "model").mkdir(parents=True)
    (folder / "own" / "model" / "fragile.yaml").write_text(YAML)
    (folder / "own" / "fragile.py").write_text(CORE)
    words = ("--config-dir", "own", "name=own", "task=copy", "model=fragile", "model.hidden_size=4,8")

    failing = seqbench_in(folder, *words, *SMALL, "executor=serial", "reports=null")
    assert failing.code == 1
    assert statuses(folder) == {"FINISHED": 1, "FAILED": 1}
    *_, reason, repeat = failing.out.splitlines()
    assert reason == "failed: s0 hidden_size=4 fragile gap=20 copy: RuntimeError: four is too few"
    assert repeat.startswith("  repeat: python -m seqbench ")

    (folder / "mended").touch()
    _, _, _, *again = shlex.split(repeat.removeprefix("  repeat: "))
    mended = seqbench_in(folder, *again, "reports=null")
    assert (mended.code, len(mended.lines)) == (0, 1)
    assert statuses(folder) == {"FINISHED": 2}
