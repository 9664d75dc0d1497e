"""The grammar of a command line, around Hydra's: what a line means here, and how to write one."""

import functools
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from seqbench.config import Fault, nearest

#: What makes a run the run that it is, and can therefore be swept.
AXES = ("task", "model", "training", "seed")
NOT_AN_AXIS = f"cannot be swept; only {', '.join(AXES)} and what is in them can"


def key_of(line: str) -> str:
    """The key of a line as typed, without its plus signs."""
    return line.partition("=")[0].lstrip("+")


def is_axis(key: str) -> bool:
    """Whether a key may have several values."""
    return key.partition(".")[0] in AXES


def unusable(override: Override) -> str | None:
    """Why a line that Hydra reads means nothing here."""
    key = override.key_or_group
    if override.is_delete():
        return "a setting cannot be left out; give it a value"
    if override.package is not None:
        return "a group cannot be put elsewhere; write group=option"
    if key in ("", "hydra", "hydra.mode", "hydra.sweeper") or key.startswith(("hydra/", "hydra.sweeper.")):
        return "cannot be set"
    if override.is_sweep_override() and not is_axis(key):
        return NOT_AN_AXIS
    if override.is_sweep_override() and not override.is_discrete_sweep():
        return "an interval does not say which values: name them"
    return None


def missing_folders(lines: Sequence[str]) -> list[Fault]:
    """A fault for each folder of `hydra.searchpath` that does not exist: Hydra would go on without it."""
    faults = []
    for line in (line for line in lines if key_of(line) == "hydra.searchpath"):
        for path in _listed(line):
            folder = path.removeprefix("file://")
            if "://" not in folder and not Path(folder).is_dir():
                faults.append(Fault("hydra.searchpath", f"there is no folder {folder}"))
    return faults


def _listed(line: str) -> list[str]:
    """The texts of a list as typed; none where it is something else, which is found out later."""
    try:
        value = OverridesParser.create().parse_override(line).value()
    except HydraException:
        return []
    return [element for element in value if isinstance(element, str)] if isinstance(value, list) else []


def in_one_line(error: Exception) -> str:
    """The message of an error without its line breaks."""
    return " ".join(str(error).split())


def plain(config: DictConfig, resolve: bool = True) -> dict[str, Any]:
    """A configuration as plain values."""
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=resolve))


def dotted(config: DictConfig) -> list[str]:
    """Every key of a configuration by its path, apart from Hydra's own and the classes."""
    flat = []
    for key, value in plain(config, resolve=False).items():
        if isinstance(value, dict):
            flat += [f"{key}.{inner}" for inner in value if inner != "_target_"]
        else:
            flat.append(key)
    return [key for key in flat if not key.startswith("hydra")]


def no_such(key: str, valid: Sequence[str], where: str = "") -> str:
    """With the nearest key there is, or those that stand beside it."""
    group, _, name = key.partition(".")
    groups = {other.partition(".")[0] for other in valid}
    beside = [other.partition(".")[2] for other in valid if other.startswith(f"{group}.")]
    hint = nearest(name, beside, f"{group}.") if group in groups else nearest(group, groups)
    return f"there is no such key{where}{hint}"


def as_typed(value: Any) -> str:
    """A plain value in Hydra's grammar."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{','.join(map(as_typed, value))}]"
    return _text_as_typed(value) if isinstance(value, str) else str(value)


@functools.cache
def _text_as_typed(text: str) -> str:
    """In quotes where it would be read as something else: 'a b', '10', 'null'."""
    try:
        if OverridesParser.create().parse_override(f"key={text}").value() == text:
            return text
    except HydraException:
        pass
    return QuotedString(text, Quote.single).with_quotes()


def command(lines: Sequence[str], choice: Sequence[str]) -> str:
    """What to type in a shell."""
    return shlex.join(["python", "-m", "seqbench", *lines, *choice])
