"""Formulas between dollar signs as MathML, which browsers draw by themselves: no script, no font, no request."""

import re

from latex2mathml.converter import convert

_DISPLAYED = re.compile(r"^\$\$(.+?)\$\$$", re.MULTILINE | re.DOTALL)
_IN_LINE = re.compile(r"(?<![\w$`])\$([^$`]+)\$(?![\w$])")


def as_mathml(text: str) -> str:
    """The document with its formulas. One without a displayed formula has none: its dollar signs are a shell's."""
    if not _DISPLAYED.search(text):
        return text
    displayed = _DISPLAYED.sub(lambda found: f"\n<div>{convert(found[1].strip(), display='block')}</div>\n", text)
    return _IN_LINE.sub(lambda found: f"<span>{convert(found[1])}</span>", displayed)
