"""The grammar of a command line, around Hydra's: what a line means here, and how to write one."""

import functools
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from seqbench.config import Fault, nearest, same
from seqbench.planning.options import TYPED, cannot_be_set, is_hydras

#: What Hydra raises over a line that is not in its grammar, and what Python does over one that is too long for it.
UNREADABLE = (HydraException, ValueError, RecursionError)
#: What makes a run the run that it is, and can therefore be swept.
AXES = ("task", "model", "training", "seed", "device")
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
    if not key:
        return "cannot be set"
    if is_hydras(key) and key not in TYPED:
        return cannot_be_set(key)
    if override.is_sweep_override() and not is_axis(key):
        return NOT_AN_AXIS
    if override.is_sweep_override() and not override.is_discrete_sweep():
        return "an interval does not say which values: name them"
    return None


def search_path(lines: Sequence[str]) -> list[Path]:
    """The folders of `hydra.searchpath`."""
    typed = [path for line in lines if key_of(line) == "hydra.searchpath" for path in _listed(line)]
    folders = [path.removeprefix("file://") for path in typed]
    return [Path(folder) for folder in folders if "://" not in folder]


def missing_folders(lines: Sequence[str]) -> list[Fault]:
    """A fault for each folder of `hydra.searchpath` that does not exist: Hydra would go on without it."""
    missing = [folder for folder in search_path(lines) if not folder.is_dir()]
    return [Fault("hydra.searchpath", f"there is no folder {folder}") for folder in missing]


def _listed(line: str) -> list[str]:
    """The texts of a list as typed; none where it is something else, which is found out later."""
    try:
        value = OverridesParser.create().parse_override(line).value()
    except UNREADABLE:
        return []
    return [element for element in value if isinstance(element, str)] if isinstance(value, list) else []


def in_one_line(error: Exception) -> str:
    """The message of an error without its line breaks, or what it means; OmegaConf's first line has all of it."""
    told = " ".join(
        (str(error).partition("\n")[0] if isinstance(error, OmegaConfBaseException) else str(error)).split()
    )
    if found := re.match(r"Interpolation key '(.+)' not found", told):
        return f"${{{found[1]}}} names no setting"
    if told.startswith("Missing mandatory value"):
        return "it should have a value"
    if found := re.search(r"To append to your default list use (\S+)", told):
        return f"write {found[1]}"
    return "a list stands where a group of settings belongs, or a group for a list" if "Cannot merge" in told else told


def refusal(error: Exception) -> Fault:
    """Of a configuration that cannot be composed or resolved, by the setting that is to blame if it is known."""
    return Fault(getattr(error, "full_key", None) or "configuration", in_one_line(error))


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


def no_such(key: str, valid: Sequence[str]) -> str:
    """With the key that is meant, wherever it is, or those that stand beside it."""
    group, _, name = key.partition(".")
    groups = {other.partition(".")[0] for other in valid}
    beside = [other.partition(".")[2] for other in valid if other.startswith(f"{group}.")]
    elsewhere = {other.rpartition(".")[2]: other for other in reversed(valid) if "." in other}
    other = None if same(name or group, beside or groups) else same(name or group, elsewhere)
    if other:
        return f"there is no such key; did you mean {elsewhere[other]!r}?"
    hint = nearest(name, beside, f"{group}.") if group in groups else nearest(group, groups)
    return f"there is no such key{hint}"


def read(text: str) -> Any:
    """What a text is in Hydra's grammar, itself as a rule."""
    try:
        return OverridesParser.create().parse_override(f"key={text}").value()
    except UNREADABLE:
        return text


def as_typed(value: Any) -> str:
    """A plain value in Hydra's grammar."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{','.join(map(as_typed, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{as_typed(key)}:{as_typed(inner)}' for key, inner in value.items())}}}"
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
