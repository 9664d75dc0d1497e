"""What is kept in the cache folder comes back whole or not at all, and nothing depends on it."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqbench.config import cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@given(content=st.binary(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_kept_comes_back(content: bytes) -> None:
    cache.keep("group/name", content)
    assert cache.read("group/name") == content


def test_what_was_never_kept_is_none() -> None:
    assert cache.read("name") is None


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_single_changed_byte_makes_it_nothing(content: bytes, place: int, change: int) -> None:
    kept = bytearray(cache.sealed(content))
    kept[place % len(kept)] ^= change
    assert cache.unsealed(bytes(kept)) != content


def test_a_folder_that_cannot_be_made_keeps_nothing(folder: Path) -> None:
    folder.write_text("a file")
    cache.keep("name", b"content")
    assert cache.read("name") is None
    assert folder.read_text() == "a file"


def test_nothing_is_left_of_the_way_there(folder: Path) -> None:
    cache.keep("name", b"content")
    assert [path.name for path in folder.iterdir()] == ["name"]


def write_often(place: Path, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, str(place))
        for _ in range(200):
            cache.keep("name", content)


def test_two_processes_that_write_the_same_name_are_never_mixed(folder: Path) -> None:
    contents = [b"a" * 100_000, b"b" * 100_000]
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_often, args=(folder, content)) for content in contents]
    for writer in writers:
        writer.start()
    found = set()
    while any(writer.is_alive() for writer in writers):
        found.add(cache.read("name"))
    assert found - {None} <= set(contents)
    assert cache.read("name") in contents
