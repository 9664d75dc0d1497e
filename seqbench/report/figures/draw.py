"""Stands in: all figures of a report, those of a folder of one's own after the others."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqbench.analysis.findings import Findings
from seqbench.report.figures.panels import theme
from seqbench.report.figures.plot import Plot

if TYPE_CHECKING:
    from seqbench.trace.sequence import Trace


def draw(
    found: Findings, folder: Path | None = None, traces: "Mapping[str, Trace] | None" = None
) -> tuple[list[Plot], list[str]]:
    """The figures, and a line for each that was left out."""
    from seqbench.report.plots import all_plots

    plots, left_out = list(all_plots(found.record, traces)), []
    for path in sorted(folder.glob("*.py")) if folder is not None else ():
        try:
            spec = importlib.util.spec_from_file_location(path.stem, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            with theme():
                plots += module.plots(found)
        except Exception as error:
            left_out.append(f"left out: {path.stem} ({path.name}): {error}")
    return plots, left_out
