"""A folder of configuration of one's own, with classes beside it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CLASSES = """
from seqbench.executors.serial import Serial
from seqbench.models.rnn import RNN
from seqbench.tasks.copy import Copy


class Mine(RNN):
    version = 7

    def __init__(self, input_size: int, *, text: str = "x", flag: bool = True) -> None:
        super().__init__(input_size, hidden_size=4)


class Tall(RNN):
    def __init__(self, input_size: int, *, layers: int = 2) -> None:
        super().__init__(input_size, hidden_size=layers)


class Fails(RNN):
    def __init__(self, input_size: int) -> None:
        raise KeyError("no luck")


class Gapless(Copy):
    def __init__(self, *, load: int = 1) -> None:
        super().__init__(gap=3, load=load)


class Nodes(Serial):
    def __init__(self, *, nodes: int = 1) -> None:
        pass
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a folder of configuration with a class file beside it; its name has a blank and a comma."""
    folder = tmp_path / "my own, folder"
    folder.mkdir()
    (folder / "my_classes.py").write_text(CLASSES)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, "my_classes", raising=False)

    def write(**files: str) -> Path:
        for name, text in files.items():
            group, _, option = name.partition("__")
            (folder / group).mkdir(exist_ok=True)
            (folder / group / f"{option}.yaml").write_text(text)
        return folder

    return write
