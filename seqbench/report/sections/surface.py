"""How far at which load: the horizons of each arm at several loads or gaps, and what a load does to the reach."""

from seqbench.analysis import surface
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.analysis.surface import Isoline
from seqbench.horizon.axis import GAP
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """A table per task, a row per arm; no section without lines."""
    tasks = dict.fromkeys(line.task for line in found.isolines)
    tables = [_table(task, [line for line in found.isolines if line.task == task]) for task in tasks]
    return {"tables": tables} if tables else None


def _table(task: str, lines: list[Isoline]) -> tuple[str, str, list[str], list[tuple[str, list[str], str]]]:
    """The task, what is said of it, its columns, and for each arm the cells and the verdict."""
    columns = list(dict.fromkeys(_at(point) for line in lines for point in line.points))
    rows = [(line.arm, _cells(line, columns), line.verdict) for line in lines]
    return task, surface.sentence(task, lines), columns, rows


def _at(point: Entry) -> str:
    over_gap = point.axis == GAP
    return f"gap50 at load {surface.load_of(point)}" if over_gap else f"load50 at gap {surface.gap_of(point)}"


def _cells(line: Isoline, columns: list[str]) -> list[str]:
    told = {_at(point): point.told for point in line.points}
    return [told.get(column, "") for column in columns]
