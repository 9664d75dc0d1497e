"""A report is whole or not there, whatever becomes of its files; and what is somebody's own stays."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seqbench.config import whole
from seqbench.record.store import Unavailable
from seqbench.report import on_disk, page_of

CONTENT = {
    "index.html": b"<html>",
    "runs.csv": b"run_id\n1\n",
    "metrics.parquet": b"PAR1",
    "figures/loss.svg": b"<svg>",
}
MANIFEST = {"runs": [{"run_id": "1"}], "files": on_disk.checksums(CONTENT)}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    folder = tmp_path / "reports" / "study"
    on_disk.write(CONTENT, MANIFEST, folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written(content: dict[str, bytes], report: Path) -> None:
    on_disk.write(content, MANIFEST | {"files": on_disk.checksums(content)}, report)


def test_it_is_whole_once_it_is_written_and_nothing_is_left_of_the_way_there(report: Path) -> None:
    assert on_disk.whole_in(report) == MANIFEST
    assert files(report).keys() == {*CONTENT, "manifest.json"}
    assert page_of(report, ["1"]) == report / "index.html"
    assert page_of(report, ["1", "2"]) is None


# -- whatever becomes of a file ----------------------------------------------------------------------------


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "mine.txt").write_text("kept")


def link_to(target: str) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        file.unlink()
        file.symlink_to(target)

    return damage


def make_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "is gone": Path.unlink,
    "is empty": lambda file: file.write_bytes(b""),
    "is cut": lambda file: file.write_bytes(file.read_bytes()[:-2]),
    "is garbage": lambda file: file.write_bytes(b"\xff\x00\xfe" * 1000),
    "is a folder": make_folder,
    "is a pipe": make_pipe,
    "leads to itself": link_to("itself"),
    "leads nowhere": link_to("nowhere"),
}


@pytest.mark.parametrize("name", [*CONTENT, "manifest.json"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_noticed_and_written_again(name: str, damage: str, report: Path) -> None:
    before = files(report)
    DAMAGE[damage](report / name)
    assert page_of(report, ["1"]) is None
    on_disk.write(CONTENT, MANIFEST, report)
    assert before.items() <= files(report).items()
    assert on_disk.whole_in(report) == MANIFEST


def test_a_file_that_may_not_be_read_is_written_again(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, *_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    for reader in ("read_text", "read_bytes"):
        with monkeypatch.context() as closed:
            closed.setattr(Path, reader, refused)
            assert on_disk.whole_in(report) == {}
            on_disk.write(CONTENT, MANIFEST, report)
    assert on_disk.whole_in(report) == MANIFEST


ODD = [
    "null", "[]", "5", '"text"', "[" * 100_000, "{}", '{"files": null}', '{"files": ["index.html"]}',
    '{"files": {"index.html": 5}, "runs": []}', '{"files": {"../../outside": "0"}, "runs": [{"run_id": "1"}]}',
    '{"files": {"\\ud800": "0", "\\u0000": "0"}, "runs": 7}', '{"runs": {"run_id": [1]}}', "9" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=[text[:40] for text in ODD])
def test_a_manifest_may_hold_anything(text: str, report: Path) -> None:
    (report / "manifest.json").write_text(text, encoding="utf-8")
    assert page_of(report, ["1"]) is None
    on_disk.write(CONTENT, MANIFEST, report)
    assert on_disk.whole_in(report) == MANIFEST


@pytest.mark.parametrize("runs", [None, 5, [5], [{}], [{"run_id": []}], "text"])
def test_runs_of_a_manifest_may_be_anything(runs: object, report: Path) -> None:
    on_disk.write(CONTENT, MANIFEST | {"runs": runs}, report)
    assert page_of(report, ["1"]) is None


# -- what is somebody's own --------------------------------------------------------------------------------


def test_files_of_ones_own_stay_and_those_of_an_earlier_report_go(report: Path) -> None:
    own = {"notes.md": b"mine", "figures/mine.svg": b"<svg>", "unfinished-thoughts/draft.md": b"mine"}
    whole.write(own, report)
    later = {name: content for name, content in CONTENT.items() if name not in ("runs.csv", "figures/loss.svg")}
    written(later, report)
    assert files(report).keys() == {*later, "manifest.json", *own}


def test_a_file_that_was_changed_since_is_ones_own(report: Path) -> None:
    (report / "runs.csv").write_bytes(b"run_id,what I think of it\n")
    written({"index.html": b"<html>"}, report)
    assert files(report).keys() == {"index.html", "manifest.json", "runs.csv"}


def test_a_manifest_cannot_have_files_elsewhere_removed(report: Path) -> None:
    elsewhere = report.parent / "precious.txt"
    elsewhere.write_bytes(b"mine")
    named = {"../precious.txt": on_disk.checksums({"": b"mine"})[""]}
    (report / "manifest.json").write_text(json.dumps({"files": named}))
    written(CONTENT, report)
    assert elsewhere.read_bytes() == b"mine"


def test_what_is_in_the_way_keeps_its_content_under_another_name(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(report / "manifest.json")
    shutil.rmtree(report / "figures")
    (report / "figures").write_text("a drawing")
    (report / "figures.1").write_text("another")
    on_disk.write(CONTENT, MANIFEST, report)
    assert (report / "manifest.json.1/mine.txt").read_text() == "kept"
    assert [(report / f"figures.{number}").read_text() for number in (1, 2)] == ["another", "a drawing"]
    assert (
        f"{report / 'figures'} was in the way of the report and is now {report / 'figures.2'}"
        in capsys.readouterr().err
    )
    assert on_disk.whole_in(report) == MANIFEST


# -- whoever writes is stopped -----------------------------------------------------------------------------


def test_a_full_disk_leaves_the_report_as_it_was(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write_bytes = files(report), Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name == "manifest.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Unavailable, match=r"reports/study \(No space left on device\)"):
        written(CONTENT | {"index.html": b"another"}, report)
    assert files(report) == before


@pytest.mark.parametrize("done", range(len(CONTENT) + 1))
def test_a_report_that_was_cut_while_it_was_put_in_place_is_not_taken_for_one(
    done: int, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, left = Path.replace, iter(range(done))
    changed = {name: content + b"!" for name, content in CONTENT.items()}

    def killed(self: Path, target: Path) -> Path:
        next(left)
        return replace(self, target)

    with monkeypatch.context() as cut:
        cut.setattr(Path, "replace", killed)
        with pytest.raises(StopIteration):
            written(changed, report)
    assert bool(on_disk.whole_in(report)) == (done == 0)
    written(changed, report)
    assert files(report).keys() == {*CONTENT, "manifest.json"}
    assert on_disk.whole_in(report)["files"] == on_disk.checksums(changed)


def test_what_a_killed_writer_left_is_removed_by_the_next_one(report: Path) -> None:
    whole.write({f"{whole.UNFINISHED}x/index.html": b"half"}, report)
    on_disk.write(CONTENT, MANIFEST, report)
    assert files(report).keys() == {*CONTENT, "manifest.json"}
