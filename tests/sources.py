"""The text in the package's own source, for tests of what is written in one place only."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import seqbench

PACKAGE = Path(seqbench.__file__).parent


def constants() -> Iterator[tuple[str, Any]]:
    """Module and value of every text and number in the package, parts of f-strings too; docstrings say, not do."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in said:
                yield path.relative_to(PACKAGE).as_posix(), node.value
