"""The code of a class from outside of seqbench names its result, wherever it lies."""

import importlib
import sys
from pathlib import Path

import pytest

from seqbench.config.source import source_of
from seqbench.models.rnn import RNN

FILES = {
    "cells.py": "import helpers\nfrom seqbench.models.rnn import RNN\nclass Cell(RNN):\n    n = helpers.n + 0.5\n",
    "helpers.py": "from deep import deeper\nn = 1\n",
    "deep/__init__.py": "",
    "deep/deeper.py": "from . import deepest\n",
    "deep/deepest.py": "x = 1\n",
    "lazy.py": "def late():\n    import later\n",
    "later.py": "y = 1\n",
    "beside.py": "z = 1\n",
}


def written(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def source(folder: Path, module: str = "cells", name: str = "Cell") -> str:
    """As a new process would find it."""
    importlib.invalidate_caches()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        for known in ("cells", "helpers", "deep", "deep.deeper", "deep.deepest", "lazy", "later", "beside", "package"):
            patch.delitem(sys.modules, known, raising=False)
        found = source_of(getattr(importlib.import_module(module), name), f"{module}.{name}")
        for known in ("cells", "helpers", "deep", "deep.deeper", "deep.deepest", "package", "package.cell"):
            sys.modules.pop(known, None)
        return found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("cells.py", FILES["cells.py"].replace("0.5", "0.7")),
        ("helpers.py", FILES["helpers.py"] + "# a word\n"),
        ("deep/__init__.py", "a = 1\n"),
        ("deep/deeper.py", FILES["deep/deeper.py"] + "\nb = 2\n"),
        ("deep/deepest.py", "x = 2\n"),
    ],
)
def test_it_changes_with_every_file_that_the_class_rests_on(tmp_path: Path, file: str, text: str) -> None:
    assert source(written(tmp_path / "one")) != source(written(tmp_path / "two", **{file: text}))


def test_it_does_not_change_with_the_place_or_with_a_file_that_is_not_imported(tmp_path: Path) -> None:
    one, two = source(written(tmp_path / "one")), source(written(tmp_path / "two", **{"beside.py": "z = 2\n"}))
    assert one == two
    assert len(one) == 16


def test_line_ends_are_no_code(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one"), written(tmp_path / "two")
    (two / "cells.py").write_bytes(FILES["cells.py"].replace("\n", "\r\n").encode())
    assert source(one) == source(two)


def test_what_is_imported_only_when_it_is_used_counts(tmp_path: Path) -> None:
    more = {"cells.py": "import lazy\n" + FILES["cells.py"]}
    one = source(written(tmp_path / "one", **more))
    assert one != source(written(tmp_path / "two", **more, **{"later.py": "y = 2\n"}))


def test_of_an_installed_package_only_the_package_itself_counts(tmp_path: Path) -> None:
    package = {
        "package/__init__.py": "",
        "package/cell.py": "import helpers\nfrom . import other\n" + FILES["cells.py"],
        "package/other.py": "o = 1\n",
    }
    one = source(written(tmp_path / "a" / "site-packages", **package), "package.cell")
    same = {**package, "helpers.py": FILES["helpers.py"].replace("n = 1", "n = 2")}
    assert source(written(tmp_path / "b" / "site-packages", **same), "package.cell") == one
    other = {**package, "package/other.py": "o = 2\n"}
    assert source(written(tmp_path / "c" / "site-packages", **other), "package.cell") != one


def test_seqbenchs_own_classes_have_versions_instead() -> None:
    assert source_of(RNN, "seqbench.models.rnn.RNN") == ""


def test_a_class_without_a_file_has_none() -> None:
    assert source_of(type("Made", (RNN,), {"__module__": "__main__"}), "__main__.Made") == ""
    assert source_of(type("Made", (RNN,), {"__module__": "made_up"}), "made_up.Made") == ""


def test_the_module_that_names_the_class_counts_as_well_as_the_one_that_defines_it(tmp_path: Path) -> None:
    one = {"lazy.py": "from cells import Cell\nCell.n = 2\n"}
    two = {"lazy.py": "from cells import Cell\nCell.n = 3\n"}
    assert source(written(tmp_path / "one", **one), "lazy") != source(written(tmp_path / "two", **two), "lazy")


def test_so_does_the_package_that_it_lies_in(tmp_path: Path) -> None:
    inner = {"package/cell.py": FILES["cells.py"], "package/__init__.py": "from .cell import Cell\n"}
    edited = {**inner, "package/__init__.py": "from .cell import Cell\nCell.n = 9\n"}
    one, two = written(tmp_path / "one", **inner), written(tmp_path / "two", **edited)
    assert source(one, "package") != source(two, "package")
    assert source(one, "package.cell") != source(two, "package.cell")


@pytest.mark.parametrize(
    "content", [b"def (", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", b"\x00", b"from ..... import x\n"]
)
def test_a_file_beside_it_that_is_odd_counts_by_its_bytes(tmp_path: Path, content: bytes) -> None:
    careful = {"cells.py": "try:\n    import beside\nexcept Exception:\n    pass\n" + FILES["cells.py"]}
    plain, odd = written(tmp_path / "one", **careful), written(tmp_path / "two", **careful)
    (odd / "beside.py").write_bytes(content)
    assert source(plain) != source(odd)
