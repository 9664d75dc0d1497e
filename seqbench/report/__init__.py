"""The report of an experiment: figures, tables and one page, made from the record and from nothing else."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.config.importing import quickly
from seqbench.report import on_disk

if TYPE_CHECKING:
    from seqbench.analysis.findings import Findings
    from seqbench.trace.values import Trace

__all__ = ["load", "page_of", "write_report"]


def page_of(folder: Path, run_ids: Iterable[str]) -> Path | None:
    """The page in `folder` if its report is whole and was made from exactly these runs; None otherwise."""
    manifest = on_disk.whole_in(folder)
    try:
        same = {run["run_id"] for run in manifest["runs"]} == set(run_ids)
    except (LookupError, TypeError):  # none, or none of ours
        return None
    return folder / on_disk.PAGE if same else None


def load() -> None:
    """Import what a report takes, which takes a second: a report that is up to date needs none of it."""
    with quickly():
        import scipy.special  # noqa: F401

        from seqbench.report import drawn, files, manifest, page, seal  # noqa: F401
        from seqbench.report.figures import draw  # noqa: F401


def write_report(
    found: "Findings", folder: Path, traces: "Mapping[str, Trace] | None" = None, own_figures: Path | None = None
) -> Path:
    """Write index.html, figures/, the tables, metrics.parquet and manifest.json; gives the path of the page.

    `traces` are looks into trained models by run, as `seqbench.report.traces.traces` finds them; `own_figures` is a
    folder of figures of one's own, drawn after the others. The same record, traces and figures give the same bytes.
    What an earlier report had and this record has no data for is removed; files of one's own stay. A figure that raises
    is left out: the page says so, and a line on standard error. Raises Unavailable where nothing can be written.
    """
    load()
    from seqbench.report import drawn, files, manifest, page, seal
    from seqbench.report.figures import glyphs
    from seqbench.report.figures.draw import draw
    from seqbench.report.traces import looked_into

    with drawn.Rendering() as images:
        plots, left_out = draw(found, own_figures, traces, images.begin)
        figures = drawn.Drawn(plots, images, left_out)
        for line in filter(None, (*figures.left_out, glyphs.missing(sorted(found.looks)))):
            print(f"seqbench: {line}", file=sys.stderr)
        # The figures last: they are still being rendered.
        content = {**files.content(found), on_disk.PAGE: page.page(found, figures).encode(), **figures.files()}
    listed = manifest.manifest(found, figures.plots, content)
    if own_figures is None and not figures.left_out and set(traces or ()) == set(looked_into(found)):
        listed[seal.KEY] = seal.seal(listed)  # the record says all there is to say
    on_disk.write(content, listed, folder)
    return folder / on_disk.PAGE
