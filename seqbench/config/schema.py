"""Which settings a class takes, of which type and in which range.

A component (task, model) declares its knobs where it uses them: as annotated keyword-only parameters of its
constructor. The same check reads dataclasses. There is no second list of names to keep in step.
"""

import functools
import importlib
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import pydantic
from pydantic_core import SchemaValidator, ValidationError

from seqbench.config.faults import Fault, in_one_line, shown
from seqbench.config.names import nearest
from seqbench.config.settings import DEVICE, NAME

SHOULD = "it should be "
#: What a text of one of these forms may be.
FORMS = {
    NAME: "use letters, digits, '.', '_' and '-' only, and none of '.-' first",
    DEVICE: f"{SHOULD}cpu, cuda, cuda:N or auto",
}

#: What a file calls what Python has another word for, by the error where it is missing.
PLAIN = {"tuple_type": "list", "dict_type": "map"}


@dataclass(frozen=True)
class Schema:
    """The knobs of a class and what each may be, as pydantic's core writes it: plain values, which a file can hold."""

    core: Mapping[str, Any]

    @functools.cached_property
    def knobs(self) -> tuple[str, ...]:
        """The names."""
        return tuple((self.core["schema"] if "definitions" in self.core else self.core)["fields"])

    @functools.cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(self.core)

    def validate(self, settings: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[Fault]]:
        """See `validate`."""
        try:
            return self._validator.validate_python(dict(settings)), []
        except ValidationError as error:
            return {}, list(self._faults(error.errors(), prefix))

    def _faults(self, errors: Iterable[Any], prefix: str) -> Iterable[Fault]:
        by_key: dict[str, list[Any]] = {}
        for error in errors:
            by_key.setdefault(str(error["loc"][0]), []).append(error)
        for key, found in by_key.items():
            yield Fault(f"{prefix}{key}", _in_words(key, found, self.knobs))


def validate(cls: type, settings: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[Fault]]:
    """The settings as `cls` will receive them (defaults filled in, 1 for a float as 1.0), and all that is wrong.

    `prefix` goes before each key named in a fault. With faults, the settings are empty.
    """
    return schema(cls).validate(settings, prefix)


@functools.cache
def schema(cls: type) -> Schema:
    """That of a class, from the annotations of its constructor."""
    hints = get_type_hints(cls.__init__, include_extras=True)  # type: ignore[misc]  # the class itself, not an instance
    fields: dict[str, Any] = {
        name: (hints.get(name, Any), ... if knob.default is knob.empty else knob.default)
        for name, knob in knobs(cls).items()
    }
    options = pydantic.ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    model = pydantic.create_model(cls.__name__, __config__=options, **fields)
    return Schema(_of_a_dictionary(model.__pydantic_core_schema__))


def _of_a_dictionary(core: Any) -> dict[str, Any]:
    """The schema of a pydantic model as one whose values are plain dictionaries, and which names no class."""
    if core["type"] == "definitions":
        return {**core, "schema": _of_a_dictionary(core["schema"])}
    fields = {
        name: {"type": "typed-dict-field", "schema": field["schema"], "required": field["schema"]["type"] != "default"}
        for name, field in core["schema"]["fields"].items()
    }
    return {"type": "typed-dict", "fields": fields, "config": core["config"]}


@functools.cache
def knobs(cls: type) -> dict[str, inspect.Parameter]:
    """The keyword-only parameters of a constructor: exactly what a configuration file may set."""
    parameters = inspect.signature(cls).parameters.values()
    return {p.name: p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def later(cls: type) -> dict[str, Any]:
    """The knobs that a class says it got after there were records of it, with their defaults."""
    there = knobs(cls)
    return {name: there[name].default for name in sorted({*getattr(cls, "later", ())} & {*there})}


def told_apart(settings: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Those that make a run what it is: without what came later and is at its default, as in older records."""
    return {key: value for key, value in settings.items() if key not in later or value != later[key]}


#: What somebody who writes a class of a kind is taught to begin with.
BASES = {"Task": "seqbench.Task", "Model": "seqbench.Core"}


def load_class(target: str, contract: type) -> type:
    """The class that `target` ("package.module.Class") names.

    Raises ValueError, with the reason in plain words, unless it is a subclass of `contract`.
    """
    kind = contract.__name__
    module_name, _, class_name = target.rpartition(".")
    if not module_name:
        raise ValueError(f"{target!r} names no class: write module.Class, or package.module.Class")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (Exception, SystemExit) as error:  # whatever the import of other people's code raises
        raise ValueError(f"{target!r} cannot be imported: {in_one_line(error)}") from error
    if not (isinstance(found, type) and issubclass(found, contract)):
        base = BASES.get(kind, f"{contract.__module__}.{kind}")
        raise ValueError(f"{target!r} is not a{'n' * (kind[0] in 'AEIOU')} {kind}: name a subclass of {base}")
    if abstract := vars(found).get("__abstractmethods__"):
        lacking = ", ".join(f"`{name}`" for name in sorted(abstract))
        raise ValueError(f"{class_name} lacks {lacking}, which its base class leaves to it")
    return found


def _in_words(key: str, errors: Iterable[Any], knobs: Iterable[str]) -> str:
    """What is wrong with the value of one key, which may be wrong for each of several types, or in several places."""
    allowed: dict[str, list[str]] = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            return "there is no such key" + nearest(key, knobs)
        if error["type"] == "missing":
            return "is missing"
        allowed.setdefault(shown(error["input"]), []).append(_allowed(error))
    return "; ".join(f"{value} is not allowed; {_either(told)}" for value, told in allowed.items())


def _allowed(error: Any) -> str:
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] in FORMS:
        return FORMS[error["ctx"]["pattern"]]
    if error["type"] == "string_too_long":
        return f"it has {len(error['input'])} characters; it should have {error['ctx']['max_length']} at most"
    if error["type"] == "string_too_short":
        return "it should not be empty"
    if error["type"] in PLAIN:
        return f"{SHOULD}a {PLAIN[error['type']]}"
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        hint = nearest(error["input"], re.findall(r"'([^']*)'", error["ctx"]["expected"])).removeprefix("; ")
        if hint.startswith("did you mean"):
            return hint
    return re.sub(r"^Input should be ", SHOULD, error["msg"])


def _either(told: Iterable[str]) -> str:
    """One sentence of what each of several types allows; of the likely one alone, if there is one."""
    first, *others = dict.fromkeys(told)
    likely = [each for each in (first, *others) if each.startswith("did you mean")]
    return likely[0] if likely else " or ".join([first, *(each.removeprefix(SHOULD) for each in others)])
