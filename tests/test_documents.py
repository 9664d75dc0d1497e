"""What the documents point to is there: files, names, commands, experiments."""

import json
import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from pages.documents import documents, links

import seqbench
from seqbench.config import config_dir
from seqbench.report import on_disk

ROOT = Path(seqbench.__file__).parents[1]
NOTEBOOK = ROOT / "docs/notebook.ipynb"
DOCUMENTS = [*(ROOT / document for document in documents()), *ROOT.glob(".github/*/*.md"), NOTEBOOK]

UNKEPT = {"smoke", "lesson"}
"""Experiments that answer no question, and have no reference."""

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def output_of(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def exists(name):
    """Whether a dotted name is a module, or something in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@each_document
def test_every_link_leads_to_a_file(document):
    assert [link for link in links(document.read_text()) if not (document.parent / link).exists()] == []


@each_document
def test_every_name_of_seqbench_is_one(document):
    text = document.read_text()
    names = re.findall(r"`(seqbench(?:\.\w+)+)(?:\([^`]*\))?`", text) + re.findall(r"-m (seqbench(?:\.\w+)*)", text)
    assert [name for name in names if not exists(name)] == []


@each_document
def test_every_test_that_is_named_is_one(document):
    files = [ROOT / name for name in re.findall(r"`(tests/[\w/]+\.py)`", document.read_text())]
    assert [file for file in files if not file.exists()] == []
    there = {
        name for file in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert set(re.findall(r"`(test_\w+)`", document.read_text())) <= there


@each_document
def test_every_experiment_that_is_run_is_one(document):
    named = set(re.findall(r"(?:\+experiment|\bEXPERIMENT)=([a-z]\w*)", document.read_text()))
    there = {path.stem for path in config_dir().glob("experiment/*.yaml")} | {"yours"}
    assert named - there == set()


def test_every_document_is_in_the_menu_of_the_site():
    menu = (ROOT / "mkdocs.yml").read_text()
    assert [str(document) for document in documents() if f": {document}\n" not in menu] == []


def test_the_notebook_is_committed_as_nobody_has_run_it():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    run = [cell for cell in cells if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"])]
    assert run == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 140


def test_the_architecture_shows_the_layers_that_are_checked():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers" and "containers" not in one)
    shown = "".join(f"    {layer.replace('seqbench.', '')}\n" for layer in layers)
    assert f"\n\n{shown}\n" in (ROOT / "docs/architecture.md").read_text()


def test_a_sweep_changes_no_tracked_file():
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    tracked = output_of("git", "ls-files", "reports").split()
    assert tracked
    assert [file for file in tracked if not file.startswith("reports/reference/")] == []


def test_a_sweep_ends_with_commands_that_can_be_typed(tmp_path):
    look = "0123456789abcdef" * 2
    (tmp_path / "manifest.json").write_text(json.dumps({"figures": {"trace_best": [look]}}, indent=1))
    shown = output_of("make", "-s", "next", f"REPORT={tmp_path}", "BIN=bin")
    commands = [line.partition("#")[0].split() for line in shown.splitlines()[1:]]
    assert [command[:2] for command in commands] == [["bin/python", "-m"]] * 3
    assert all(exists(command[2]) for command in commands)
    assert commands[2][3:] == [f"run={look[:8]}"]
    readme = (ROOT / "README.md").read_text()
    assert all(
        " ".join(command).replace(look[:8], "ID").replace("bin/", ".venv/bin/") in readme for command in commands
    )


def test_references_are_small_and_whole():
    folders = [path.parent for path in (ROOT / "reports/reference").glob("*/index.html")]
    assert {folder.name for folder in folders} == {
        path.stem for path in config_dir().glob("experiment/*.yaml")
    } - UNKEPT
    sizes = [sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) for folder in folders]
    assert max(sizes) <= 600_000
    assert sum(sizes) <= 5_000_000
    assert all(on_disk.whole_in(folder) for folder in folders)
