"""Docstrings of seqbench as Markdown: doctests and equations stand in them as they are, and become code."""

import re
from functools import partial
from typing import Any

from griffe import Extension, Object

_DOCTEST = re.compile(r"^>>> .*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_EQUATIONS = re.compile(r"(?:\A|(?<=\n\n))(?:\w[\w, ]* = [^`\n]+(?:\n|\Z))+")
"""A paragraph of nothing else."""


def as_markdown(text: str) -> str:
    """The docstring with a fence around what is code; indented code is code already."""
    for code, language in ((_DOCTEST, "pycon"), (_EQUATIONS, "text")):
        text = code.sub(partial(_fenced, language), text)
    return text


def _fenced(language: str, found: re.Match[str]) -> str:
    return f"```{language}\n{found[0].rstrip()}\n```\n"


class Docstrings(Extension):  # type: ignore[misc]  # griffe may be missing
    """What mkdocstrings loads."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)
