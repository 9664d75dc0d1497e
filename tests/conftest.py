"""How tests run: one thread each, shapes and types in annotations checked, every test in a folder of its own."""

import atexit
import os
import shutil
import tempfile

# Before NumPy is loaded: beside other processes, its threads cost small matrices more than ten times their time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# One cache for all processes of the tests, and never the user's own.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["SEQBENCH_CACHE"] = tempfile.mkdtemp(prefix="seqbench-tests-")
    atexit.register(shutil.rmtree, os.environ["SEQBENCH_CACHE"], ignore_errors=True)

import shapes

shapes.check_annotations("seqbench")

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with no tracking server set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path
