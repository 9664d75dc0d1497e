"""seqbench from Python: its few names, a script without a guard, a session without a file, and the documented lines."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from recording import MLFLOW_WARNINGS, put_database
from test_architecture import HEAVY, imported_with

import seqbench
from seqbench.record import results

pytestmark = MLFLOW_WARNINGS
ROOT = Path(seqbench.__file__).parents[1]
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text(), re.M | re.S)
#: Two runs by two workers, in less than a second of training.
SHORT = """
import seqbench
plan = seqbench.make_plan("name=short", "seed=0,1", "executor.workers=2", "training.max_steps=2",
                          "training.test_sequences=8", "training.validation_sequences=8", "reports=null")
print("code", seqbench.sweep(plan))
"""


def python(folder: Path, *words: str, typed: str = "") -> str:
    """What Python says in a folder with an empty record; it must end well."""
    put_database(folder)
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def statuses(folder: Path, experiment: str) -> list[str]:
    return list(results.load_runs(experiment, f"sqlite:///{folder / 'mlflow.db'}").status)


# -- the names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", seqbench.__all__)
def test_each_name_is_there_and_listed(name):
    assert getattr(seqbench, name) is not None
    assert name in dir(seqbench)


def test_the_names_are_those_of_their_own_modules():
    from seqbench.models.base import Core
    from seqbench.planning.make_plan import make_plan

    assert seqbench.Core is Core
    assert seqbench.make_plan is make_plan


def test_another_name_is_no_attribute_and_a_module_still_is_one():
    with pytest.raises(AttributeError, match="no attribute 'maek_plan'"):
        seqbench.maek_plan  # noqa: B018
    from seqbench import plan

    assert plan.__name__ == "seqbench.plan"


#: What is said of a 5 in place of what each function takes.
TAKEN = {
    "make_plan": 'make_plan takes words as one types them, and 5 is none; such as "task=copy", "seed=0,1"',
    "sweep": "sweep takes a plan, as make_plan gives it, not 5",
    "fit": "fit takes a run, such as make_plan(...).jobs[0].run, not 5",
    "load": "load takes the name of an experiment or the folder of a report, not 5",
    "figures.names": "names takes a record, as load gives it, not 5",
    "figures.figure": "figure takes a record, as load gives it, not 5",
}
CALLS = """
import operator, seqbench
for name in {names}:
    try:
        operator.attrgetter(name)(seqbench)(*[5, "success"][:1 + (name == "figures.figure")])
    except TypeError as error:
        print(error)
"""


def test_what_is_given_in_place_of_a_plan_a_run_or_a_record_is_a_type_error_that_says_what_is_expected(tmp_path):
    assert python(tmp_path, "-c", CALLS.format(names=list(TAKEN))).splitlines() == list(TAKEN.values())


def test_importing_it_loads_nothing_heavy():
    assert imported_with("import seqbench") & {*HEAVY, "torch", "numpy", "pydantic"} == set()


# -- a script, and a session that is no file ---------------------------------------------------------------


def test_a_script_without_a_guard_runs_once_and_nothing_in_it_fails(tmp_path):
    (tmp_path / "script.py").write_text(SHORT)
    out = python(tmp_path, "script.py")
    assert out.count("code 0") == 1
    assert statuses(tmp_path, "short") == ["FINISHED"] * 2


def test_the_lines_of_the_documentation_do_what_it_says_in_a_session_that_is_no_file(tmp_path):
    out = python(tmp_path, "-", typed="\n".join(BLOCKS))
    assert "8 runs, the first of them: s0 rnn gap=5 copy" in out
    assert statuses(tmp_path, "smoke") == ["FINISHED"] * 8
    assert re.search(r"^\w+ after \d+ steps; scores of the test: \{'loss': ", out, re.M)
    assert (tmp_path / "success.pdf").exists()
