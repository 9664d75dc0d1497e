"""A text of 100 MB: processor time and peak memory of opening it first, and of finding it in the cache.

Then the n-gram models that a network has to beat, counted from the same text.

python benchmarks/corpus.py               # makes the text in a temporary folder; tables in Markdown
python benchmarks/corpus.py open FILE     # one opening, in this process, as JSON
python benchmarks/corpus.py count FILE    # the n-gram models of the default vocabulary, in this process, as JSON
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from seqbench.language.corpus import open_corpus
from seqbench.language.counting import ngram_losses

MEGABYTES, WORDS, LINE = 100, 200_000, 12


def write_text(file: Path, distinct: bool) -> None:
    """Lines of words whose frequencies fall as their rank (Zipf), or of words that never recur, the worst case."""
    rng = np.random.default_rng(0)
    lexicon = np.array(["".join(rng.choice(list("etaoinshrdlu"), rng.integers(1, 10))) for _ in range(WORDS)])
    shares = 1 / np.arange(1, WORDS + 1)
    written = 0
    with file.open("w", encoding="utf-8") as text:
        while file.stat().st_size < MEGABYTES * 10**6:
            size = 1200 * LINE
            words = lexicon[rng.choice(WORDS, size, p=shares / shares.sum())].tolist()
            if distinct:
                words = [format(written + i, "x") for i in range(size)]
            written += size
            lines = (" ".join(words[i : i + LINE]) for i in range(0, size, LINE))
            text.write(".\n".join(lines) + ".\n\n")


def opening(file: str) -> dict[str, float]:
    """One opening; what the imports take is in the memory, not in the time."""
    began = time.process_time()
    found = open_corpus(file, min_count=1)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "words": len(found)}


def counting(file: str) -> dict[str, float]:
    """Unigrams and trigrams of a text that has been opened before, in a process that has torch, as a run has."""
    from seqbench.tasks.text import Text

    how = Text.__init__.__kwdefaults__
    corpus = open_corpus(file, size=how["vocabulary"], min_count=how["min_count"])
    began = time.process_time()
    ngram_losses(corpus.fingerprint, file, "word", how["vocabulary"], how["min_count"])
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "words": len(corpus)}


def main() -> None:
    """Each opening in a process of its own."""
    print("| text | step | processor, s | MB/s | peak memory, MB | words |\n|---|---|---|---|---|---|")
    for text in ("natural frequencies", "no word twice"):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "text.txt"
            write_text(file, distinct=text == "no word twice")
            for turn, what in (("first", "open"), ("next", "open"), ("n-grams", "count")):
                command = [sys.executable, __file__, what, str(file)]
                environment = {**os.environ, "SEQBENCH_CACHE": scratch}
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
                found = json.loads(done.stdout)
                rate = file.stat().st_size / 1e6 / found["seconds"]
                figures = f"{found['seconds']:.2f} | {rate:.0f} | {found['peak']:.0f} | {found['words']:,}"
                print(f"| {text} | {turn} | {figures} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] in (["open"], ["count"]):
        print(json.dumps((opening if sys.argv[1] == "open" else counting)(sys.argv[2])))
    else:
        main()
