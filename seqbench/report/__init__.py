"""The report of an experiment: figures, tables and one page, made from the record and from nothing else."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config.importing import quickly

if TYPE_CHECKING:
    from seqbench.analysis.findings import Findings
    from seqbench.report.drawn import Drawn
    from seqbench.trace.sequence import Trace

__all__ = ["page_of", "write_report"]


def page_of(folder: Path, run_ids: Iterable[str]) -> Path | None:
    """The page in `folder` if it was made from exactly these runs; None if there is none, or it is out of date."""
    try:
        made_from = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["runs"]
        same = {run["run_id"] for run in made_from} == set(run_ids)
    except (OSError, ValueError, LookupError, TypeError):  # none, or none of ours
        return None
    page = folder / "index.html"
    return page if same and page.is_file() else None


def write_report(
    found: "Findings", folder: Path, traces: "Mapping[str, Trace] | None" = None, own_figures: Path | None = None
) -> Path:
    """Write index.html, figures/, the tables, metrics.parquet and manifest.json; gives the path of the page.

    `traces` are looks into trained models by run, as `seqbench.report.traces.traces` finds them; `own_figures` is a
    folder of figures of one's own, drawn after the others. The same record, traces and figures give the same bytes.
    What an earlier report had and this record has no data for is removed. A figure that raises is left out: the page
    says so, and a line on standard error.
    """
    # Here, because what draws takes a second to import, and a report that is up to date needs none of it.
    with quickly():
        from seqbench.report import drawn, files, manifest, page, seal
        from seqbench.report.figures.draw import draw
        from seqbench.report.traces import best_and_worst_gated

    (folder / seal.MANIFEST).unlink(missing_ok=True)  # it comes back last, and says that all is there
    figures = drawn.rendered(*draw(found, own_figures, traces))
    for line in figures.left_out:
        print(f"seqbench: {line}", file=sys.stderr)
    _write_figures(figures, folder / "figures")
    files.write(found, folder)
    index = folder / "index.html"
    index.write_text(page.page(found, figures), encoding="utf-8")
    content = manifest.manifest(found, figures.plots)
    if own_figures is None and not figures.left_out and set(traces or ()) == set(best_and_worst_gated(found.record)):
        content[seal.KEY] = seal.seal(content, folder)  # the record says all there is to say
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / seal.MANIFEST).write_text(text + "\n", encoding="utf-8")
    return index


def _write_figures(figures: "Drawn", folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*folder.glob("*.svg"), *folder.glob("*.pdf")):
        path.unlink()
    for name, image in figures.images.items():
        (folder / f"{name}.svg").write_text(image.svg + "\n", encoding="utf-8")
        (folder / f"{name}.pdf").write_bytes(image.pdf)
