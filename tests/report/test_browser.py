"""The page in a browser: it answers pointer and keyboard, fits a phone and paper, and asks nobody for anything."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on the PATH")


@pytest.fixture(scope="module")
def page(written: Path) -> Iterator[Any]:
    """One page for all tests, with what it said to the console and asked for in `said`."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=sandbox)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.said.append(request.url))
        page.goto(written.joinpath("index.html").as_uri())
        yield page
        browser.close()


@pytest.fixture(autouse=True)
def as_opened(page: Any) -> None:
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")


def tip(page: Any) -> str:
    return str(page.locator(".tip").inner_text())


def test_the_page_asks_for_itself_alone_and_has_no_error(page: Any) -> None:
    assert [text for text in page.said if not text.startswith(("file:", "data:"))] == []
    assert len([text for text in page.said if text.startswith("file:")]) == 1


def test_a_pointer_and_a_click_find_value_interval_and_runs(page: Any) -> None:
    drawing = page.locator("#success .drawing")
    drawing.scroll_into_view_if_needed()
    marker = page.locator('#success [data-arm="lstm"] use + use').first.bounding_box()
    page.mouse.move(marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2)
    assert tip(page).split("\n") == [
        "lstm", "adding at gap 20", "5 of 5 runs solved it", "95\N{NO-BREAK SPACE}% interval 0.57 to 1.00", "5 runs"
    ]  # fmt: skip
    page.mouse.click(marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2)
    assert page.locator(".tip.pinned li").count() == 5
    address = page.locator(".tip.pinned a").first.get_attribute("href")
    assert address == "http://127.0.0.1:5000/#/runs/adding-lstm-gap20-seed0"


def test_the_keyboard_goes_from_point_to_point_and_comes_back_from_the_runs(page: Any) -> None:
    page.locator("#success .drawing").focus()
    page.keyboard.press("ArrowRight")
    first = tip(page)
    page.keyboard.press("ArrowRight")
    assert tip(page) != first
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Close"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "drawing"
    assert page.locator(".tip").is_hidden()


def test_one_switch_hides_an_arm_in_every_figure_and_table(page: Any) -> None:
    switch = page.locator('[data-toggle="lstm"] button')
    seen = """[...document.querySelectorAll('main [data-arm="lstm"]')]
              .filter(one => one.getClientRects().length).length"""
    assert page.evaluate(seen) > 20
    switch.click()
    assert (page.evaluate(seen), switch.get_attribute("aria-pressed")) == (0, "false")
    assert page.evaluate(seen.replace("lstm", "rnn")) > 20
    page.get_by_role("button", name="Show all").click()
    assert page.evaluate(seen) > 20


def test_a_row_shows_its_runs(page: Any) -> None:
    page.locator('#reach [data-task="copy"] [data-arm="rnn"] [data-gap="20"] button').click()
    first = page.locator(".tip.pinned li").first.inner_text()
    assert first == "copy-rnn rnn on copy, gap 20, seed 0: unsolved after 2,000 steps"
    assert page.locator(".tip.pinned li").count() == 5


def test_a_heading_sorts_by_numbers_and_a_third_click_gives_the_order_back(page: Any) -> None:
    table = page.locator("#cells table")
    page.locator("#cells details").evaluate("one => { one.open = true; }")
    heading = table.locator("th", has_text="gap").first
    gaps = lambda: [int(text) for text in table.locator("tbody tr td:nth-child(7)").all_inner_texts()]  # noqa: E731
    given = gaps()
    for order, expected in (("ascending", sorted(given)), ("descending", sorted(given, reverse=True)), (None, given)):
        heading.locator("button").click()
        assert (heading.get_attribute("aria-sort"), gaps()) == (order, expected)


@pytest.mark.parametrize(("text", "value"), [
    ("1,250", 1250), ("7/8", 0.875), ("3·10⁻⁷", 3e-7), ("10⁻⁴", 1e-4), ("−0.5", -0.5), ("0.3 to 0.9", 0.3),
    ("none", None),
])  # fmt: skip
def test_a_cell_is_sorted_by_the_number_that_it_begins_with(page: Any, text: str, value: float | None) -> None:
    source = Path(__file__).parents[2].joinpath("seqbench/report/scripts/tables.js").read_text(encoding="utf-8")
    found = page.evaluate(f"(() => {{ {source.partition('/* The headings')[0]}; return number({text!r}); }})()")
    assert found == (value if value is None else pytest.approx(value, rel=1e-9))


def test_a_filter_leaves_the_rows_that_have_all_words(page: Any) -> None:
    page.locator("#cells details").evaluate("one => { one.open = true; }")
    field = page.locator("#cells input[type=search]")
    field.fill("copy chrono")
    rows = [row.split("\t")[:2] for row in page.locator("#cells tbody tr:visible").all_inner_texts()]
    assert rows == [["copy", "lstm_chrono"]] * 4
    assert page.locator("#cells .left").inner_text() == "4 of 24 rows"
    field.fill("")


def test_a_figure_comes_nearer_and_goes_back(page: Any) -> None:
    svg = page.locator("#success .drawing svg")
    whole = svg.get_attribute("viewBox")
    page.locator("#success .tools button").first.click()
    nearer = svg.get_attribute("viewBox")
    assert float(nearer.split()[2]) == pytest.approx(float(whole.split()[2]) / 1.5, abs=0.01)
    page.get_by_role("button", name="show the whole figure: 1.").click()
    again = [float(part) for part in svg.get_attribute("viewBox").split()]
    assert again == pytest.approx([float(part) for part in whole.split()], abs=0.01)


def test_what_the_arms_are_unfolds_on_the_first_screen_and_is_there_at_once_below(page: Any) -> None:
    first, below = page.locator("#answer .about").first, page.locator("#reach .about").first
    assert (first.is_visible(), below.is_visible()) == (False, True)
    fold = page.locator("#answer .fold")
    for unfolded in (True, False):
        fold.click()
        assert (first.is_visible(), fold.get_attribute("aria-expanded")) == (unfolded, str(unfolded).lower())


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    cut = """[...document.querySelectorAll('main table :is(th, td)')]
             .filter(one => one.getClientRects().length && one.getBoundingClientRect().right > 390.5).length"""
    assert page.evaluate(cut) == 0
    frame = page.locator("#success .scroll")
    assert "more" in frame.get_attribute("class").split()
    frame.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    page.wait_for_function("one => !one.classList.contains('more')", arg=frame.element_handle())
    page.set_viewport_size({"width": 1280, "height": 800})


def test_paper_has_what_is_folded_and_what_was_filtered_out(page: Any, tmp_path: Path) -> None:
    page.emulate_media(media="print")
    hidden = """[...document.querySelectorAll('main details > :not(.filter), main tbody tr')]
                .filter(one => !one.checkVisibility()).map(one => one.tagName)"""
    field = page.locator("#cells input[type=search]")
    field.evaluate("one => { one.value = 'copy'; one.dispatchEvent(new Event('input')); }")
    assert set(page.evaluate(hidden)) == {"SUMMARY"}
    # Chromium leaves buttons out of a heading that it repeats on the next page.
    assert page.locator(".sort").first.evaluate("one => getComputedStyle(one).display") == "contents"
    pages = page.pdf(format="A4")
    assert pages.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pages)) > 5
    page.emulate_media(media="screen")


def test_in_the_dark_the_paper_of_a_figure_is_that_of_the_page(page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 26, 26)"
    assert page.locator("#success svg").first.evaluate("one => getComputedStyle(one).filter").startswith("invert(0.92)")
    page.emulate_media(color_scheme="light")
