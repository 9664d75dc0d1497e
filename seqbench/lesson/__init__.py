"""A lesson from a finished record: one page, the same as a notebook, and a sheet of questions with answers."""

from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config import whole
from seqbench.config.locks import Lock
from seqbench.record.store import Unavailable

if TYPE_CHECKING:
    from seqbench.lesson.material import Material

__all__ = ["PAGE", "NOTEBOOK", "SHEET", "write_lesson"]

PAGE, NOTEBOOK, SHEET = "index.html", "lesson.ipynb", "sheet.html"


def write_lesson(material: "Material", folder: Path) -> Path:
    """Write the three files; gives the path of the page. The same record gives the same bytes. Raises Unavailable."""
    from seqbench.lesson.chapters import chapters
    from seqbench.lesson.notebook import notebook
    from seqbench.lesson.page import page
    from seqbench.lesson.sheet import sheet

    found = chapters(material)
    texts = {PAGE: page(material, found), NOTEBOOK: notebook(material, found), SHEET: sheet(material, found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Lock(folder.resolve(), "lesson"):
            whole.write({name: f"{text.rstrip()}\n".encode() for name, text in texts.items()}, folder)
    except OSError as error:
        raise Unavailable(f"the lesson cannot be written to {folder} ({error.strerror or error})") from error
    return folder / PAGE
