"""Figures as bytes: the same figure gives the same bytes, whenever and wherever it is written."""

import io
import re
from typing import Any

from matplotlib.backends import backend_pdf, backend_svg  # noqa: F401  # once, before figures are shared out
from matplotlib.figure import Figure

from seqbench.report import fonts
from seqbench.report.compact import compact
from seqbench.report.figures import marked
from seqbench.report.figures.theme import theme

_REFERENCE = re.compile(r'(\bid="|xlink:href="#|url\(#)([^"()]+)')
GLYPH = "~"
"""What the ids of glyphs begin with: of a font and a character, and so the same ones in every figure."""


def svg(figure: Figure, name: str) -> str:
    """An SVG element without prolog. Its ids start with `name`, so that many can stand on one page.

    Text is drawn as paths: it looks the same with whatever fonts a reader has.
    """
    text = _rendered(figure, "svg", {"Date": None}, **{"svg.hashsalt": "seqbench", "svg.fonttype": "path"}).decode()
    element = marked.as_data(text[text.index("<svg") :].rstrip())
    return compact(
        _REFERENCE.sub(lambda found: found[1] + (GLYPH if "-" in found[2] else f"{name}-") + found[2], element)
    )


def pdf(figure: Figure) -> bytes:
    """For papers: fonts embedded as outlines that editors can read."""
    with fonts.remembered():
        return _rendered(figure, "pdf", {"CreationDate": None}, **{"pdf.fonttype": 42})


def _rendered(figure: Figure, kind: str, metadata: dict[str, None], **settings: Any) -> bytes:
    stream = io.BytesIO()
    with theme(**settings):
        figure.savefig(stream, format=kind, metadata=metadata)
    return stream.getvalue()
