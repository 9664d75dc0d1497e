"""The look of an arm."""

from seqbench.analysis import arms as palette


def test_known_arms_always_look_the_same_and_no_two_arms_alike() -> None:
    assert palette.looks(["lstm", "rnn"])["lstm"] == palette.looks(["lstm", "gru", "mine"])["lstm"]
    many = palette.looks([*palette.KNOWN, *(f"arm {number}" for number in range(12))])
    assert len(set(many.values())) == len(many)
    assert len({look.colour for look in palette.looks([*palette.KNOWN, "mine", "yours"]).values()}) == 9


def test_an_unknown_arm_keeps_its_look_whatever_its_neighbours() -> None:
    assert palette.looks(["mine"])["mine"] == palette.looks(["rnn", "mine", "lstm"])["mine"]


def test_models_that_count_are_told_apart_and_come_first():
    arms = ["lstm", "mine", *palette.COUNTED]
    looks = palette.looks(arms)
    assert list(looks)[: len(palette.COUNTED)] == list(palette.COUNTED)
    assert len({(look.colour, look.marker, look.dashes) for look in looks.values()}) == len(arms)
    assert looks["mine"].colour not in {look.colour for arm, look in looks.items() if arm != "mine"}
