"""What is to be done when a process ends is done, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

from scripted import wait_until

from seqbench.executors.at_end import AtEnd


def test_it_is_carried_out_at_the_end_of_the_block_and_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "it's done"
    with AtEnd("touch", str(file)):
        assert not file.exists()
    assert file.exists()


def test_it_is_carried_out_when_the_process_is_killed_within(tmp_path: Path) -> None:
    file = tmp_path / "done"
    block = f"with AtEnd('touch', {str(file)!r}): os.kill(os.getpid(), 9)"
    code = f"import os\nfrom seqbench.executors.at_end import AtEnd\n{block}"
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == -signal.SIGKILL
    wait_until(file.exists)
