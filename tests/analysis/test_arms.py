"""The look of an arm."""

import pandas as pd

from seqbench.analysis import arms


def test_known_arms_always_look_the_same_and_no_two_arms_alike() -> None:
    assert arms.looks(["lstm", "rnn"])["lstm"] == arms.looks(["lstm", "gru", "mine"])["lstm"]
    many = arms.looks([*arms.KNOWN, *(f"arm {number}" for number in range(12))])
    assert len(set(many.values())) == len(many)
    assert len({look.colour for look in arms.looks([*arms.KNOWN, "mine", "yours"]).values()}) == len(arms.KNOWN) + 2


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


def test_the_family_is_what_the_record_says_or_what_is_known_of_the_file():
    rows = [
        ("lstm, layers=2", "lstm", ""),
        ("mine", "mine", "linear"),
        ("lstm", "lstm", "gated"),
        ("yours", "yours", ""),
    ]
    told = arms.families(pd.DataFrame(rows, columns=["arm", "plain_arm", "family"]))
    assert told == {"lstm, layers=2": "gated", "mine": "linear", "lstm": "gated", "yours": "own"}
    assert arms.families(pd.DataFrame({"arm": ["rnn"]})) == {"rnn": "classical"}, "older records know less"
    looks = arms.looks(told, told)
    assert {arm: look.family for arm, look in looks.items()} == told


def test_up_to_eight_arms_are_told_apart_together_and_more_by_family():
    few = arms.looks(list(arms.KNOWN)[:8])
    assert arms.by_family(few) == {"": few}
    parts = arms.by_family(
        arms.looks(["rnn", "irnn", *(f"own {number}" for number in range(10)), "lru", "mamba", "tcn"])
    )
    assert {name: len(own) for name, own in parts.items()} == {
        "classical, linear and convolution": 5, "own (1)": 8, "own (2)": 2
    }  # fmt: skip
