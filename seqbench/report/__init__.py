"""The report of an experiment: figures, tables and one page, made from the record and from nothing else."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.analysis.findings import findings
from seqbench.record.values import Record
from seqbench.report import files, manifest, page, render
from seqbench.report.figures.draw import draw
from seqbench.report.figures.plot import Plot
from seqbench.terminal import say

if TYPE_CHECKING:
    from seqbench.trace.sequence import Trace

__all__ = ["page_of", "write_report"]


def page_of(folder: Path, run_ids: Iterable[str]) -> Path | None:
    """The page in `folder` if it was made from exactly these runs; None if there is none, or it is out of date."""
    try:
        made_from = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["runs"]
    except (OSError, ValueError, KeyError):
        return None
    same = {run["run_id"] for run in made_from} == set(run_ids)
    return folder / "index.html" if same else None


def write_report(
    record: Record, folder: Path, traces: "Mapping[str, Trace] | None" = None, own_figures: Path | None = None
) -> Path:
    """Write index.html, figures/, the tables, metrics.parquet and manifest.json; gives the path of the page.

    `traces` are looks into trained models by run, as `seqbench.report.traces.traces` finds them; `own_figures` is a
    folder of figures of one's own. The same record and traces give the same bytes. Figures of an earlier report that
    are not drawn now are removed; those that could not be drawn are named on the terminal.
    """
    found = findings(record)
    drawn, left_out = draw(found, own_figures, traces)
    drawings = {plot.name: render.svg(plot.figure, plot.name) for plot in drawn}
    _write_figures(drawn, drawings, folder / "figures")
    files.write(found, folder)
    content = json.dumps(manifest.manifest(record, drawn), indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(content + "\n", encoding="utf-8")
    index = folder / "index.html"
    index.write_text(page.page(found, drawn, drawings), encoding="utf-8")
    for line in left_out:
        say(line)
    return index


def _write_figures(drawn: Sequence[Plot], drawings: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*folder.glob("*.svg"), *folder.glob("*.pdf")):
        file.unlink()
    for plot in drawn:
        (folder / f"{plot.name}.svg").write_text(drawings[plot.name] + "\n", encoding="utf-8")
        (folder / f"{plot.name}.pdf").write_bytes(render.pdf(plot.figure))
