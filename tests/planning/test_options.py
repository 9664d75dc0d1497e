"""Hydra's own options: taken if they mean something here, and refused with the way that works."""

import pytest

from seqbench.config import ConfigError
from seqbench.planning.hydra_inside import command_line
from seqbench.planning.mistyped import require_words
from seqbench.planning.options import REFUSED, TAKEN, refused, settings_first


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("--experimental-rerun=f", "--experimental-rerun: is not taken; the same command goes on where it stopped"),
        ("--experimental", "--experimental: is not taken; the same command goes on where it stopped"),
        ("--config-d", "--config-d: write it out: --config-dir"),
        ("--config-d=x", "--config-d: write it out: --config-dir"),
        ("--mult", "--mult: write it out: --multirun"),
        ("--config-name", "--config-name: is not taken; --config-dir FOLDER adds files of your own"),
        ("-cp", "-cp: is not taken; --config-dir FOLDER adds files of your own"),
        ("--hydra-help", "--hydra-help: is not taken; --help lists what can be typed"),
        ("--confg-dir", "--confg-dir: there is no such option; did you mean '--config-dir'?"),
        ("-5", "-5: there is no such option; choose from"),
    ],
)
def test_an_option_that_is_not_taken_is_refused_with_the_way_that_works(word, told):
    (fault,) = refused([word])
    assert str(fault).startswith(told)


def test_what_is_taken_passes_with_its_value_and_so_do_settings():
    assert refused([*TAKEN, "--config-dir=x", "--cfg=job", "task.gap=-1", "~seed"]) == []


def test_every_option_that_hydra_has_is_taken_or_refused():
    from hydra._internal.utils import get_args_parser

    known = {option for action in get_args_parser()._actions for option in action.option_strings}
    assert known == {*TAKEN, *REFUSED}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("task.gap=10 --config-dir study model=mgu", "task.gap=10 model=mgu --config-dir study"),
        ("task.gap=10 -m model=mgu -cd=study seed=1", "task.gap=10 model=mgu seed=1 -m -cd=study"),
        ("--info model=mgu", "model=mgu --info"),
        ("--info plugins model=mgu --cfg job lstm", "model=mgu lstm --info plugins --cfg job"),
    ],
)
def test_options_may_stand_between_settings(typed, read):
    assert settings_first(typed.split()) == read.split()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cfg", "foo"], "invalid choice: 'foo'"),
        (["--cfg"], "expected one argument"),
        (["--resolve"], "--resolve: goes with --cfg job"),
        (["--cfg", "job", "-m"], "exclude one another"),
    ],
)
def test_options_that_contradict_each_other_are_one_line(monkeypatch, words, told):
    monkeypatch.setattr("sys.argv", ["seqbench", *words])
    with pytest.raises(ConfigError, match=told):
        command_line()


@pytest.mark.parametrize(
    ("given", "config_dir", "told"),
    [
        ((5,), None, "make_plan takes words as one types them, and 5 is none; such as"),
        ((["a"],), None, r"and \['a'\] is none; write make_plan\(\*words\)"),
        (("seed=1", None), None, "and None is none"),
        ((b"seed=1",), None, "and b'seed=1' is none"),
        ((), 5, "config_dir names a folder, and 5 does not"),
    ],
)
def test_what_is_no_command_line_is_a_type_error(given, config_dir, told):
    with pytest.raises(TypeError, match=told):
        require_words(given, config_dir)
