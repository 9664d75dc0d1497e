"""Numbers as a reader expects them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench import wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (wording.number(0.1), "0.10"),
        (wording.number(7.1), "7.1"),
        (wording.number(1234.5), "1,234"),
        (wording.number(0), "0"),
        (wording.number(2.4e-7), "2·10⁻⁷"),
        (wording.number(9.7e-4), "1·10⁻³"),
        (wording.number(-9.7e6), "-1·10⁷"),
        (wording.number(float("nan")), "n/a"),
        (wording.level(1 / 6), "0.167"),
        (wording.from_log10(-300.4), "4·10⁻³⁰¹"),
        (wording.from_log10(-3.527), "3·10⁻⁴"),
        (wording.from_log10(-3.497), "3·10⁻⁴"),
        (wording.from_log10(-17.0), "1·10⁻¹⁷"),
        (wording.from_log10(-16.01), "1·10⁻¹⁶"),
        (wording.from_log10(6.3), "2·10⁶"),
        (wording.from_log10(-0.5), "0.32"),
        (wording.listed([10, 20, 50]), "10, 20 and 50"),
        (wording.duration(90), "1.5 minutes"),
        (wording.duration(9000), "2.5 hours"),
        (wording.percent(0.0001), "under 1 %"),
        (wording.percent(0.2), "20 %"),
        (wording.share(1, 1), "The only run"),
        (wording.share(0, 1), "No run"),
        (wording.share(2, 2), "Both runs"),
        (wording.share(0, 2), "Neither run"),
        (wording.share(1, 2), "1 of 2 runs"),
        (wording.share(3, 3), "All 3 runs"),
        (wording.estimate("18", "13", "27"), "18 (13 to 27)"),
        (wording.estimate("18", "13", None), "13 or more"),
        (wording.estimate("18", None, "27"), "27 or less"),
        (wording.estimate("18", None, None), "not bounded"),
        (wording.estimate("0.5*", "0.2", "0.9", interval="[{}, {}]"), "0.5* [0.2, 0.9]"),
        (wording.gradient(-16.5, 0.25), "3·10⁻¹⁷ [zero in 25 %]"),
        (wording.gradient(-16.5, float("nan")), "3·10⁻¹⁷"),
        (wording.gradient(float("nan"), 1.0), "0"),
        (wording.share(0, 3), "None of the 3 runs"),
    ],
)
def test_numbers_read_plainly(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve → 10⁻³\nand\tmore", "naïve → 10⁻³\nand\tmore"),
        ("\x1b[31mred\x00", "\\x1b[31mred\\x00"),
        ("half \ud800 of one", "half \\ud800 of one"),
        ("two\u2028lines, \u202eturned\u2066", "two\\u2028lines, \\u202eturned\\u2066"),
        ("a cook \U0001f9d1\u200d\U0001f373", "a cook \U0001f9d1\u200d\U0001f373"),
        ("\0" * 30, "\\x00" * 9 + "\\[... of 30 characters ...]0" + "\\x00" * 9),
        ("a" * 120 + "b" * 90, "a" * 36 + "[... of 210 characters ...]" + "b" * 36),
    ],
)
def test_texts_of_anybody_are_made_printable(text: str, expected: str) -> None:
    assert wording.printable(text, most=100) == expected


@given(st.text(st.characters(), max_size=300), st.integers(60, 300))
def test_a_printable_text_can_be_encoded_is_short_and_stays_as_it_is(text: str, most: int) -> None:
    told = wording.printable(text, most)
    told.encode()
    assert len(told) <= most
    assert wording.printable(told, len(told)) == told


def test_settings_of_an_arm_stand_in_brackets_and_what_all_share_is_told_once():
    deep = ["gru, layers=2, block=residual", "lstm, layers=2, forget_bias=3, block=residual"]
    assert wording.arm(deep[0]) == "gru (layers=2, block=residual)"
    assert wording.arms(deep) == "gru and lstm (forget_bias=3) (each with layers=2, block=residual)"
    assert wording.arms(["gru, layers=2", "lstm"]) == "gru (layers=2) and lstm"
    assert wording.arms(["rnn", "lstm"]) == "rnn and lstm"
    assert wording.arms(deep[:1]) == "gru (layers=2, block=residual)"
    assert wording.arms([]) == ""
