"""Runs over words, recorded once for all the tests of predictions."""

import pytest
import word_runs
from word_runs import AGREEMENT

from seqbench.record.saved import load_language_model


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    return word_runs.make(tmp_path_factory.mktemp("record"))


@pytest.fixture
def record_folder(made, monkeypatch):
    """The record stands in the working folder."""
    monkeypatch.chdir(made.folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return made.folder


@pytest.fixture
def agreement(record_folder):
    return load_language_model(AGREEMENT.run_name)


@pytest.fixture
def words(record_folder):
    return load_language_model("s4 lstm text")


@pytest.fixture
def characters(record_folder):
    return load_language_model("s5 lstm text")
