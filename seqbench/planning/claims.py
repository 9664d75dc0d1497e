"""The claims that an experiment file states under `controls`."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, ListConfig

from seqbench.config import Fault, shown
from seqbench.plan import VERDICTS

#: All that a claim says, and must say.
NEEDED = ("axes", "control", "expected", "requirement")


def claims_of(config: DictConfig, faults: list[Fault]) -> list[Mapping[str, Any]]:
    """Those that say all that they must; a fault for each of the others."""
    claims = config.controls or []
    if not isinstance(claims, list | ListConfig):
        faults.append(Fault("controls", f"{shown(claims)} is not allowed; it should be a list of claims"))
        return []
    told = f"it should have {', '.join(NEEDED)}, and expect {', '.join(VERDICTS)}; its axes are a group of settings"
    faults += [Fault(f"controls[{i}]", told) for i, claim in enumerate(claims) if not _is_whole(claim)]
    return [claim for claim in claims if _is_whole(claim)]


def _is_whole(claim: Any) -> bool:
    named = isinstance(claim, DictConfig) and sorted(map(str, claim)) == [*NEEDED]
    return named and claim["expected"] in VERDICTS and isinstance(claim["axes"], DictConfig)
