"""The family of a model, as `--help` reads it without an import."""

from pathlib import Path

import pytest
from builders import class_of, options

from seqbench.config import config_dir
from seqbench.models import families
from seqbench.planning.family import family_of


@pytest.mark.parametrize("arm", options("model"))
def test_what_is_read_from_the_code_is_what_the_class_says(arm: str) -> None:
    told = family_of(config_dir() / "model" / f"{arm}.yaml")
    assert told == class_of("model", arm).family
    assert told in families.FAMILIES


def test_a_class_from_outside_is_ones_own_and_is_not_imported(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for target in ("mine.Cell", "seqbench.models.gone.Cell", "seqbench.models.gru.Gone", ""):
        file.write_text(f"# a cell\n_target_: {target} # not there\n")
        assert family_of(file) == families.OWN
