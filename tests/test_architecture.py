"""Imports go downward only, and what runs beside the training is not loaded with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import seqbench

ROOT = Path(seqbench.__file__).parents[1]
HEAVY = {"mlflow", "hydra", "omegaconf", "pandas", "seaborn", "matplotlib"}


def imported_with(statement):
    """The top-level packages that a fresh process holds after a statement."""
    program = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_layers_hold(capsys):
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert code == 0, capsys.readouterr().out


def test_every_module_has_its_place_in_the_layers():
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["type"] == "layers" and "containers" not in one)
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    modules = {f"seqbench.{path.stem}" for path in (ROOT / "seqbench").glob("*.py")} - {"seqbench.__init__"}
    packages = {f"seqbench.{path.parent.name}" for path in (ROOT / "seqbench").glob("*/__init__.py")}
    assert modules | packages == placed


def test_a_worker_loads_no_tracker_no_configuration_framework_and_no_plots():
    loaded = imported_with("import seqbench.training.fit, seqbench.executors.processes")
    assert "torch" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("module", ["seqbench.__main__", "seqbench.cli"])
def test_the_command_line_loads_nothing_heavy_before_it_knows_what_to_do(module):
    assert imported_with(f"import {module}") & {*HEAVY, "torch"} == set()


def test_a_report_that_looks_into_no_model_does_not_load_torch():
    assert "torch" not in imported_with("import seqbench.report, seqbench.report.traces, seqbench.record.results")


def test_planning_needs_no_tracker_and_no_plots():
    assert imported_with("import seqbench.planning.make_plan") & {"mlflow", "pandas", "seaborn", "matplotlib"} == set()
