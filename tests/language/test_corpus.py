"""A text as word ids: what is read, how it is divided, and a cache that is never trusted."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqbench
from seqbench.language import cache as corpus_cache
from seqbench.language import corpus, reading
from seqbench.language.corpus import divided, forget_rarest, open_corpus
from seqbench.language.reading import documentation, read
from seqbench.language.tokens import tokenise

TEN = "aa bb aa bb aa bb aa bb cc aa "  # thirty characters: training ends at 24, validation at 27


@pytest.fixture(autouse=True)
def cached(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "ten.txt").write_text(TEN)
    return tmp_path / "ten.txt"


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


# what is read


def test_a_folder_is_read_in_order_of_names(tmp_path):
    for name, content in {"b.md": "two", "a/z.TXT": "one", "c.py": "code", ".x/d.txt": "hidden", "e.txt": ""}.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(content)
    text = read(str(tmp_path / "in"))
    assert "".join(text.stream()) == "one\n\ntwo"
    assert text.characters == 8


def test_several_are_read_in_the_order_given(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    assert "".join(read(f"{tmp_path / 'b'}{os.pathsep}{tmp_path / 'a'}").stream()) == "b\n\na"


def test_line_ends_and_the_byte_order_mark_are_no_content(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    for chunk in (1, 2, 100):
        assert "".join(read(str(tmp_path / "a"), chunk).stream(chunk)) == "one\ntwo\nthree\n"


def test_the_hash_is_of_the_content_alone(tmp_path, file):
    again = tmp_path / "other"
    again.write_text(TEN)
    assert read(str(again)).sha256 == read(str(file), chunk=3).sha256
    again.write_text(TEN + "x")
    assert read(str(again)).sha256 != read(str(file)).sha256


def test_documents_do_not_run_into_one_another(tmp_path):
    hashes = set()
    for i, contents in enumerate([("ab", "c"), ("a", "bc"), ("abc", "")]):
        names = [tmp_path / f"{i}{j}" for j, content in enumerate(contents) if content]
        for name, content in zip(names, contents, strict=False):
            name.write_text(content)
        hashes.add(read(os.pathsep.join(map(str, names))).sha256)
    assert len(hashes) == 3


def test_the_default_is_the_documentation_with_every_paragraph_once():
    topics = [topic.decode() for topic in documentation()]
    assert topics[0].startswith('The "assert" statement')
    paragraphs = Counter(paragraph.strip() for topic in topics for paragraph in topic.split("\n\n"))
    assert {paragraph for paragraph, count in paragraphs.items() if count > 1} == set()
    assert read().sha256 == read(chunk=1000).sha256


@pytest.mark.parametrize("chunk", [1, 2, 3, 4, 5, 100])
@pytest.mark.parametrize(
    ("content", "offset"),
    [
        (b"caf\xc3\xa9 \xff", 6),
        (b"caf\xe9 and more", 3),
        (b"\xef\xbb\xbfabc\xff", 6),
        (b"\xff", 0),
        (b"cut off \xe2\x82", 8),
        (b"first \xe2\x82\xac then \xe2\x82x", 15),
    ],
)
def test_the_offset_of_the_first_bad_byte(tmp_path, content, offset, chunk, cached):
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(ValueError, match=rf"bad.txt' is not UTF-8 text at byte offset {offset};"):
        open_corpus(str(tmp_path / "bad.txt"), chunk=chunk)
    assert not list(cached.glob("*"))


# how it is divided


def test_parts_by_hand(file):
    found = open_corpus(str(file))
    assert found.vocabulary.words == ("<end>", "<unk>", "aa", "bb")
    assert [part.ids.tolist() for part in (found.train, found.validation, found.test)] == [[2, 3] * 4, [1], [2]]
    assert [part.characters for part in (found.train, found.validation, found.test)] == [24, 3, 3]
    assert [part.unknown for part in (found.train, found.validation, found.test)] == [0, 1, 0]
    assert (len(found), len(found.train), found.train.ids.dtype) == (10, 8, np.uint16)


def test_the_vocabulary_is_of_the_training_part_alone(tmp_path):
    (tmp_path / "a").write_text("a " * 80 + "new " * 10)
    assert open_corpus(str(tmp_path / "a")).vocabulary.words[2:] == ("a",)


def test_characters(file):
    found = open_corpus(str(file), level="character", min_count=1)
    assert found.vocabulary.words[2:] == (" ", "a", "b")  # eight each; c comes after the training part
    assert [len(part) for part in (found.train, found.validation, found.test)] == [24, 3, 3]
    assert found.validation.ids.tolist() == [1, 1, 2]


@given(st.text(st.sampled_from("ab .\n"), max_size=60), st.integers(1, 7))
def test_dividing_a_stream_is_dividing_the_whole(text, chunk):
    pieces = list(divided((text[i : i + chunk] for i in range(0, len(text), chunk)), len(text)))
    assert "".join(piece for _, piece in pieces) == text
    assert [word for _, piece in pieces for word in tokenise(piece)] == tokenise(text)
    assert [part for part, _ in pieces] == sorted(part for part, _ in pieces)
    assert parts(pieces) == parts(divided([text], len(text)))


def parts(pieces):
    found = ["", "", ""]
    for part, piece in pieces:
        found[part] += piece
    return found


def test_a_part_ends_at_the_next_beginning_of_a_word():
    assert parts(divided(["aaaaaa bbbb cc d eee "], 21)) == ["aaaaaa bbbb cc d ", "eee ", ""]
    assert parts(divided(["aaaaaaa bbbbbbbb c d"], 20)) == ["aaaaaaa bbbbbbbb ", "c ", "d"]


def test_the_rarest_words_are_forgotten_when_there_are_too_many():
    counts = Counter(a=3, b=2, c=1, d=1)
    forget_rarest(counts, 4)
    assert len(counts) == 4
    forget_rarest(counts, 3)
    assert counts == {"a": 3}


def test_a_word_that_never_ends_is_cut(monkeypatch):
    monkeypatch.setattr(corpus, "LONGEST_WORD", 5)
    assert list(corpus.whole_words(["aaa", "aaa", "aa b"])) == ["aaaaaa", "aa ", "b"]


# what is refused


@pytest.mark.parametrize("path", ["missing.txt", "", "x" * 5000, f"ten.txt{os.pathsep}missing.txt"])
def test_missing(folder, file, path, cached):
    with pytest.raises(ValueError, match=r"path='(missing.txt|x*)' does not exist; name a file or a folder of text"):
        open_corpus(path)
    assert not list(cached.glob("*"))


def test_empty(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(ValueError, match="is empty; name a file of text"):
        open_corpus(str(tmp_path / "a"))


@pytest.mark.parametrize(("content", "message"), [(" \n", "holds no words"), ("a b c", "min_count=2: no word occurs")])
def test_too_little(tmp_path, content, message, cached):
    (tmp_path / "a").write_text(content)
    with pytest.raises(ValueError, match=message):
        open_corpus(str(tmp_path / "a"))
    assert not list(cached.glob("*"))


def test_a_folder_without_text(tmp_path):
    (tmp_path / "a.py").write_text("code")
    with pytest.raises(ValueError, match=r"is a folder without text; files that end in \.txt, \.text, \.md, \.rst are"):
        open_corpus(str(tmp_path))


def test_named_twice(file):
    with pytest.raises(ValueError, match=r"ten.txt' twice"):
        open_corpus(f"{file}{os.pathsep}{file.parent}")


@pytest.mark.parametrize("settings", [{"size": 0}, {"size": 10**9}, {"min_count": 0}])
def test_impossible_vocabularies(file, settings, cached):
    (key,) = settings
    with pytest.raises(ValueError, match=f"{key}={settings[key]} is not allowed"):
        open_corpus(str(file), **settings)
    assert not list(cached.glob("*"))


def test_the_lock_lies_where_the_cache_does_and_goes(file, cached, monkeypatch):
    seen, made = [], corpus_cache._save
    monkeypatch.setattr(corpus_cache, "_save", lambda *entry: (seen.extend(cached.glob("*.lock")), made(*entry)))
    open_corpus(str(file))
    assert len(seen) >= 1
    assert not list(cached.glob("*.lock"))


def test_a_cache_that_cannot_be_written(file, monkeypatch):
    monkeypatch.setenv("SEQBENCH_CACHE", str(file))
    with pytest.raises(ValueError, match="set SEQBENCH_CACHE to a folder"):
        open_corpus(str(file))


# the cache


def contents(found):
    return found.vocabulary, [
        (part.ids.tolist(), part.characters) for part in (found.train, found.validation, found.test)
    ]


def test_a_corpus_is_encoded_once(file, monkeypatch, cached):
    first = open_corpus(str(file))
    moved = file.rename(file.with_name("renamed.txt"))
    monkeypatch.setattr(corpus, "tokenise", None)
    again = open_corpus(str(moved))
    assert contents(again) == contents(first)
    assert again.fingerprint == first.fingerprint
    assert isinstance(again.train.ids, np.memmap)
    assert not again.train.ids.flags.writeable
    assert [Path(name).suffix for name in files_in(cached)] == [".ids", ".json"]


def test_other_settings_are_another_entry(file):
    assert len(open_corpus(str(file), size=1).vocabulary) == 3
    assert len(open_corpus(str(file), size=2).vocabulary) == 4
    assert open_corpus(str(file), level="character").fingerprint != open_corpus(str(file)).fingerprint


DAMAGES = {
    "cut": lambda content: content[:-1],
    "emptied": lambda content: b"",
    "one bit": lambda content: content[:7] + bytes([content[7] ^ 1]) + content[8:],
    "longer": lambda content: content + b"\0\0",
    "garbage": lambda content: os.urandom(len(content)),
    "deep": lambda content: b"[" * 100_000,
    "in order, but of another": lambda content: foreign(b'{"key": "another", "ids": "x"}'),
}


def foreign(content):
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("suffix", ["ids", "json"])
def test_a_damaged_entry_is_made_again(file, cached, suffix, damage):
    whole = contents(open_corpus(str(file)))
    (entry,) = cached.glob(f"*.{suffix}")
    before = entry.read_bytes()
    entry.write_bytes(damage(before))
    assert contents(open_corpus(str(file))) == whole
    assert entry.read_bytes() == before


@pytest.mark.parametrize("suffix", ["ids", "json"])
def test_half_an_entry_is_none(file, cached, suffix):
    whole = contents(open_corpus(str(file)))
    next(cached.glob(f"*.{suffix}")).unlink()
    assert contents(open_corpus(str(file))) == whole


@pytest.mark.parametrize("content", [TEN + "more", TEN.replace("cc", "dd"), "aa aa"])
def test_a_text_that_changes_while_it_is_read(file, cached, monkeypatch, content):
    text = read(str(file))
    monkeypatch.setattr(corpus, "read", lambda path, chunk: text)
    file.write_text(content)
    with pytest.raises(ValueError, match="changed while it was read; try again"):
        open_corpus(str(file))
    assert files_in(cached) == []


def test_processes_may_ask_at_once(tmp_path, cached):
    (tmp_path / "a").write_text("some words of a text that goes on. " * 5000)
    program = (
        "import sys; from seqbench.language import corpus; made = []; build = corpus._encoding;"
        "corpus._encoding = lambda *given: made.append(1) or build(*given);"
        "found = corpus.open_corpus(sys.argv[1]); print(len(made), found.train.ids.astype(int).sum(), len(found))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(seqbench.__file__).parents[1])}
    command = [sys.executable, "-c", program, str(tmp_path / "a")]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate()[0].split() for process in started]
    assert sum(int(made) for made, *_ in answers) == 1
    assert len({tuple(rest) for _, *rest in answers}) == 1
    assert answers[0][2] == str(9 * 5000)
    assert len(files_in(cached)) == 2


def test_reading_does_not_hold_the_text(tmp_path):
    (tmp_path / "a").write_text("abc " * 1000)
    assert max(map(len, read(str(tmp_path / "a"), 64).stream(64))) == 64
    assert reading.CHUNK == 2**20
