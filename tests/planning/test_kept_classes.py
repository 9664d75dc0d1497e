"""Planning rests on what is kept of classes and of trials: it is quick, and it is never wrong."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plans import faults_of
from recording import MLFLOW_WARNINGS

from seqbench import sweep
from seqbench.config import ConfigError, cache
from seqbench.executors.elsewhere import Elsewhere
from seqbench.planning import forms
from seqbench.planning.make_plan import make_plan
from seqbench.planning.trials import Trials

pytestmark = MLFLOW_WARNINGS

MINE = "_target_: my_classes.Mine\ntext: x\nflag: true\n"
PLAN = """
import sys
from seqbench.config import ConfigError
from seqbench.planning.make_plan import make_plan
try:
    print(*(run.fingerprint for run in make_plan(*sys.argv[1:]).runs))
except ConfigError as error:
    print(error)
print("torch" in sys.modules)
"""
KNOWN = "model=lstm", "task=copy", "task.gap=3,4"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def mine(own: Callable[..., Path]) -> Path:
    """The file of a class of one's own, with which a plan was made; to a new process it is not imported yet."""
    folder = own(model__mine=MINE)
    make_plan("model=mine", config_dir=folder)
    return folder / "my_classes.py"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that another process has been asked from now on: it imports the class to answer them."""
    questions, ask = list[str](), Elsewhere.ask

    def noting(self: Elsewhere, function: Callable[..., object], *given: object) -> object:
        questions.append(function.__name__)
        return ask(self, function, *given)

    monkeypatch.setattr(Elsewhere, "ask", noting)
    return questions


def plan_again(mine: Path) -> dict[str, object]:
    """The model of the plan that a new process would make."""
    assert "my_classes" not in sys.modules
    (run,) = make_plan("model=mine", config_dir=mine.parent).runs
    return {**run.model.settings, "version": run.model.version}


def in_a_new_process(*words: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PLAN, *words], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


# -- quick -------------------------------------------------------------------------------------------------


def test_the_second_time_a_plan_and_a_refusal_need_no_torch() -> None:
    first, imported = in_a_new_process(*KNOWN)
    assert imported == "True"
    assert first.split() == [run.fingerprint for run in make_plan(*KNOWN).runs]
    assert in_a_new_process(*KNOWN) == [first, "False"]
    words = "model=lstm", "task=copy", "task.gap=0", "model.forget_bias=x", "training.max_stesp=1"
    *told, imported = in_a_new_process(*words)
    assert (told, imported) == (faults_of(*words), "False")


@pytest.mark.usefixtures("kept")
def test_a_class_that_is_not_imported_is_not_imported_to_plan_with_it(mine: Path, asked: list[str]) -> None:
    assert plan_again(mine) == {"text": "x", "flag": True, "version": 7}
    assert asked == []


# -- never wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("version = 7", "version = 8", {"text": "x", "flag": True, "version": 8}),
        ("flag: bool = True", "flag: bool = True, more: int = 3", {"text": "x", "flag": True, "more": 3, "version": 7}),
    ],
)
def test_a_class_that_was_edited_is_another_one(mine: Path, before: str, after: str, found: dict[str, object]) -> None:
    mine.write_text(mine.read_text().replace(before, after))
    assert plan_again(mine) == found


def test_so_is_one_whose_base_was_edited(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = mine.with_name("my_base.py")
    base.write_text("NUMBER = 1\n")
    monkeypatch.delitem(sys.modules, "my_base", raising=False)
    mine.write_text("import my_base\n" + mine.read_text().replace("version = 7", "version = my_base.NUMBER"))
    assert plan_again(mine)["version"] == 1
    assert plan_again(mine)["version"] == 1
    base.write_text("NUMBER = 2\n")
    monkeypatch.delitem(sys.modules, "my_base", raising=False)
    assert plan_again(mine)["version"] == 2


def test_so_is_one_that_imports_what_was_edited_only_when_it_is_made(mine: Path) -> None:
    mine.with_name("my_helper.py").write_text("NUMBER = 1\n")
    mine.write_text(
        mine.read_text() + "\n    def late(self):\n        from my_helper import NUMBER\n        return NUMBER\n"
    )
    (before,) = make_plan("model=mine", config_dir=mine.parent).runs
    (again,) = make_plan("model=mine", config_dir=mine.parent).runs
    assert again.fingerprint == before.fingerprint
    mine.with_name("my_helper.py").write_text("NUMBER = 2\n")
    (after,) = make_plan("model=mine", config_dir=mine.parent).runs
    assert after.fingerprint != before.fingerprint


def test_a_class_of_the_same_name_in_another_folder_is_another_one(mine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "model").mkdir(parents=True)
    (other / "model" / "mine.yaml").write_text(MINE)
    (other / mine.name).write_text(mine.read_text().replace("version = 7", "version = 9"))
    sys.path.remove(str(mine.parent))
    assert plan_again(other / mine.name)["version"] == 9


def test_a_refusal_is_what_the_class_itself_says(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a class takes may depend on more than its file."""
    asked = 'import os\nfrom typing import Literal\n\nTexts = Literal[*os.environ["TEXTS"].split()]\n'
    mine.write_text(asked + mine.read_text().replace("text: str", "text: Texts"))
    for texts in ("x", "x y"):
        monkeypatch.setenv("TEXTS", texts)
        sys.modules.pop("my_classes", None)
        told = faults_of("model=mine", "model.text=z", config_dir=mine.parent)
        assert told == [f"model.text: 'z' is not allowed; it should be {' or '.join(map(repr, texts.split()))}"]
    sys.modules.pop("my_classes", None)
    (run,) = make_plan("model=mine", "model.text=y", config_dir=mine.parent).runs
    assert run.model.settings["text"] == "y"


def test_another_version_of_seqbench_believes_nothing_of_this_one(
    mine: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "code", lambda: "another")
    plan_again(mine)
    assert "_content" in asked


def test_what_a_package_adds_to_the_path_when_it_is_imported_is_no_other_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = forms.code.__wrapped__()
    for folder in ("site-packages/ray/thirdparty", "site-packages"):
        (tmp_path / folder / "other-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site-packages/ray/thirdparty")
    assert forms.code.__wrapped__() == before
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    assert forms.code.__wrapped__() != before


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"half of what", cache.sealed(b"[]"), cache.sealed(b"no json"), cache.sealed(b'{"form": {}}')],
)
def test_what_is_damaged_is_made_anew(content: bytes, mine: Path, asked: list[str], kept: Path) -> None:
    for file in [*(kept / "classes").iterdir(), kept / "trials"]:
        file.write_bytes(content)
    assert plan_again(mine)["version"] == 7
    assert "_content" in asked
    asked.clear()
    assert plan_again(mine)["version"] == 7
    assert asked == []


def test_a_trial_that_was_written_by_half_is_made_anew(mine: Path, kept: Path) -> None:
    run = make_plan("model=mine", config_dir=mine.parent).jobs[0].run
    Trials().remember(run, "code", "it leans on its inputs")
    whole = (kept / "trials").read_text()
    assert Trials().remembered(run, "code") == "it leans on its inputs"
    (kept / "trials").write_text(whole[:-7])
    assert Trials().remembered(run, "code") is None


def test_where_nothing_can_be_kept_everything_is_made_anew(
    mine: Path, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "a file"))
    for _ in range(2):
        assert plan_again(mine)["version"] == 7
        assert "_content" in asked
        asked.clear()


# -- before anything runs ----------------------------------------------------------------------------------


def test_what_was_planned_on_trust_is_tried_before_anything_is_written(
    own: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = own(model__mine=MINE)
    file = place / "my_classes.py"
    says = (
        '        if __import__("os").environ.get("MOOD"):\n            raise ValueError("not today")\n        super()'
    )
    file.write_text(file.read_text().replace("        super()", says, 1))
    words = "task=copy", "model=mine", "task.gap=2", "training.max_steps=0", "reports=null", "executor=serial"
    assert make_plan(*words, config_dir=place).on_trust == ()
    plan = make_plan(*words, config_dir=place)
    assert plan.on_trust == plan.runs
    monkeypatch.setenv("MOOD", "bad")
    with pytest.raises(ConfigError, match="not today"):
        sweep(plan)
    assert not (folder / "mlflow.db").exists()


def test_so_is_a_class_that_changed_in_between(own: Callable[..., Path], folder: Path) -> None:
    place = own(model__mine=MINE)
    words = "task=copy", "model=mine", "task.gap=2", "training.max_steps=0", "reports=null", "executor=serial"
    make_plan(*words, config_dir=place)
    plan = make_plan(*words, config_dir=place)
    (place / "my_classes.py").write_text((place / "my_classes.py").read_text().replace("version = 7", "version = 8"))
    with pytest.raises(ConfigError, match=r"my_classes\.Mine has changed since the run was planned"):
        sweep(plan)
    assert not (folder / "mlflow.db").exists()


def test_a_model_that_takes_its_worker_along_is_a_fault_of_the_plan(
    own: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = own(model__mine=MINE)
    file = place / "my_classes.py"
    says = '        import os\n        if "MOOD" in os.environ:\n            os._exit(3)\n        super()'
    file.write_text(file.read_text().replace("        super()", says, 1))
    words = "task=copy", "model=mine", "task.gap=2", "training.max_steps=0", "reports=null", "executor.workers=1"
    make_plan(*words, config_dir=place)
    plan = make_plan(*words, config_dir=place)
    monkeypatch.setenv("MOOD", "bad")
    with pytest.raises(ConfigError, match="task=copy model=mine: its worker died 2 times, last with exit code 3"):
        sweep(plan)
    assert not (folder / "mlflow.db").exists()


def test_a_class_that_can_no_longer_be_imported_is_one_too(own: Callable[..., Path], folder: Path) -> None:
    place = own(model__mine=MINE)
    words = "task=copy", "model=mine", "task.gap=2", "training.max_steps=0", "reports=null", "executor=serial"
    make_plan(*words, config_dir=place)
    plan = make_plan(*words, config_dir=place)
    (place / "my_classes.py").write_text("import nothing_of_that_name")
    with pytest.raises(ConfigError, match=r"model\._target_: 'my_classes\.Mine' cannot be imported: No module named"):
        sweep(plan)
    assert not (folder / "mlflow.db").exists()
