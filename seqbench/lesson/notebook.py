"""The lesson as a notebook: the same texts and drawings, and cells to run where the page has something to touch."""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Sequence

from seqbench.lesson.chapters import Chapter, checks
from seqbench.lesson.material import Material
from seqbench.lesson.page import data
from seqbench.lesson.textbook import summary

Cell = dict[str, object]


def notebook(material: Material, found: Sequence[Chapter]) -> str:
    """As nbformat 4.5 has it. The first cell of code holds what the others read, so nothing has to be at hand."""
    cells = [_text("start", _beginning(material, found), {}), _data(found)]
    for chapter in found:
        cells += _cells(chapter)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False
    )


def _beginning(material: Material, found: Sequence[Chapter]) -> str:
    return (
        f"# How far back can a network remember?\n\nA lesson from {len(material.runs)} recorded runs of "
        f"{material.experiment}, task {material.task}. Every number was measured.\n\n{summary(checks(found))}"
    )


def _data(found: Sequence[Chapter]) -> Cell:
    """One line and folded, as a reader has no use for it; Jupyter, Colab and others each fold in a way of their own."""
    content = json.dumps(data(found), separators=(",", ":"))
    packed = b64encode(zlib.compress(content.encode(), 9)).decode()
    source = (
        "#@title What the cells below read; run this one first.\nimport base64, json, zlib\n\n"
        f'lesson = json.loads(zlib.decompress(base64.b64decode("{packed}")))'
    )
    folded = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    return _code("data", source) | {"metadata": folded}


def _cells(chapter: Chapter) -> list[Cell]:
    text = re.sub(r"\n{3,}", "\n\n", chapter.text(attached, notebook=True))
    told = _text(chapter.name, f"## {chapter.number}. {chapter.title}\n\n{text}", _attachments(chapter, text))
    own = chapter.section.cells if chapter.section else ()
    return [told, *(_code(f"{chapter.name}-{i}", code) for i, code in enumerate(own, 1))]


def attached(chapter: Chapter, name: str) -> str:
    """A picture that the cell carries."""
    assert chapter.section
    return f"\n![{chapter.section.drawings[name].words}](attachment:{name}.svg)\n"


def _attachments(chapter: Chapter, text: str) -> dict[str, object]:
    """The drawings that the text shows."""
    drawings = chapter.section.drawings.items() if chapter.section else ()
    shown = {f"{name}.svg": drawing.svg for name, drawing in drawings if f"(attachment:{name}.svg)" in text}
    return {name: {"image/svg+xml": b64encode(svg.encode()).decode()} for name, svg in shown.items()}


def _text(name: str, source: str, attachments: dict[str, object]) -> Cell:
    more = {"attachments": attachments} if attachments else {}
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source, **more}


def _code(name: str, source: str) -> Cell:
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "execution_count": None, "outputs": []}
