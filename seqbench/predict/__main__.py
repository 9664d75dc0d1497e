"""Ask a trained model for the next word.

    python -m seqbench.predict "the keys near the old cabinet" [--top N]
    python -m seqbench.predict "the keys near the old cabinet" --complete [N] [--temperature T] [--top-k K] [--seed S]
    python -m seqbench.predict --interactive [--complete [N]]
    python -m seqbench.predict --surprise FILE

The model is that of the finished next-word run with the lowest test perplexity; runs that solved their task come before
all others. To choose another:

run=ID           the id of a run in the record, the beginning of one, or the name of a run
experiment=NAME  the best run of this experiment, or the named one
--config-dir     the folder of the classes of your own, as when the run was trained

What it does:

--top N          show the N most probable next words, 10 by default
--complete N     continue until the sentence ends, by N words at most (50 by default; at level "character", characters)
--temperature T  1 by default; lower values favour probable words, 0 always takes the most probable one
--top-k K        choose among the K most probable words
--seed S         the seed of the draw, 0 by default
--interactive    read a sentence from each line of standard input, until it ends
--surprise FILE  show the surprisal of each word of a text in bits; FILE as in task.path

A prompt that contains a "=" is not mistaken for a setting if it begins with a space. Exit code 2 if there is nothing to
predict with, or nothing to read; 3 if the record cannot be reached.
"""

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from seqbench.config.importing import quickly
from seqbench.terminal import exit_code, in_a_line, own_folder, setting

if TYPE_CHECKING:
    from seqbench.record.saved import LanguageModel

KEYS = ("run", "experiment")
#: Words of a continuation, unless a number is typed.
MOST = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is nothing to predict with or to read, 3 if the record cannot be reached, 130."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or {"-h", "--help"} & set(words):
        print(__doc__.strip())
        return 0
    return exit_code(lambda: _answer(_options(words)), ValueError, LookupError)


def _answer(options: argparse.Namespace) -> None:
    text = None
    if options.surprise is not None:
        from seqbench.language.reading import read

        text = read(options.surprise)
    with quickly():
        from seqbench.predict.sentence import surprise, words_in
        from seqbench.predict.show import show_run, show_surprise
        from seqbench.record.saved import load_language_model

    language = load_language_model(options.run, options.experiment)
    show_run(language)
    if text is not None:
        show_surprise(language, surprise(language, words_in(language, text.stream())))
    elif options.interactive:
        for sentence in _typed():
            try:
                _predict(language, sentence, options)
            except ValueError as error:
                print(in_a_line(error), file=sys.stderr)
            sys.stdout.flush()  # a pipe waits for its answer too
    else:
        _predict(language, options.prompt, options)
    sys.stdout.flush()


def _predict(language: "LanguageModel", sentence: str, options: argparse.Namespace) -> None:
    from seqbench.predict.sentence import Sampling, complete, next_words, prompt
    from seqbench.predict.show import show_next, show_text, show_unknown

    given = prompt(language, sentence)
    show_unknown(language, given)
    if options.complete is None:
        show_next(language, next_words(language, given.ids), options.top)
        return
    how = Sampling(options.temperature, options.top_k, options.seed)
    show_text(language, given, list(complete(language, given.ids, options.complete, how)))


def _typed() -> Iterator[str]:
    """The lines of standard input that are not empty."""
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "")
        except EOFError:
            return
        if line.strip():
            yield line


# -- what was typed ----------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message.removeprefix("argument "))


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--top", type=_number(int, 1), default=10)
    parser.add_argument("--complete", nargs="?", const=str(MOST))
    parser.add_argument("--temperature", type=_number(float, 0), default=1.0)
    parser.add_argument("--top-k", type=_number(int, 1))
    parser.add_argument("--seed", type=_number(int, 0), default=0)
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--surprise", metavar="FILE")
    options = parser.parse_intermixed_args(own_folder(words)[1])
    _take_number(options)
    _take_settings(options)
    _check_together(options)
    return options


def _number(kind: type[int] | type[float], least: int) -> Callable[[str], int | float]:
    def read(text: str) -> int | float:
        """What argparse calls with the text that was typed."""
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            told = f"a {'whole ' if kind is int else ''}number from {least} upwards"
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; it should be {told}")
        return value

    return read


def _take_number(options: argparse.Namespace) -> None:
    """What follows --complete is a number of words or, since that may be left out, the prompt."""
    if options.complete is None:
        return
    if not re.fullmatch(r"[+-]?[\d.]+", options.complete):
        options.words.insert(0, options.complete)
        options.complete = str(MOST)
    try:
        options.complete = _number(int, 1)(options.complete)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"--complete: {error}") from error


def _take_settings(options: argparse.Namespace) -> None:
    """Those of the words that set something; the others are the prompt."""
    options.run = options.experiment = None
    prompt = []
    for word in options.words:
        key, sign, _ = word.partition("=")
        if sign and key.isidentifier():
            setattr(options, *setting(word, KEYS))
        else:
            prompt.append(word)
    options.prompt = " ".join(prompt)


def _check_together(options: argparse.Namespace) -> None:
    ways = {"--surprise": options.surprise is not None, "--interactive": options.interactive}
    ways |= {"a prompt": bool(options.prompt.strip())}
    asked = [way for way, wanted in ways.items() if wanted]
    if len(asked) > 1:
        raise ValueError(f"{' and '.join(asked)} cannot go together")
    if not asked:
        raise ValueError("the prompt is empty; type the beginning of a sentence, in quotation marks")
    if options.surprise is not None and options.complete is not None:
        raise ValueError("--surprise and --complete cannot go together")


if __name__ == "__main__":
    sys.exit(main())
