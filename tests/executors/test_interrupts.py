"""Signals are noted wherever they come, end what can be left, and end a command in any case."""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from multiprocessing import Pipe
from pathlib import Path

import pytest
from signalled import as_a_command, as_from_a_shell

import seqbench
from seqbench.executors import children, interrupts

ROOT = Path(seqbench.__file__).parents[1]


@pytest.fixture(autouse=True)
def from_a_shell():
    with as_from_a_shell():
        yield


class Dropped:
    """Something that a callback waits for."""


def noting(work):
    """Carry this out where signals are only noted; it has to end as interrupted."""
    with pytest.raises(KeyboardInterrupt), interrupts.only_noted():
        work()


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_a_signal_within_a_callback_is_noted_and_raises_at_the_end(number):
    told = []

    def drop():
        thing = Dropped()
        watch = weakref.ref(thing, lambda _: signal.raise_signal(number))
        del thing
        gc.collect()
        told.append(watch())  # an exception out of the handler would have been lost

    noting(drop)
    assert told == [None]


def test_a_script_is_itself_again_after_a_signal():
    before = [signal.getsignal(number) for number in interrupts.SIGNALS]
    noting(lambda: signal.raise_signal(signal.SIGTERM))
    assert [signal.getsignal(number) for number in interrupts.SIGNALS] == before
    interrupts.check()
    with interrupts.only_noted():
        pass


def test_what_becomes_of_a_signal_on_its_way_is_no_other_error():
    def fail():
        signal.raise_signal(signal.SIGINT)
        raise OSError("which a database makes of it")

    noting(fail)


def test_around_what_may_take_long_a_signal_raises_at_once():
    told = []

    def import_something():
        with interrupts.raised():
            signal.raise_signal(signal.SIGINT)
            told.append("it went on")

    noting(import_something)
    assert told == []


def test_who_waits_is_woken():
    here, there = Pipe()
    began = time.monotonic()
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGHUP))
    timer.start()
    with pytest.raises(KeyboardInterrupt), interrupts.only_noted():
        interrupts.wait([here], 60)
    assert time.monotonic() - began < 30
    timer.join()
    assert interrupts.wait([here], 0.01) == []
    there.send(1)
    assert interrupts.wait([here], 60) == [here]
    here.close()
    there.close()


def test_a_second_signal_means_at_once():
    told = []

    def signal_twice():
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)
            told.append(interrupts.at_once())

    noting(signal_twice)
    assert told == [False, True]


def test_a_hangup_that_nohup_ignores_stays_ignored(monkeypatch):
    with as_a_command(monkeypatch):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        interrupts.catch()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_handler_that_a_library_has_put_beneath_pythons_gives_way():
    told, ignored = [], 1  # SIG_IGN
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    ctypes.CDLL(None).signal(int(signal.SIGTERM), ctypes.c_void_p(ignored))
    signal.raise_signal(signal.SIGTERM)
    assert told == []
    interrupts.renew()
    signal.raise_signal(signal.SIGTERM)
    assert told == [signal.SIGTERM]


def test_no_timer_of_a_command_that_is_over_ends_the_process(monkeypatch):
    ended = []
    monkeypatch.setattr(interrupts, "_end", lambda: ended.append("by a timer"))
    with as_a_command(monkeypatch, patience=0.05):
        interrupts.catch()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interrupts.catch()
        time.sleep(0.2)
    assert ended == []


# -- commands ------------------------------------------------------------------------------------------------


def ended(program, *signals):
    """Code, standard error and seconds of a command that says when it is ready, and is then sent these signals."""
    begin = "import os, sys, time; from seqbench.executors import interrupts\n"
    begin += "interrupts.PATIENCE = 0.5; interrupts.catch()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", begin + program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number in signals:
        process.send_signal(number)
        time.sleep(0.05)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


LINE = f"{interrupts.LAST_WORDS}\n"
READY = "print('ready', flush=True)\n"
SWALLOWED = f"""
try:
    {READY}    time.sleep(60)
except BaseException:
    pass
time.sleep(60)
"""
NOTED = f"with interrupts.only_noted():\n    {READY}    time.sleep(60); time.sleep(60)\n"
SAID = f"interrupts.settle(130, [interrupts.LAST_WORDS]); {READY}time.sleep(60)"


@pytest.mark.parametrize(
    ("program", "signals"),
    [
        (SWALLOWED, [signal.SIGTERM]),
        (SWALLOWED, [signal.SIGHUP, signal.SIGINT]),
        (NOTED, [signal.SIGINT, signal.SIGTERM]),
        (NOTED, [signal.SIGINT] * 12),
        (SAID, [signal.SIGINT] * 3),
        (f"interrupts.catch_at_once(interrupts.LAST_WORDS); {READY}time.sleep(60)", [signal.SIGTERM]),
    ],
    ids=["swallowed", "twice", "noted twice", "noted 12 times", "after the last line", "before anything"],
)
def test_a_command_ends_with_130_and_one_line(program, signals):
    assert ended(program, *signals) == (130, LINE)


@pytest.mark.parametrize("end", [interrupts._end, interrupts._leave], ids=["at once", "in order"])
def test_what_a_command_has_started_ends_with_it_however_it_ends(end, monkeypatch):
    told = []
    monkeypatch.setattr(interrupts, "_companions", [])
    monkeypatch.setattr(interrupts, "_settled", [130])
    monkeypatch.setattr(interrupts, "_ending", threading.Lock())
    monkeypatch.setattr(children, "stop_server", lambda: told.append("the server"))
    monkeypatch.setattr(os, "_exit", told.append)
    children.start_server()
    end()
    assert told == ["the server", 130]


def test_a_signal_after_the_end_changes_neither_code_nor_words():
    assert ended(f"interrupts.settle(1, []); {READY}time.sleep(60)", signal.SIGINT) == (1, "")


def test_beyond_what_is_registered_for_the_end_python_does_nothing_that_a_signal_could_meet():
    late = "class Late:\n    def __del__(self): os.write(2, b'too late')\nlate = Late()\n"
    end = "import atexit; atexit.register(os.write, 2, b'done'); interrupts.settle(1, []); sys.exit(1)"
    assert ended(f"interrupts.catch_at_once('')\n{late}{READY}{end}") == (1, "done")
