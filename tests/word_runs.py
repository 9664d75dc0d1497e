"""A record of runs over words, for the tests of what such models predict."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from builders import component, load_core, make_spec
from recording import STARTED, UNSOLVED, plan_of, put_database, record
from recording import recorded as runs_of
from safetensors.torch import load
from torch import nn

from seqbench.events import Finished, Saved
from seqbench.models.base import SequenceModel
from seqbench.tasks.text import Text
from seqbench.training.fit import fit

STORY = "The cat sees [the] dog.\n\nThe dog sees the cat, and the cat sleeps.\n\nA bird sings!\n\n" * 20
SHORT = {"max_steps": 30, "validate_every": 10, "variant_sequences": 5}
AGREEMENT = make_spec(component("task", "agreement", gap=3, embedding=8), seed=1, **SHORT)
NOT_SAVED = make_spec(component("task", "agreement", gap=3, embedding=8), seed=2)
COPY = make_spec("copy", seed=3)
OF_COPY = [STARTED, Saved(3, b"the parameters"), UNSOLVED]


def spec_of_text(path, seed, level="word"):
    knobs = {"path": path, "level": level, "vocabulary": 12, "min_count": 1, "bptt": 5, "embedding": 8}
    task = replace(component("task", "text", **knobs), data=Text.data(path=path))
    return make_spec(task, seed=seed, **SHORT)


@dataclass(frozen=True)
class Made:
    """A folder with a record, and what each run told while it was made."""

    folder: Path
    specs: dict
    told: dict

    def model(self, name):
        """As the run left it, without the record; the core alone decides."""
        (*_, saved) = (event for event in self.told[name] if isinstance(event, Saved))
        parameters = load(saved.content)
        words, width = parameters["encoder.weight"].shape
        encoder = nn.Embedding(words, width)
        model = SequenceModel(load_core("lstm", width, hidden_size=8), words, encoder)
        model.load_state_dict(parameters)
        return model.eval()

    def perplexity(self, name):
        (finished,) = (event for event in self.told[name] if isinstance(event, Finished))
        return finished.test["perplexity"]


def make(folder):
    """Runs over words, trained for 30 steps; the text that two of them read is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setenv("SEQBENCH_CACHE", str(folder / "cache"))
        text = folder / "story.txt"
        text.write_text(STORY)
        words, characters = spec_of_text(str(text), 4), spec_of_text(str(text), 5, "character")
        specs = {"agreement": AGREEMENT, "words": words, "characters": characters}
        told = {name: list(fit(spec)) for name, spec in specs.items()}
        specs |= {"not saved": NOT_SAVED, "copy": COPY}
        told |= {"not saved": [STARTED, UNSOLVED], "copy": OF_COPY}
        put_database(folder)
        record(plan_of(*specs.values()), [(spec, told[name]) for name, spec in specs.items()])
        text.unlink()
        for file in (folder / "cache").rglob("*"):
            if file.is_file():
                file.unlink()
    return Made(folder, specs, told)


def one_pass(model, ids):
    """Log-probabilities after each word, all read at once from the initial state."""
    inputs = torch.tensor([ids])
    with torch.no_grad():
        return model(inputs, torch.ones_like(inputs, dtype=torch.bool)).double().log_softmax(-1).numpy()


def run_id(name):
    (found,) = (run for run in runs_of() if run.run_name == name)
    return found.run_id
