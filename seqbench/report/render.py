"""Figures as bytes: the same figure gives the same bytes, whenever and wherever it is written."""

import io
import re
from typing import Any

from matplotlib.backends import backend_pdf, backend_svg  # noqa: F401  # once, before figures are shared out
from matplotlib.figure import Figure

from seqbench.report import fonts
from seqbench.report.figures.theme import theme

_PATH, _FURTHER_DIGITS = re.compile(r' d="[^"]*"'), re.compile(r"(?<=\.\d\d)\d+")
"""Digits of paths beyond a hundredth of a point, which nobody sees and a page of many figures would carry."""


def svg(figure: Figure, name: str) -> str:
    """An SVG element without prolog. Its ids start with `name`, so that many can stand on one page.

    Text is drawn as paths: it looks the same with whatever fonts a reader has.
    """
    text = _rendered(figure, "svg", {"Date": None}, **{"svg.hashsalt": "seqbench", "svg.fonttype": "path"}).decode()
    element = text[text.index("<svg") :].rstrip()
    element = re.sub(r"<metadata>.*?</metadata>\s*", "", element, flags=re.DOTALL)
    element = _PATH.sub(lambda path: _FURTHER_DIGITS.sub("", path[0]), element)
    return re.sub(r'(\bid="|xlink:href="#|url\(#)', rf"\g<1>{name}-", element)


def pdf(figure: Figure) -> bytes:
    """For papers: fonts embedded as outlines that editors can read."""
    with fonts.remembered():
        return _rendered(figure, "pdf", {"CreationDate": None}, **{"pdf.fonttype": 42})


def _rendered(figure: Figure, kind: str, metadata: dict[str, None], **settings: Any) -> bytes:
    stream = io.BytesIO()
    with theme(**settings):
        figure.savefig(stream, format=kind, metadata=metadata)
    return stream.getvalue()
