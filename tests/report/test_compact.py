"""Drawings in fewer bytes are the same drawings."""

import re

import numpy as np

from reports import drawn_by, small
from seqbench.report import compact, render


def absolute(path: str) -> list[tuple[str, float, float]]:
    """The points that a path of relative lines comes to, by their commands."""
    points, x, y = [], 0.0, 0.0
    for command, numbers in re.findall(r"([Mlqcz])([^Mlqcz]*)", path):
        values = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        size = {"M": 2, "l": 2, "q": 4, "c": 6, "z": 1}[command]
        for start in range(0, len(values), size):
            steps = np.array(values[start : start + size]).reshape(-1, 2)
            points += [(command, *(place + (0 if command == "M" else [x, y]))) for place in steps]
            x, y = points[-1][1:]
    return points


def test_a_path_stays_where_it_was_to_a_hundredth_however_long_it_is() -> None:
    rng = np.random.default_rng(0)
    places = np.cumsum(rng.normal(size=(500, 2)), axis=0)
    path = "".join(f"{'L' if number else 'M'} {x:.6f} {y:.6f} \n" for number, (x, y) in enumerate(places))
    found = absolute(re.findall(' d="([^"]*)"', compact.compact(f'<path d="{path}"/>'))[0])
    np.testing.assert_allclose([point[1:] for point in found], places, atol=0.0051)


def test_curves_keep_the_points_that_bend_them() -> None:
    path = "M 1 2 \nC 3 4 5 6 7 8 \nQ 9 10 -0.5 0.25 \nz\nM 1 1 \nL 2 3 \nL 2 2.5 \n"
    assert compact.compact(f'<path d="{path}"/>') == '<path d="M1 2c2 2 4 4 6 6q2 2-7.5-7.75zM1 1l1 2 0-.5"/>'


def test_ids_stay_where_something_refers_to_them() -> None:
    markup = '<g id="line_1"><path id="m1" d=""/>\n <!-- text --> <use xlink:href="#m1"/><g clip-path="url(#p1)"/></g>'
    kept = compact.compact(f'{markup}<clipPath id="p1"/>')
    assert re.findall('id="([^"]*)"', kept) == ["m1", "p1"]
    assert "text" not in kept


def test_a_letter_further_along_its_line_has_a_place_and_one_that_is_smaller_keeps_its_shift() -> None:
    moved, smaller = (f'<use xlink:href="#a" transform="translate(63.6231 0){more}"/>' for more in ("", " scale(0.7)"))
    assert compact.compact(moved) == '<use href="#a" x="63.62"/>'
    assert compact.compact(smaller) == '<use href="#a" transform="translate(63.62 0) scale(0.7)"/>'


def test_a_page_has_each_glyph_once_and_a_file_has_all_that_it_needs() -> None:
    plots = drawn_by("success", small()) | drawn_by("growth", small())
    drawings = [render.svg(plot.figure, name) for name, plot in plots.items()]
    for markup in drawings:
        assert set(re.findall('href="#([^"]*)"', markup)) <= set(re.findall(' id="([^"]*)"', markup))
    bare, glyphs = compact.with_glyphs_apart(drawings)
    ids = re.findall(' id="([^"]*)"', "".join([*bare, glyphs]))
    assert len(ids) == len(set(ids))
    assert set(re.findall('href="#([^"]*)"', "".join(bare))) <= set(ids)
