"""The report of an experiment: figures, tables and one page, made from the record and from nothing else."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.record.values import Record
from seqbench.report import files, manifest, page, render
from seqbench.report.language import NAMES as LANGUAGE_NAMES
from seqbench.report.figures.plot import Plot
from seqbench.report.plots import NAMES, all_plots

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


def write_report(record: Record, folder: Path, traces: "Mapping[str, Trace] | None" = None) -> Path:
    """Write index.html, figures/, the tables, metrics.parquet and manifest.json; gives the path of the page.

    `traces` are looks into trained models by run, as `seqbench.report.traces.traces` finds them. The same record and
    traces give the same bytes. Figures of an earlier report that this record has no data for are removed.
    """
    drawn = list(all_plots(record, traces))
    drawings = {plot.name: render.svg(plot.figure, plot.name) for plot in drawn}
    _write_figures(drawn, drawings, folder / "figures")
    files.write(record, folder)
    content = json.dumps(manifest.manifest(record, drawn), indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(content + "\n", encoding="utf-8")
    index = folder / "index.html"
    index.write_text(page.page(record, drawn, drawings), encoding="utf-8")
    return index


def _write_figures(drawn: list[Plot], drawings: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*NAMES, *LANGUAGE_NAMES):
        for suffix in ("svg", "pdf"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)
    for plot in drawn:
        (folder / f"{plot.name}.svg").write_text(drawings[plot.name] + "\n", encoding="utf-8")
        (folder / f"{plot.name}.pdf").write_bytes(render.pdf(plot.figure))
