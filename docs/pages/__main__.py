"""`python -m pages FOLDER`, from docs/: all that the site is made of, in a folder laid out like the repository.

A document keeps its path, so that a link is the same in the repository and on the site. What it links to and is no
document (a reference report, a figure) comes along. `mkdocs build` does the rest.
"""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from pages import columns, commands, formulas, notebook, settings
from pages.documents import ROOT, documents, links

NOTEBOOK = Path("docs/notebook.ipynb")
GENERATED = {"docs/settings.md": settings.page, "docs/commands.md": commands.page, "docs/columns.md": columns.page}


def stage(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for document in documents():
        text = (ROOT / document).read_text()
        _bring(_linked(document, text), folder)
        _put(folder / document, formulas.as_mathml(text).replace(f"]({NOTEBOOK.name})", f"]({NOTEBOOK.stem}.md)"))
    for name, page in GENERATED.items():
        _put(folder / name, page())
    notebook.stage(ROOT / NOTEBOOK, folder / NOTEBOOK.parent)
    shutil.copytree(ROOT / "docs/assets", folder / "assets")


def _linked(document: Path, text: str) -> set[Path]:
    """Files that are no pages."""
    files = {(ROOT / document.parent / link).resolve().relative_to(ROOT) for link in links(text)}
    return {file for file in files - {*documents(), NOTEBOOK} if (ROOT / file).is_file()}


def _bring(files: Iterable[Path], folder: Path) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)


def _put(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


if __name__ == "__main__":
    stage(Path(sys.argv[1]))
