"""Figures as bytes: the same figure gives the same bytes, whenever and wherever it is written."""

import io
import re
from typing import Any

from matplotlib.backends import backend_pdf, backend_svg  # noqa: F401  # once, before figures are shared out
from matplotlib.figure import Figure

from seqbench.report import fonts
from seqbench.report.compact import compact
from seqbench.report.figures import marked
from seqbench.report.figures.theme import Size, theme

_REFERENCE = re.compile(r'(\bid="|xlink:href="#|url\(#)([^"()]+)')
GLYPH = "~"
"""What the ids of glyphs begin with: of a font and a character, and so the same ones in every figure."""


def svg(figure: Figure, name: str) -> str:
    """An SVG element without prolog. Its ids start with `name`, so that many can stand on one page.

    Text is drawn as paths: it looks the same with whatever fonts a reader has.
    """
    text = _rendered(figure, "svg", {"Date": None}, None, {"svg.hashsalt": "seqbench", "svg.fonttype": "path"}).decode()
    element = marked.as_data(text[text.index("<svg") :].rstrip())
    return compact(
        _REFERENCE.sub(lambda found: found[1] + (GLYPH if "-" in found[2] else f"{name}-") + found[2], element)
    )


def pdf(figure: Figure) -> bytes:
    """For papers: fonts embedded as outlines that editors can read."""
    with fonts.remembered():
        return _rendered(figure, "pdf", {"CreationDate": None}, None, {"pdf.fonttype": 42})


def for_text(figure: Figure, kind: str, size: Size | None) -> bytes:
    """For a text of one's own: in "svg" and "pdf", text stays text; in "png", 300 dots to the inch."""
    settings = {"svg.hashsalt": "seqbench", "svg.fonttype": "none", "pdf.fonttype": 42, "savefig.dpi": 300}
    dated = {"svg": "Date", "pdf": "CreationDate"}
    return _rendered(figure, kind, {dated[kind]: None} if kind in dated else {}, size, settings)


def _rendered(
    figure: Figure, kind: str, metadata: dict[str, None], size: Size | None, settings: dict[str, Any]
) -> bytes:
    stream = io.BytesIO()
    with theme(size, **settings):
        figure.savefig(stream, format=kind, metadata=metadata)
    return stream.getvalue()
