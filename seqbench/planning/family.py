"""The family of a model, read from the code of its class: `--help` waits for no import, and runs nobody's code."""

import ast
from pathlib import Path

from seqbench.config.comments import setting
from seqbench.config.source import is_ours
from seqbench.models import families

_ROOT = Path(__file__).parents[2]


def family_of(file: Path) -> str:
    """Of the file of a model in a folder of configuration; "own" for every class that is not seqbench's."""
    module, _, name = setting(file, "_target_").rpartition(".")
    return _in_code(module, name) if is_ours(f"{module}.") else families.OWN


def _in_code(module: str, name: str) -> str:
    """That which the class states, or else the first of its bases that does."""
    path = _ROOT.joinpath(*module.split(".")).with_suffix(".py")
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    places = {
        alias.name: node.module or "" for node in body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    cls = next((node for node in body if isinstance(node, ast.ClassDef) and node.name == name), None)
    if cls is None:
        return families.OWN
    bases = [base.id for base in cls.bases if isinstance(base, ast.Name)]
    told = (_in_code(places.get(base, module), base) for base in bases if is_ours(f"{places.get(base, module)}."))
    return _stated(cls) or next((family for family in told if family != families.OWN), families.OWN)


def _stated(cls: ast.ClassDef) -> str:
    """The value of `family = families.NAME` in the body of a class; empty where there is none."""
    for node in cls.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "family":
            value = node.value
            return (
                str(getattr(families, value.attr)) if isinstance(value, ast.Attribute) else str(ast.literal_eval(value))
            )
    return ""
