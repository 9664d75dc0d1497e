"""What planning relies on inside Hydra, which Hydra does not promise: a version that changes it fails here."""

import inspect
import tomllib
from pathlib import Path

import hydra
import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import OmegaConf
from packaging.requirements import Requirement
from plans import GLOBAL

import seqbench
from seqbench.planning import hydra_inside
from seqbench.planning.make_plan import make_plan

ROOT = Path(seqbench.__file__).parents[1]
SOURCES = [path for folder in ("seqbench", "hydra_plugins", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
#: What stands for Hydra's private parts in a line of source.
PRIVATE = ("hydra._internal", "GlobalHydra", "SearchPathQuery", "ConfigLoaderImpl", "_set_flag", "get_args_parser")


def test_no_other_file_touches_what_hydra_keeps_to_itself():
    touching = {path.name for path in SOURCES for word in PRIVATE if word in path.read_text()}
    assert touching == {"hydra_inside.py"}


def test_the_versions_that_are_installed_are_those_that_are_tested():
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (of_hydra,) = (Requirement(line) for line in asked if line.startswith("hydra-core"))
    assert of_hydra.specifier == Requirement(f"hydra-core{hydra_inside.TESTED}").specifier
    assert of_hydra.specifier.contains(hydra.__version__)


def test_the_private_parts_take_what_they_are_given():
    assert list(inspect.signature(create_config_search_path).parameters) == ["search_path_dir"]
    assert list(inspect.signature(ConfigLoaderImpl).parameters) == ["config_search_path"]
    taken = list(inspect.signature(ConfigLoaderImpl.load_configuration).parameters)
    assert taken[:5] == ["self", "config_name", "overrides", "run_mode", "from_shell"]
    assert list(inspect.signature(ConfigRepository.load_config).parameters) == ["self", "config_path"]


def test_hydras_own_parser_tells_what_is_asked_of_it(monkeypatch):
    words = ["seqbench", "--config-dir", "own", "--cfg", "job", "task=copy", "seed=1"]
    monkeypatch.setattr("sys.argv", words)
    typed = hydra_inside.command_line()
    assert (typed.config_dir, typed.overrides, typed.cfg) == ("own", ["task=copy", "seed=1"], "job")
    assert (typed.config_name, typed.config_path, typed.info) == (None, None, None)
    assert vars(get_args_parser().parse_args([])).keys() >= {"config_dir", "config_name", "config_path", "cfg", "info"}


def composed(folder, group, text):
    (folder / group).mkdir()
    (folder / group / "mine.yaml").write_text(text)
    line = f"{'+' * (group == 'experiment')}{group}=mine"
    return hydra_inside.loader(folder).load_configuration("config", [line], RunMode.MULTIRUN, from_shell=False)


def test_a_folder_of_ones_own_is_read_beside_ours_and_known_again(tmp_path):
    assert composed(tmp_path, "model", "_target_: my.Model\n").model._target_ == "my.Model"
    assert hydra_inside.own_folder(hydra_inside.loader(tmp_path)) == tmp_path
    assert hydra_inside.own_folder(hydra_inside.loader()) is None


def test_a_text_is_parsed_once_and_a_file_that_was_edited_is_another_text(tmp_path, monkeypatch):
    """And what is written into a configuration stays in it."""
    parsed, load = [], OmegaConf.load
    monkeypatch.setattr(OmegaConf, "load", lambda file: parsed.append(Path(file.name).name) or load(file))
    file = tmp_path / "model" / "mine.yaml"
    file.parent.mkdir()

    def again():
        loader = hydra_inside.loader(tmp_path)
        hydra_inside.parse_once(loader)
        return loader.load_configuration("config", ["model=mine"], RunMode.MULTIRUN, from_shell=False)

    file.write_text("_target_: my.Model\nhidden_size: 3\n")
    again().model.hidden_size = 9
    assert again().model.hidden_size == 3
    assert parsed.count("mine.yaml") == 1
    file.write_text("_target_: my.Model\nhidden_size: 4\n")
    assert again().model.hidden_size == 4


def test_a_file_that_sets_hydra_to_a_value_is_told_by_the_attribute_that_is_missing(tmp_path):
    with pytest.raises(AttributeError) as raised:
        composed(tmp_path, "experiment", GLOBAL + "hydra: null\n")
    assert hydra_inside.sets_hydra_itself(raised.value)
    assert not hydra_inside.sets_hydra_itself(AttributeError(name="another"))


def test_planning_leaves_an_application_of_hydras_around_it_alone(tmp_path):
    """A notebook may use Hydra for itself."""
    with hydra.initialize_config_dir(str(tmp_path), version_base="1.3"):
        before = GlobalHydra.instance().hydra
        make_plan("seed=0,1")
        assert GlobalHydra.instance().hydra is before
    assert not HydraConfig.initialized()
