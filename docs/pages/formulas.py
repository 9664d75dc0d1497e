"""Formulas between dollar signs as MathML, which browsers draw by themselves: no script, no font, no request."""

import re

from latex2mathml.converter import convert

_DISPLAYED = re.compile(r"^\$\$(.+?)\$\$$", re.MULTILINE | re.DOTALL)
_LETTER = re.compile(r"<mi>(\w|&#x\w+;)</mi>")
_IN_LINE = re.compile(r"(?<![\w$`])\$([^$`]+)\$(?![\w$])")


def as_mathml(text: str) -> str:
    """The document with its formulas. One without a displayed formula has none: its dollar signs are a shell's."""
    if not _DISPLAYED.search(text):
        return text
    displayed = _DISPLAYED.sub(lambda found: f"\n<div>{_converted(found[1].strip(), display='block')}</div>\n", text)
    return _IN_LINE.sub(lambda found: f"<span>{_converted(found[1])}</span>", displayed)


def _converted(formula: str, display: str = "inline") -> str:
    """With a class on letters: without a math font, browsers take the h from another font than the other letters."""
    return _LETTER.sub(r'<mi class="letter">\1</mi>', convert(formula, display=display))
