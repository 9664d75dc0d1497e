"""The server of the workers begins with a command that may need it, and ends with the command."""

import signal
import subprocess
import sys

import pytest

from seqbench.executors import children, early

pytestmark = pytest.mark.skipif(not children.FORKED, reason="no server forks children on this platform")

REFUSED = """
import os, sys
from multiprocessing import forkserver
from seqbench.__main__ import main

sys.argv = ["seqbench", "task=coppy"]
try:
    main()
except SystemExit as end:
    print(end.code)
print(os.WTERMSIG(os.waitpid(forkserver._forkserver._forkserver_pid, 0)[1]))
"""


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (["+experiment=gap_sweep", "rerun=true"], True),
        ([], True),
        (["--version"], False),
        (["--cfg", "job"], False),
        (["--info=plugins"], False),
        (["+experiment=gap_sweep", "dry_run=true"], False),
        (["executor=serial", "task=copy"], False),
    ],
)
def test_it_begins_with_a_command_that_may_run_something(
    words: list[str], begins: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(early, "start_server", lambda: begun.append("server"))
    early.begin(words)
    assert begun == ["server"] * begins


def test_it_is_ended_with_a_command_that_did_not_need_it() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, text=True)
    assert done.stdout.split() == ["2", str(int(signal.SIGKILL))], done.stderr
