"""More arms than can be told apart over one another: a panel for each family, the others in grey behind its own."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from reports import drawn_by, small
from seqbench.analysis.arms import KNOWN, looks
from seqbench.report.figures import crowd, marked, told
from seqbench.report.figures.plot import Plot

GATED = [arm for arm, look in KNOWN.items() if look.family == "gated"][:7]
MANY = ("rnn", *GATED, "lru")


def drawn(arms: tuple[str, ...]) -> Plot:
    return drawn_by("success", small(arms=arms, gaps=(10, 50), seeds=range(1)))["success"]


def curves(ax: Any) -> dict[str, Line2D]:
    """The line of each arm, without the limits of the panel."""
    return {arm: line for line in ax.lines if (arm := marked.arm_of(line))}


def test_each_family_has_a_panel_with_the_others_behind_it() -> None:
    figure = drawn(MANY).figure
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["copy\nclassical and gated", "copy\nlinear"]
    for ax, own in zip(figure.axes, ({"rnn", *GATED}, {"lru"}), strict=True):
        found = curves(ax)
        assert set(found) == set(MANY)
        assert {arm for arm, line in found.items() if line.get_color() != crowd.BEHIND.colour} == own
        assert {arm for arm, line in found.items() if line.get_zorder() > 2} == own
    assert [text.get_text() for text in figure.legends[0].get_texts()][:9] == list(MANY)
    assert {spot.arm for spot in told.spots(figure)} == set(MANY), "each answers in its own panel"
    assert len(told.spots(figure)) == 2 * len(MANY)


def test_what_stands_behind_keeps_the_points_that_bend_it() -> None:
    _, ax = plt.subplots()
    bent = [0] * 35 + [*range(35)]
    for _ in marked.by_arm(ax, {"own": looks(["rnn"])["rnn"], "other": crowd.BEHIND}):
        ax.plot(range(70), bent)
    points = {arm: len(line.get_path().cleaned(simplify=None).vertices) for arm, line in curves(ax).items()}
    plt.close()
    assert points["own"] == 71  # and one at which a path stops
    assert points["other"] <= 5


def test_up_to_eight_arms_share_a_panel() -> None:
    figure = drawn(MANY[:8]).figure
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["copy"]


def test_arms_of_a_panel_stand_beside_one_another_around_its_points() -> None:
    part, _ = crowd.parts(looks(MANY)).values()
    places = crowd.places(part)
    assert places["lru"] == 0
    assert np.allclose([places[arm] for arm in ("rnn", *GATED)], np.arange(8) - 3.5)
