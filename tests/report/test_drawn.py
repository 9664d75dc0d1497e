"""Figures become images in several processes: the same ones, whatever happens to a process."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from scripted import is_reaped

from reports import small
from seqbench.analysis.findings import findings
from seqbench.record.values import no_slots
from seqbench.report import drawn, forks, render
from seqbench.report.figures.draw import draw
from seqbench.report.figures.plot import Plot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one process renders all figures")


def plots() -> list[Plot]:
    """Drawn anew: rendering a figure lays it out."""
    record = small(gaps=(10,), seeds=[0])
    return draw(findings(replace(record, lags=record.lags.iloc[:0], slots=no_slots())))[0]


@contextmanager
def another_thread() -> Iterator[None]:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def test_several_processes_give_what_one_gives() -> None:
    one, three = drawn.rendered(plots(), processes=1), drawn.rendered(plots(), processes=3)
    assert len(one.images) >= 3
    assert three.images == one.images


def test_what_a_process_does_not_come_to_is_rendered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, pdf, here = drawn.rendered(plots(), processes=1), render.pdf, os.getpid()
    monkeypatch.setattr(render, "pdf", lambda figure: pdf(figure) if os.getpid() == here else os._exit(9))
    assert drawn.rendered(plots(), processes=2).images == whole.images


def test_a_figure_that_cannot_be_rendered_says_so_as_with_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    last = plots()[-1].name

    def fails(figure: object, name: str) -> str:
        if name == last:
            raise ValueError("no such font")
        return "<svg/>"

    monkeypatch.setattr(render, "svg", fails)
    with pytest.raises(ValueError, match="no such font"):
        drawn.rendered(plots(), processes=2)


def test_what_nobody_looks_at_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "svg", lambda *_: signal.pause())
    with drawn.Rendering(2) as images:
        images.begin(plots()[0])
        (fork,) = images._begun.values()
        process = fork.process
    assert process
    assert is_reaped(process)


def test_no_process_is_forked_beside_other_threads() -> None:
    with another_thread():
        assert forks.cores() == 1
