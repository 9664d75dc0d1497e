"""The one file that touches what Hydra keeps to itself; `tests/planning/test_hydra_inside.py` says what it needs."""

import argparse
import copy
import sys
import traceback
from pathlib import Path

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository, IConfigRepository
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult

from seqbench.config import ConfigError, Fault, config_dir

#: The versions of hydra-core in which these parts are as they are used here; `pyproject.toml` asks for the same.
TESTED = ">=1.3.7,<1.5"
#: The behaviour of Hydra that `conf/` is written for.
VERSION_BASE = "1.3"
#: By whom Hydra says that a folder was named which somebody put on its search path with `--config-dir`.
_COMMAND_LINE = "command-line"


def require_assertions() -> None:
    """Hydra decides by assertions what a line says. Raises ConfigError where Python leaves them out."""
    if sys.flags.optimize:
        told = "is not possible: Hydra reads command lines by assertions; unset PYTHONOPTIMIZE as well"
        raise ConfigError([Fault("python -O", told)])


def loader(folder: Path | None = None) -> ConfigLoader:
    """Reads `conf/` and a folder as `@hydra.main` does with `--config-dir`, and leaves Hydra's global state alone."""
    require_assertions()
    version.setbase(VERSION_BASE)
    search_path = create_config_search_path(str(config_dir()))
    if folder is not None:
        search_path.prepend(_COMMAND_LINE, f"file://{folder.absolute()}", SearchPathQuery(provider="schema"))
    return ConfigLoaderImpl(search_path)


class _ParsedOnce(ConfigRepository):
    """As Hydra's own, which parses every file anew for each configuration that it composes: most of what that takes."""

    def __init__(self, of: IConfigRepository) -> None:
        self.sources = of.get_sources()

    def __deepcopy__(self, _: object) -> "_ParsedOnce":
        """Hydra takes one before it reads; sources do not change."""
        return _ParsedOnce(self)

    def load_config(self, config_path: str) -> ConfigResult | None:
        """A copy for each caller; a file that has changed since, or is in no folder, is read anew."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        if source is None or source.scheme() not in ("file", "pkg"):
            return super().load_config(config_path)
        file = Path(source.path, f"{config_path.removesuffix('.yaml')}.yaml")
        known = str(source), config_path, file.read_bytes() if source.scheme() == "file" else b""
        if known not in _PARSED:
            _PARSED[known] = super().load_config(config_path)
        return copy.deepcopy(_PARSED[known])  # Hydra writes into it


#: What was found in a file, by its folder, name and content; that of a package stays as it is.
_PARSED: dict[tuple[str, str, bytes], ConfigResult | None] = {}


def parse_once(loader: ConfigLoader) -> None:
    """From now on this loader parses no text that was parsed before in this process."""
    if isinstance(loader, ConfigLoaderImpl):
        loader.repository = _ParsedOnce(loader.repository)


def own_folder(loader: ConfigLoader) -> Path | None:
    """The folder of `--config-dir` that a loader reads."""
    paths = [source.path for source in loader.get_sources() if source.provider == _COMMAND_LINE]
    return Path(paths[0].removeprefix("file://")) if paths else None


def command_line() -> argparse.Namespace:
    """What was typed, as Hydra reads it: overrides, config_dir, cfg, info. Raises ConfigError for what it refuses."""
    parser = get_args_parser()
    parser.exit_on_error = False
    try:
        typed = parser.parse_args()
    except argparse.ArgumentError as error:
        raise ConfigError([Fault(error.argument_name or "options", error.message)]) from error
    if typed.resolve and not typed.cfg:
        raise ConfigError([Fault("--resolve", "goes with --cfg job")])
    if sum(map(bool, (typed.cfg, typed.info, typed.multirun))) > 1:
        raise ConfigError([Fault("options", "--cfg, --info and --multirun exclude one another")])
    return typed


def has_handed_over(error: Exception) -> bool:
    """Whether an error comes from what Hydra called, and not from Hydra itself."""
    return any(frame.filename.endswith("seqbench_sweeper.py") for frame in traceback.extract_tb(error.__traceback__))


def sets_hydra_itself(error: AttributeError) -> bool:
    """Whether Hydra stumbled over a file that sets `hydra` to a value, such as null."""
    return error.name == "_set_flag"
