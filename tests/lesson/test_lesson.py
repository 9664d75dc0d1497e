"""The page, the notebook and the sheet: whole, alike, and in need of nothing else."""

import json
import re
import shutil
import subprocess

import pytest
from recording import EXPERIMENT, MLFLOW_WARNINGS

from seqbench.lesson import NOTEBOOK, PAGE, SHEET, sections, write_lesson
from seqbench.lesson.__main__ import main

pytestmark = MLFLOW_WARNINGS
NAMES = [module.__name__.rpartition(".")[2] for module in sections.ORDER]


def data_in(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_needs_nothing_but_itself(written):
    page = (written / PAGE).read_text()
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) == {"http://www.w3.org/2000/svg"}  # the name of a language
    assert set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page)) == {"data:,", NOTEBOOK, SHEET}
    assert "@import" not in page
    assert "url(" not in page
    assert len(page.encode()) < 1_500_000


def test_every_section_has_its_place_and_its_script_finds_what_it_reads(written):
    page = (written / PAGE).read_text()
    assert re.findall(r'<section id="(\w+)"', page) == NAMES
    asked = set(re.findall(r'data-widget="(\w+)"', page))
    assert asked == {"task", "guess", "unrolled", "bias", "layers", "failures"}
    assert asked <= data_in(page).keys()
    assert set(re.findall(r"^widgets\.(\w+) = ", page, re.MULTILINE)) == asked
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_equation_of_the_cell_holds_for_the_numbers_that_are_shown(written):
    for unit in data_in((written / PAGE).read_text())["layers"]["units"]:
        before = [0.0, *unit["c"][:-1]]
        gates = zip(unit["forget"], before, unit["input"], unit["candidate"], strict=True)
        assert [f * c + i * g for f, c, i, g in gates] == pytest.approx(unit["c"], abs=3e-3)  # of three decimals


def test_the_notebook_is_one_as_nbformat_has_it(written):
    book = json.loads((written / NOTEBOOK).read_text())
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}
    for cell in book["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        more = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert cell.keys() - {"attachments"} == wanted | more
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        shown = set(re.findall(r"\(attachment:([^)]+)\)", cell["source"]))
        assert shown == cell.get("attachments", {}).keys()
    ids = [cell["id"] for cell in book["cells"]]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if name in NAMES] == NAMES


def test_the_cells_of_the_notebook_run_one_after_the_other(written, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    known, cells = {}, json.loads((written / NOTEBOOK).read_text())["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            source = cell["source"].replace('my_answer = ""', 'my_answer = "a"').replace("0.8    #", "0.0    #")
            exec(compile(source, cell["id"], "exec"), known)
    said = capsys.readouterr().out
    assert "You said a and right is" in said
    assert "keep 0.731 at each step, time constant 3.2 steps" in said
    assert "Guess first" in said
    assert "plt" not in known
    guess = next(cell["source"] for cell in cells if cell["id"] == "guess-1")
    exec(guess.replace("'lstm': []", "'lstm': [1, 0]"), known)
    assert len(known["plt"].gca().lines) == 3  # two arms as measured, and the guess
    matplotlib.pyplot.close("all")


def test_what_the_cells_read_is_folded_away(written):
    (data,) = [cell for cell in json.loads((written / NOTEBOOK).read_text())["cells"] if cell["id"] == "data"]
    assert data["metadata"]["jupyter"] == {"source_hidden": True}
    assert data["metadata"]["cellView"] == "form"
    known = {}
    exec(data["source"], known)
    assert known["lesson"] == data_in((written / PAGE).read_text())


def test_the_sheet_has_an_answer_to_each_question_on_a_page_of_its_own(written):
    questions, answers = (written / SHEET).read_text().split("<h1>Answers</h1>")
    numbers = [re.findall(r'class="item(?: small)?">(\d+)\.', part) for part in (questions, answers)]
    assert numbers[0] == numbers[1] == [str(n) for n in range(1, len(numbers[0]) + 1)]
    assert len(numbers[0]) >= 8
    assert ".answers { break-before: page; }" in questions


def test_equal_records_give_equal_bytes(written, material, tmp_path):
    again = write_lesson(type(material)(material.found), tmp_path / "again").parent
    for name in (PAGE, NOTEBOOK, SHEET):
        assert (again / name).read_bytes() == (written / name).read_bytes()


def test_the_command_writes_all_three_or_says_what_is_missing(material, tmp_path, capsys):
    assert main([EXPERIMENT, "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [
        "lesson:",
        *(str(tmp_path / EXPERIMENT / name) for name in (PAGE, NOTEBOOK, SHEET)),
    ]
    assert main(["--folder", str(tmp_path)]) == 2
    assert "python -m seqbench +experiment=lesson makes what a lesson needs" in capsys.readouterr().err
    assert main([EXPERIMENT, "--task", "adding", "--folder", str(tmp_path)]) == 2
    assert "has no task 'adding', only copy" in capsys.readouterr().err


# -- in a browser ------------------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
STUDENT = """<script>{
const part = (name, at) => document.querySelector(`#${name} [data-part="${at}"]`);
const set = (name, value) => { part(name, "slider").value = value; part(name, "slider").oninput(); };
set("task", 0);
part("task", "form").requestSubmit();
const early = part("task", "told").textContent;
for (let i = 0; i < 30; i++) part("task", "next").click();
part("task", "answer").value = data.task.gaps[2][0].answer.toUpperCase();
part("task", "form").requestSubmit();
const point = document.querySelector("#guess circle[role=slider]");
point.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
document.querySelector("#guess details").open = true;
set("bias", 2);
set("unrolled", 3);
const labels = document.querySelectorAll("#failures select");
labels.forEach((one) => { one.value = data.failures.runs[one.dataset.run].label; one.onchange(); });
document.title = JSON.stringify([errors, early, part("task", "next").disabled,
  document.querySelectorAll("#task .bad").length, part("task", "told").firstChild.textContent,
  point.getAttribute("aria-valuenow"), part("bias", "told").textContent, part("unrolled", "chain").textContent,
  document.querySelectorAll("#failures .good").length, document.documentElement.scrollWidth <= innerWidth]);
}</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page in")
def test_a_student_gets_through_it_in_a_browser(written, tmp_path):
    page = (written / PAGE).read_text()
    listens = "<head><script>const errors = []; addEventListener('error', (e) => errors.push(e.message));</script>"
    (tmp_path / "played.html").write_text(page.replace("<head>", listens).replace("</body>", STUDENT))
    alone = f"--user-data-dir={tmp_path / 'profile'}"
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=500,900", alone]
    command += ["--dump-dom", (tmp_path / "played.html").as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    title = re.search("<title>(.*?)</title>", shown)[1]
    errors, early, disabled, red, told, guessed, bias, chain, labelled, fits = json.loads(title.replace("&amp;", "&"))
    assert errors == []
    assert (early, disabled, red) == ("See the whole sequence first.", True, 0)
    assert told.startswith("Right: ")
    assert guessed == "60"  # it begins in the middle
    assert bias.startswith("The gate keeps 0.881 at each step; its time constant is 7.9 steps.")
    assert chain == "∂L/∂hT−3 = ∂L/∂hT · ∂hT/∂hT−1 · ∂hT−1/∂hT−2 · ∂hT−2/∂hT−3"  # the places stand below
    assert labelled == 4
    assert fits
