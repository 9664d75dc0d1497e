"""Imports go downward only, and what runs beside the training is not loaded with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import seqbench

ROOT = Path(seqbench.__file__).parents[1]
THREADS = "OPENBLAS_NUM_THREADS"
HEAVY = {"mlflow", "hydra", "omegaconf", "pandas", "seaborn", "matplotlib"}


def imported_with(statement):
    """The packages and modules that a fresh process holds after a statement."""
    program = f"import sys; {statement}; print(*sys.modules)"
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


@pytest.mark.parametrize("module", ["seqbench.__main__", "seqbench.driver.cli"])
def test_the_command_line_loads_nothing_heavy_before_it_knows_what_to_do(module):
    assert imported_with(f"import {module}") & {*HEAVY, "torch"} == set()


def test_what_draws_a_report_loads_neither_torch_nor_what_makes_runs():
    drawing = "import seqbench.report.__main__, seqbench.report.traces, seqbench.report.drawn, seqbench.report.page"
    loaded = imported_with(f"{drawing}, seqbench.report.files, seqbench.report.figures.draw, seqbench.trace.values")
    assert "matplotlib" in loaded
    assert loaded & {"torch", "hydra", "omegaconf", "mlflow", "seaborn", "scipy.stats"} == set()


def test_a_report_that_is_up_to_date_loads_nothing_that_draws():
    loaded = imported_with("import seqbench.report.__main__, seqbench.report.seal")
    assert "pandas" in loaded
    assert loaded & {"matplotlib", "jinja2", "torch", "hydra", "mlflow"} == set()


def test_a_report_begins_its_looks_before_it_loads_anything_heavy():
    assert imported_with("import seqbench.report.__main__") & {*HEAVY, "torch", "numpy"} == set()


def test_scipy_loads_its_parts_when_they_are_used():
    loaded = imported_with("import seqbench.analysis.findings, seqbench.compare.comparison, seqbench.horizon.simulate")
    assert "scipy" in loaded
    assert loaded & {"scipy.stats", "scipy.optimize", "scipy.special"} == set()


def test_planning_needs_no_tracker_and_no_plots():
    assert imported_with("import seqbench.planning.make_plan") & {"mlflow", "pandas", "seaborn", "matplotlib"} == set()


@pytest.mark.parametrize(("started_as", "threads"), [("-m", "1"), ("/bin/seqbench", "1"), ("study.py", "None")])
def test_commands_keep_openblas_to_one_thread_and_leave_scripts_alone(started_as, threads):
    program = f"import sys, os; sys.argv = [{started_as!r}]; import seqbench; print(os.environ.get('{THREADS}'))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**{name: value for name, value in os.environ.items() if name != THREADS}, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == threads
