"""Which figures a record gives: those of seqbench in the order of the page, then those of one's own."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.figure import Figure

from seqbench.analysis.arms import arranged
from seqbench.analysis.chosen import chosen
from seqbench.analysis.findings import Findings, findings
from seqbench.config.given import takes
from seqbench.record.values import Record
from seqbench.report import figures
from seqbench.report.figures import grids
from seqbench.report.figures.fitting import NoRoom, fit
from seqbench.report.figures.plot import Plot
from seqbench.report.figures.theme import WIDTHS, Size, size_of, theme

if TYPE_CHECKING:
    from seqbench.trace.values import Trace

Plots = Callable[[Findings], Iterator[Plot]]


class Source(NamedTuple):
    """A module of figures, and where they stand on the page."""

    name: str
    file: str
    plots: Plots
    group: str
    secondary: bool
    looks: bool = False
    """Whether it looks into trained models."""


def draw(
    found: Findings,
    folder: Path | None = None,
    traces: "Mapping[str, Trace] | None" = None,
    each: Callable[[Plot], object] = lambda _: None,
) -> tuple[list[Plot], list[str]]:
    """All figures that there are data for, those of the modules in `folder` last, and what had to be left out.

    A figure that raises is left out and named: "left out: NAME (file): error". `traces` are looks into trained models
    by run, as `seqbench.report.traces.traces` finds them. `each` is told of a figure as soon as it is drawn.
    """
    if found.done.empty:
        return [], []
    drawn, places, left_out = dict[str, Plot](), dict[str, int](), list[str]()
    ours, own = list(_ours({} if traces is None else traces)), list(_own(folder))
    sources = [*ours, *own]
    with theme():
        # Looks are waited for, and so they come after what needs none.
        for source in [*sorted(ours, key=lambda source: source.looks), *own]:
            try:
                for plot in _of(source, found):
                    if plot.name in drawn:
                        raise ValueError(f"there is a figure {plot.name!r} already")
                    drawn[plot.name], places[plot.name] = plot, sources.index(source)
                    each(plot)
            except (Exception, SystemExit) as error:  # whatever it is, the report stands
                left_out.append(f"left out: {source.name} ({source.file}): {error!r}")
    return sorted(drawn.values(), key=lambda plot: places[plot.name]), left_out


def _of(source: Source, found: Findings) -> Iterator[Plot]:
    """The plots of a source, with their place on the page: all but the first are folded."""
    for place, plot in enumerate(source.plots(found)):
        if source.group != figures.OWN:
            grids.label_each_line(plot.figure)
        yield replace(plot, group=source.group, secondary=source.secondary or place > 0)


def _ours(traces: "Mapping[str, Trace]") -> Iterator[Source]:
    for group, modules in figures.GROUPS.items():
        for module in modules:
            plots = partial(module.plots, traces=traces) if module in figures.OF_TRACES else module.plots
            file = Path(str(module.__file__)).name
            yield Source(Path(file).stem, file, plots, group, module in figures.SECONDARY, module in figures.OF_TRACES)


def _own(folder: Path | None) -> Iterator[Source]:
    """The modules of a folder by name."""
    for file in sorted(folder.glob("[!_]*.py")) if folder else ():
        yield Source(file.stem, file.name, partial(_plots_of, file), figures.OWN, secondary=False)


def _plots_of(file: Path, found: Findings) -> Iterator[Plot]:
    """Loads the file; what would fail only when the figure is written fails here."""
    spec = util.spec_from_file_location(f"seqbench_figures_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be loaded")
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for their module
    spec.loader.exec_module(module)
    for plot in module.plots(findings(found.record.copy())):  # what it does to its frames stays with it
        plot.figure.draw_without_rendering()
        yield plot


@takes(record=((Record, Findings), "a record, as load gives it"))
def names(record: Record | Findings) -> list[str]:
    """The figures that there are data for, those of one's own and looks into models apart."""
    return [plot.name for plot in draw(_found(record))[0]]


@takes(
    record=((Record, Findings), "a record, as load gives it"),
    name=(str, "the name of a figure"),
)
def figure(
    record: Record | Findings,
    name: str,
    width: float | None = None,
    *,
    font: float | None = None,
    preset: str | None = None,
    arms: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    task: str | None = None,
) -> Figure:
    """One of `names`, as large as a page has it, or at the size of a preset ("paper-column" if only a part is told).

    `width` is in inches, `font` in points. `arms` are those to draw, in this order; `renamed` has the names that they
    are to have. Raises LookupError if there are no data for it, or no such figure, preset, arm or task, and ValueError
    for a size that leaves no room for it, with the least that does.
    """
    part, looks = chosen(_found(record).record, arms, renamed, task)
    found, asked = findings(part), size_of(preset, width, font)
    if found.done.empty:
        whose = f" of {', '.join(looks)}" if arms or task else ""
        raise LookupError(f"there is nothing to draw: no run{whose} has come to a result")
    with arranged(looks):
        try:
            drawn = _fitted(found, name, asked)
        except NoRoom as error:
            assert asked is not None
            raise NoRoom(f"{error}; {_least(found, name, asked)}") from error
    if drawn is None:
        raise LookupError(f"no figure {name!r} of this record; there are {', '.join(names(found))}")
    return drawn


def _fitted(found: Findings, name: str, asked: Size | None) -> Figure | None:
    """None where there is no such figure."""
    with theme(asked):
        for plot in (plot for plots in _candidates(name) for plot in plots(found)):
            if plot.name == name:
                if asked:
                    fit(plot.figure, asked)
                return plot.figure
    return None


def _least(found: Findings, name: str, asked: Size) -> str:
    """The least width at which it can be drawn with this type, to a tenth of an inch or so."""
    least, most = asked.width, asked.width
    while not _fits(found, name, replace(asked, width=most)):
        least, most = most, 2 * most
        if most > WIDTHS[1]:
            return "nor in any other: smaller type or shorter names may"
    while most - least > max(0.1, 0.05 * least):
        middle = (least + most) / 2
        least, most = (least, middle) if _fits(found, name, replace(asked, width=middle)) else (middle, most)
    return f"it takes {math.ceil(most * 10) / 10:g} inches, or smaller type"


def _fits(found: Findings, name: str, size: Size) -> bool:
    try:
        return _fitted(found, name, size) is not None
    except NoRoom:
        return False


def _candidates(name: str) -> list[Plots]:
    """The figures of a module begin with its name; of those that fit, the longest first."""
    sources = {source.name: source.plots for source in _ours({})}
    return [sources[own] for own in sorted(sources, key=len, reverse=True) if name.startswith(own)]


def _found(record: Record | Findings) -> Findings:
    return record if isinstance(record, Findings) else findings(record)
