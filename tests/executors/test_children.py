"""Children are forked from one server: they see what their parent sees and no Ctrl-C, and none outlives it."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import scripted
import torch
from builders import make_spec
from recording import job_of
from scripted import is_running, wait_until

from seqbench.config import Component
from seqbench.events import Event, Failed, Retried
from seqbench.executors import children, processes
from seqbench.executors.base import Executor, WorkerLost, events_of
from seqbench.executors.processes import Processes
from seqbench.executors.serial import Serial
from seqbench.plan import RunSpec

pytestmark = pytest.mark.skipif(not children.FORKED, reason="no server forks children on this platform")

HERE = Processes(workers=1)


def server() -> int:
    """The process that children are forked from."""
    return HERE.elsewhere(os.getppid)


def story_of(run: RunSpec) -> list[Event]:
    return [event for _, event in HERE.execute([job_of(run)])]


# -- one call elsewhere ------------------------------------------------------------------------------------


@pytest.mark.parametrize("executor", [Serial(), HERE], ids=["serial", "processes"])
def test_a_function_gives_or_raises_elsewhere_what_it_does_here(executor: Executor) -> None:
    assert executor.elsewhere(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError, match="division"):
        executor.elsewhere(divmod, 7, 0)


def test_an_error_from_elsewhere_says_where_it_was_raised() -> None:
    with pytest.raises(FileNotFoundError) as raised:
        HERE.elsewhere(shutil.copy, "no such file", "anywhere")
    assert "in copyfile" in raised.value.__notes__[0]


def test_elsewhere_is_another_process_which_is_gone_afterwards() -> None:
    pid = HERE.elsewhere(os.getpid)
    assert pid != os.getpid()
    assert not is_running(pid)


def test_a_call_whose_process_was_killed_is_tried_once_more(tmp_path: Path) -> None:
    assert HERE.elsewhere(scripted.dies_first, str(tmp_path / "tried")) == "alive"


def test_a_call_that_takes_its_processes_along_is_an_error_that_says_so() -> None:
    with pytest.raises(WorkerLost, match="its worker died 2 times, last with exit code 7"):
        HERE.elsewhere(os._exit, 7)


# -- what children know ------------------------------------------------------------------------------------


def test_a_worker_has_nothing_from_the_server_or_its_run_that_it_does_not_need() -> None:
    assert "torch._dynamo" in HERE.elsewhere(eval, "list(__import__('sys').modules)")
    loaded = HERE.elsewhere(scripted.loaded_after, make_spec())
    assert not {"hydra", "omegaconf", "mlflow", "pandas", "scipy.stats", "seaborn", "matplotlib"} & loaded


def test_the_server_runs_no_thread_that_a_forked_process_would_miss() -> None:
    assert len(list(Path(f"/proc/{server()}/task").iterdir())) == 1


def test_children_leave_the_other_cores_to_each_other() -> None:
    assert HERE.elsewhere(torch.get_num_threads) == 1


def test_a_child_has_the_environment_and_the_folder_of_now_and_not_those_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server()
    monkeypatch.setenv("SEQBENCH_CACHE", "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert HERE.elsewhere(eval, "dict(__import__('os').environ)") == dict(os.environ)
    assert HERE.elsewhere(os.getcwd) == str(tmp_path)


CORE = """
from seqbench.models.rnn import RNN

class Own(RNN):
    def __init__(self, input_size):
        raise ValueError("{}")
"""


def test_a_class_that_is_edited_between_two_sweeps_is_the_new_one_in_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    run = make_spec(model=Component("own", "edited_between.Own", {}))
    for word in ("first", "the second"):
        (tmp_path / "edited_between.py").write_text(CORE.format(word))
        (end,) = story_of(run)
        assert isinstance(end, Failed)
        assert end.reason == f"ValueError: {word}"


def test_children_that_are_spawned_where_none_are_forked_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_spec()
    forked = story_of(run)
    monkeypatch.setattr(children, "FORKED", False)
    monkeypatch.setattr(children, "_CONTEXT", multiprocessing.get_context("spawn"))
    HERE.prepare()
    spawned = story_of(run)
    assert repr(forked[:-1]) == repr(spawned[:-1]) == repr(list(events_of(run))[:-1])


# -- a server that ends, and one that must not -------------------------------------------------------------


def test_sweeps_share_a_server_and_one_that_was_killed_is_replaced() -> None:
    first = server()
    assert server() == first
    os.kill(first, signal.SIGKILL)
    assert server() != first


def test_a_run_whose_worker_lost_the_server_starts_over_with_another_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_work", scripted.work)
    cue = tmp_path / "cue"
    run = scripted.scripted(0, waits_for=str(cue), notes=tmp_path)
    story: list[Event] = []
    for _, event in HERE.execute([job_of(run)]):
        story.append(event)
        if len(story) == 1:
            os.kill(server(), signal.SIGKILL)
        else:
            cue.touch()
    assert story == [scripted.events(run)[0], Retried("with exit code 255"), *scripted.events(run)]
    wait_until(lambda: not any(map(is_running, scripted.attempts(run))))
    assert len(scripted.attempts(run)) == 2


INTERRUPTED = """
import os, signal, sys, threading, time
from multiprocessing import forkserver
sys.path.insert(0, sys.argv[1])
from seqbench.executors.processes import Processes

def sweep():
    processes = Processes(workers=1)
    processes.prepare()
    begun = forkserver._forkserver._forkserver_pid
    time.sleep(0.5)  # it is importing by now
    os.killpg(0, signal.SIGINT)
    assert processes.elsewhere(os.getppid) == forkserver._forkserver._forkserver_pid == begun
    print(processes.elsewhere(eval, "__import__('sys').modules['seqbench.training.fit'].__file__"))

signal.signal(signal.SIGINT, lambda *_: None)
thread = threading.Thread(target=sweep)
thread.start()
thread.join()
"""


def test_a_server_that_a_thread_starts_survives_ctrl_c_and_imports_what_its_parent_would(tmp_path: Path) -> None:
    """And not what the working folder happens to hold."""
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "script.py").write_text(INTERRUPTED)
    (tmp_path / "seqbench.py").write_text("raise SystemExit('this is not it')")
    root = Path(children.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "script/script.py", str(root)],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout.strip(), done.stderr) == (str(root / "seqbench" / "training" / "fit.py"), "")


# -- threads -----------------------------------------------------------------------------------------------


def test_children_of_two_threads_do_not_take_each_others_stand_in_for_the_script():
    script = sys.modules["__main__"]
    first_is_inside, second_is_inside, leave = (threading.Event() for _ in range(3))

    def begin_first():
        with children._without_script():
            first_is_inside.set()
            leave.wait(5)

    def leave_last():
        with children._without_script():
            second_is_inside.set()
            first.join(5)

    first, second = threading.Thread(target=begin_first), threading.Thread(target=leave_last)
    first.start()
    first_is_inside.wait(5)
    second.start()
    second_is_inside.wait(0.2)  # it has to wait until the first has left
    leave.set()
    first.join()
    second.join()
    assert sys.modules["__main__"] is script
