"""`python -m seqbench.figure NAME EXPERIMENT`: one figure of a report, at the size at which it will stand.

Its text is text in SVG and PDF, all of one size, and nothing is cut. Arms keep the colours
that they have in the report.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seqbench.config import ConfigError, whole
from seqbench.config.importing import quickly
from seqbench.figure import typed
from seqbench.record import results, store
from seqbench.terminal import Parser, exit_code, say_aside

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqbench.record.values import Record

FORMATS = ("pdf", "svg", "png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is no such figure, arm or task, 3 if store or folder cannot be reached, 130."""
    words = sys.argv[1:] if arguments is None else arguments
    return exit_code(lambda: _draw(_options(words)), LookupError, ConfigError)


def _options(words: Sequence[str]) -> argparse.Namespace:
    with quickly():
        from seqbench.report.figures.theme import PRESETS

    lines = "\n".join(f"  {name:13} {size}" for name, size in PRESETS.items())
    parser = Parser(
        prog="python -m seqbench.figure", description=__doc__, epilog=f"presets:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("name", help="of a figure, as manifest.json of a report lists them, such as success")
    parser.add_argument("experiment", help="name of an experiment that has runs, or the folder of a report")
    parser.add_argument("--preset", choices=PRESETS, default="paper-column", help="paper-column by default; see below")
    parser.add_argument("--width", type=float, help="inches, in place of the preset's")
    parser.add_argument("--font", type=float, help="points, in place of the preset's")
    parser.add_argument("--format", type=typed.formats(FORMATS), help="of pdf, svg and png; pdf by default")
    parser.add_argument("--arms", default="", help="those to draw, in this order: lstm,rnn")
    parser.add_argument("--names", default="", help='what they are called: "lstm=LSTM,rnn=Elman RNN"')
    parser.add_argument("--task", help="the one to draw, where a figure has several")
    parser.add_argument("--to", default="reports/figures", help="a folder, or a file such as fig1.pdf")
    return parser.parse_args(words)


def _draw(options: argparse.Namespace) -> None:
    folder, stem, ending = typed.place(options.to, options.name, FORMATS)
    with quickly():
        from seqbench.report.figures.theme import size_of

    try:
        size = size_of(options.preset, options.width, options.font)
        store.require_writable(folder)
        record = results.load(options.experiment)
    except ValueError as error:  # a size that is none, a file that is no record
        raise LookupError(str(error)) from error
    drawn = _drawn(record, options)
    with quickly():
        from seqbench.report import render

    formats = options.format or [ending or "pdf"]
    files: Mapping[str, bytes] = {f"{stem}.{kind}": render.for_text(drawn, kind, size) for kind in formats}
    whole.write(files, folder)
    for name in files:
        print(f"figure: {folder / name}")


def _drawn(record: "Record", options: argparse.Namespace) -> "Figure":
    """Says what of it the figure cannot show."""
    with quickly():
        from seqbench.report.figures import glyphs
        from seqbench.report.figures.draw import figure
        from seqbench.report.figures.marked import arms_in

    known = sorted(record.runs.arm.unique())
    arms, renamed = typed.arms(options.arms, known), typed.names(options.names, known)
    try:
        drawn = figure(
            record, options.name, options.width, font=options.font, preset=options.preset,
            arms=arms, renamed=renamed, task=options.task,
        )  # fmt: skip
    except ValueError as no_room:
        raise LookupError(str(no_room)) from no_room
    asked = [renamed.get(arm, arm) for arm in arms]
    without = [arm for arm in asked if arm not in arms_in(drawn)]
    if without:
        say_aside(f"not drawn, because the record has nothing of it here: {', '.join(without)}")
    if line := glyphs.missing(sorted(arms_in(drawn))):
        say_aside(line)
    return drawn


if __name__ == "__main__":
    sys.exit(main())
