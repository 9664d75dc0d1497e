"""A report in brief, as a repository keeps one: all of its words, its small tables, and one figure."""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.record import archive
from seqbench.report import drawn, files, manifest, on_disk, page
from seqbench.report.figures.draw import draw

MOST = 70_000
"""Bytes of a table that is kept."""
_LINK = re.compile(r'<a href="([^"#:]+)">(.*?)</a>')


def write_brief(found: Findings, folder: Path, as_files: Collection[str] = ()) -> Path:
    """Write index.html, manifest.json and the tables of up to `MOST` bytes; gives the path of the page.

    The page draws the figure that it begins with; the others are told of with the command that draws them. Those named
    in `as_files` are also SVG files. No model is looked into, and the manifest lists the runs of what is drawn alone:
    the page has every run. The same record gives the same bytes. Raises Unavailable where nothing can be written.
    """
    plots, left_out = draw(found)
    whole = drawn.Drawn(plots, left_out=left_out)
    unknown = set(as_files) - whole.names
    if unknown:
        raise LookupError(f"no figure {wording.listed(sorted(unknown))}; there are {wording.listed(whole.in_order)}")
    wanted = [plot for plot in plots if plot.name in {whole.first, *as_files}]
    images = drawn.rendered(wanted).images
    shown = replace(whole.alone(), images={name: images[name] for name in images if name == whole.first})
    content = _tables(found) | {f"figures/{name}.svg": f"{images[name].svg}\n".encode() for name in as_files}
    content[on_disk.PAGE] = _linked(page.page(found, shown), {*content, on_disk.MANIFEST}).encode()
    listed = manifest.manifest(found, shown.plots, content)
    on_disk.write(content, {key: value for key, value in listed.items() if key not in manifest.OF_RUNS}, folder)
    return folder / on_disk.PAGE


def _tables(found: Findings) -> dict[str, bytes]:
    tables = files.content(found)
    return {name: table for name, table in tables.items() if name != archive.NAME and len(table) <= MOST}


def _linked(markup: str, there: Collection[str]) -> str:
    """Without links to files that are not there."""
    return _LINK.sub(lambda link: link[0] if link[1] in there else link[2], markup)
