"""The look of an arm."""

from seqbench.analysis import arms


def test_known_arms_always_look_the_same_and_no_two_arms_alike() -> None:
    assert arms.looks(["lstm", "rnn"])["lstm"] == arms.looks(["lstm", "gru", "mine"])["lstm"]
    many = arms.looks([*arms.KNOWN, *(f"arm {number}" for number in range(12))])
    assert len(set(many.values())) == len(many)
    assert len({look.colour for look in arms.looks([*arms.KNOWN, "mine", "yours"]).values()}) == 10


def test_an_unknown_arm_keeps_its_look_whatever_its_neighbours() -> None:
    assert arms.looks(["mine"])["mine"] == arms.looks(["rnn", "mine", "lstm"])["mine"]


def test_models_that_count_are_told_apart_and_come_first():
    looks = arms.looks(["lstm", "mine", *arms.COUNTED])
    assert list(looks)[: len(arms.COUNTED)] == list(arms.COUNTED)
    assert len({(look.colour, look.marker, look.dashes) for look in looks.values()}) == len(looks)
    assert looks["mine"].colour not in {look.colour for arm, look in looks.items() if arm != "mine"}


def test_numbers_in_names_are_ordered_by_size():
    given = ["arm 10", "arm 2", "lstm, hidden_size=128", "lstm, hidden_size=32", "rnn"]
    assert arms.arms_in_order(given) == ["rnn", "arm 2", "arm 10", "lstm, hidden_size=32", "lstm, hidden_size=128"]
