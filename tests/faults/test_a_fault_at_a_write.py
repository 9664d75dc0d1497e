"""A driver that is killed at a write, or whose disk is full from then on: the same command then gives the whole record.

The command is the real one; `sitecustomize`, which Python imports by itself, counts what it commits.
"""

import os
import signal
from pathlib import Path

import pytest
from recording import MLFLOW_WARNINGS
from sweeping import SMALL, Sweep, new_folder, seqbench_in
from undisturbed import content, require_nothing_left

pytestmark = [MLFLOW_WARNINGS, pytest.mark.long]

COMMAND = ("+experiment=smoke", "task.gap=5", "seed=0", *SMALL, "executor=serial", "reports=null")
COUNTING = """
import os, resource, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine

written = 0

@event.listens_for(Engine, "commit")
def count(_):
    global written
    written += 1
    with open(os.environ["WRITES"], "ab") as file:
        file.write(b".")
    if written == int(os.environ.get("KILLED_AT", 0)):
        os.kill(os.getpid(), signal.SIGKILL)
    if written == int(os.environ.get("FULL_AT", 0)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
"""
#: Every so many-th write has its fault; the first ones each.
FIRST, STRIDE = 3, 7


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("at a write")
    folder.joinpath("sitecustomize.py").write_text(COUNTING)
    return folder


@pytest.fixture(scope="module")
def undisturbed(parent: Path) -> Path:
    folder = new_folder(parent, "undisturbed")
    assert seqbench_in(folder, *COMMAND).code == 0
    return folder


def commanded(folder: Path, writes: Path, **fault: str) -> Sweep:
    """The command, which has ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(writes.parent), os.environ.get("PYTHONPATH", "")]))
        sweep = Sweep(folder, COMMAND, WRITES=str(writes), **fault)
    sweep.wait()
    return sweep


@pytest.mark.parametrize(
    ("fault", "code", "left"),
    [("KILLED_AT", -signal.SIGKILL, ("runs", "locks")), ("FULL_AT", 3, ("runs", "locks"))],
    ids=["killed", "disk full"],
)
def test_whatever_write_it_comes_to_the_same_command_gives_the_undisturbed_record(
    fault: str, code: int, left: tuple[str, ...], parent: Path, undisturbed: Path
) -> None:
    writes = parent / f"writes until {fault}"
    assert commanded(new_folder(parent, f"{fault} never"), writes).process.returncode == 0
    count = len(writes.read_bytes())
    assert count > FIRST + 2 * STRIDE
    for number in (*range(1, FIRST), *range(FIRST, count + 1, STRIDE)):
        folder = new_folder(parent, f"{fault} {number}")
        sweep = commanded(folder, writes, **{fault: str(number)})
        assert sweep.process.returncode == code, (number, sweep.err)
        require_nothing_left(sweep, *left)
        assert seqbench_in(folder, *COMMAND).code == 0, number
        assert content(folder) == content(undisturbed), number
