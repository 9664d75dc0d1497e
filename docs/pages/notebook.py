"""The notebook, run from its first cell to its last in an empty folder, and as a page with what it printed and drew."""

import base64
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

#: Seconds that a cell may take; it trains.
MOST = 300
QUIET = ["--log-level=ERROR"]
PICTURE = "image/png"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def stage(file: Path, folder: Path) -> None:
    """Put the page, its pictures and the notebook that has been run into a folder. Raises if a cell does."""
    book = run(file)
    name, pictures = file.stem, list[bytes]()
    cells = [_cell(cell, name, pictures) for cell in book.cells]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text("\n\n".join(cells) + "\n")
    nbformat.write(book, folder / file.name)
    for number, picture in enumerate(pictures):
        (folder / f"{name}_{number}.png").write_bytes(picture)


def run(file: Path) -> Any:
    """The notebook with its outputs."""
    book = nbformat.read(file, as_version=4)
    with tempfile.TemporaryDirectory() as empty:
        place = {"metadata": {"path": empty}}
        NotebookClient(book, timeout=MOST, resources=place, extra_arguments=QUIET).execute()
    return book


def _cell(cell: Any, name: str, pictures: list[bytes]) -> str:
    """In Markdown; what is drawn goes to `pictures`."""
    if cell.cell_type == "markdown":
        return str(cell.source)
    shown = [f"```python\n{cell.source}\n```"]
    for drawn, outputs in groupby(cell.outputs, lambda output: PICTURE in output.get("data", {})):
        row = list(outputs)
        shown += _drawn(row, name, pictures) if drawn else [_printed(row)]
    return "\n\n".join(shown)


def _drawn(outputs: Iterable[Any], name: str, pictures: list[bytes]) -> Iterator[str]:
    for output in outputs:
        pictures.append(base64.b64decode(output.data[PICTURE]))
        yield f"![what the cell above drew]({name}_{len(pictures) - 1}.png)"


def _printed(outputs: Iterable[Any]) -> str:
    """One block, without colours, of whatever was printed or shown in a row."""
    texts = (output.get("text", output.get("data", {}).get("text/plain", "")) for output in outputs)
    lines = "\n".join(_COLOUR.sub("", text).strip("\n") for text in texts)
    return f"```text\n{lines}\n```"
