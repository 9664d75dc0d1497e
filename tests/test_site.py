"""The pages that are made from the code have all of it, and what the documents tell to do works."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from pages import commands, kinds, settings

import seqbench
from seqbench.config import config_dir
from seqbench.events import Finished, GradientByLag, Timescales

ROOT = Path(seqbench.__file__).parents[1]


# -- settings ----------------------------------------------------------------------------------------------


def test_every_setting_stands_on_the_page_with_its_meaning():
    told = {one.key: one for section in settings.sections() for one in section.settings}
    general = settings.written(config_dir() / "config.yaml")
    of_groups = {
        f"{group}.{key}"
        for group in settings.GROUPS
        for file in config_dir().glob(f"{group}/*.yaml")
        for key in settings.written(file)
        if key != "_target_"
    }
    sections = {"training", "match", "_self_"}
    own = {key for key in general if not key.startswith(("hydra", "override", "defaults"))} - sections
    of_layers = {f"model.{key}" for key in settings.written(config_dir() / "layers.yaml")}
    assert len(of_layers) == 4
    assert (own | of_groups | of_layers) - set(told) == set()
    assert {f"horizon.{key}" for key in ("min_gap", "budgets")} | {"tuning.first_seed"} <= set(told)
    assert [key for key, one in told.items() if not one.meaning] == []


def test_a_row_of_the_page():
    rows = settings.page().splitlines()
    assert "| `training.dropout` | share of values that are left out, before and after the core | " in "\n".join(rows)
    (row,) = (row for row in rows if row.startswith("| `training.dropout`"))
    assert row.endswith("| number, 0 or more, below 1 | `0.0` |")


def test_what_a_setting_may_be_in_words():
    from seqbench.config import Count, Finite, Training

    assert kinds.in_words(Count | None) == "whole number, 1 or more, or `null`"
    assert kinds.in_words(Finite) == "number"
    assert kinds.in_words(bool) == "`true` or `false`"
    assert kinds.in_words(Training.__annotations__["schedule"]) == "`constant`, `linear`, `cosine`"


# -- commands ----------------------------------------------------------------------------------------------


def test_every_command_that_the_help_names_is_on_the_page():
    from seqbench.planning.help import USAGE

    assert set(re.findall(r"-m (seqbench(?:\.\w+)?)", USAGE)) <= set(commands.names())


# -- how-to ------------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The folder that a document tells to make."""
    monkeypatch.setattr(sys, "path", sys.path.copy())

    def make(document):
        blocks = re.findall(
            r"^```(?:python|yaml)\n# (study/\S+)\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S
        )
        assert len(blocks) == 2
        for name, text in blocks:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path / "study"

    return make


def events(folder, *words):
    short = "executor=serial", "training.test_sequences=100", "training.validation_sequences=100"
    (run,) = seqbench.make_plan(*short, *words, config_dir=folder).runs
    return list(seqbench.fit(run))


def test_the_model_of_the_how_to_remembers_as_long_as_it_is_told(study):
    told = events(study("docs/own_model.md"), "task=copy", "model=leaky", "model.tau=7", "training.max_steps=0")
    (constants,) = (event for event in told if isinstance(event, Timescales) and event.stage == "init")
    assert constants.values == pytest.approx((7.0,) * 64)


def test_the_model_of_the_how_to_is_stacked_like_any_other(study):
    stacked = "model.layers=2", "model.block=residual", "model.convolution=4", "model.tau=7"
    told = events(study("docs/own_model.md"), "task=copy", "model=leaky", *stacked, "training.max_steps=0")
    constants = {e.layer: e.values for e in told if isinstance(e, Timescales)}
    assert constants == {layer: pytest.approx((7.0,) * 64) for layer in (1, 2)}
    states = {e.state for e in told if isinstance(e, GradientByLag)}
    assert states > {"h", "h layer 1", "h layer 2", "convolution layer 2", "direct_best"}


@pytest.mark.parametrize(("model", "outcome"), [("oracle", "solved"), ("memoryless", "unsolved")])
def test_the_task_of_the_how_to_is_solved_by_its_rule_and_by_nothing_without_memory(study, model, outcome):
    folder = study("docs/own_task.md")
    *_, last = events(folder, "task=first", f"model={model}", "task.gap=3", "training.max_steps=1")
    assert isinstance(last, Finished)
    assert last.outcome == outcome


# -- a release ---------------------------------------------------------------------------------------------


def test_the_page_on_a_package_index_links_to_nothing_that_is_not_there():
    hook = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]["hooks"]
    text = (ROOT / "README.md").read_text()
    for change in hook["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(change["pattern"], change["replacement"], text)
    assert [link for link in re.findall(r"\]\(([^)]*)\)", text) if not link.startswith("https://")] == []
    assert "[Hydra](https://hydra.cc)" in text
    assert "downward only: the architecture. Contributing. MIT" in text


def test_a_citation_names_the_version():
    assert f"\nversion: {seqbench.__version__}\n" in (ROOT / "CITATION.cff").read_text()
