"""A record to teach from, made once: its runs are short, and their outcomes are made up."""

from dataclasses import replace

import pytest
import recording
from builders import component, make_spec
from together import once

from seqbench.analysis.findings import findings
from seqbench.events import Event, Finished
from seqbench.lesson import write_lesson
from seqbench.lesson.material import Material
from seqbench.plan import RunSpec
from seqbench.record import results
from seqbench.training.fit import fit

COPY = [make_spec("copy", arm, gap=gap, validate_every=2) for arm in ("rnn", "lstm") for gap in (2, 4)]
COPY += [make_spec("copy", "rnn", gap=2, validate_every=2, seed=1)]  # a third run that failed
SENTENCE = make_spec(component("task", "agreement", gap=3, embedding=8), "lstm", seed=1, variant_sequences=5)
LABELS = {2: "memoryless", 4: "partial"}
"""Of runs that failed, by their gap."""


def story(spec: RunSpec) -> list[Event]:
    """As it was trained, but that LSTMs have solved their task."""
    *events, last = fit(spec)
    assert isinstance(last, Finished)
    if spec.model.name == "lstm":
        return [*events, replace(last, outcome="solved", label="solved", seconds=1.0)]
    label = LABELS[int(str(spec.task.settings["gap"]))]
    return [*events, replace(last, outcome="unsolved", label=label, evidence="as was made up", seconds=1.0)]


@pytest.fixture(scope="session")
def record_of_lesson(tmp_path_factory):
    def make(folder):
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.delenv("MLFLOW_TRACKING_URI", raising=False)
            recording.put_database(folder)
            specs = [*COPY, SENTENCE]
            recording.record(recording.plan_of(*specs), [(spec, story(spec)) for spec in specs])
            write_lesson(_material(), folder / "lesson")

    return once(tmp_path_factory, "record_of_lesson", make)


@pytest.fixture
def material(record_of_lesson, monkeypatch):
    """What the lesson is made of; the record stands in the working folder."""
    monkeypatch.chdir(record_of_lesson)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return _material()


@pytest.fixture
def written(record_of_lesson):
    """The folder of its lesson; to be read only."""
    return record_of_lesson / "lesson"


def _material() -> Material:
    return Material(findings(results.load(recording.EXPERIMENT)))
