"""Hydra's door to seqbench: a sweep becomes a plan. Hydra accepts plugins from this namespace only."""

from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from seqbench.config.importing import quickly


class SeqbenchSweeper(Sweeper):
    """Hands the axes, those of the experiment file and those typed, to `seqbench.driver.sweep`.

    Everything heavy is imported when a sweep starts: Hydra loads all plugins for every command, `--help` too.
    """

    def __init__(self, params: dict[str, str] | None = None) -> None:
        self.params = params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.loader = hydra_context.config_loader
        self.typed_for_hydra = list(config.hydra.overrides.hydra)

    def sweep(self, arguments: list[str]) -> Any:
        """Ends the process with the exit code of the sweep."""
        with quickly():
            from seqbench.planning.make_plan import plan_with

        plan = plan_with(self.loader, [*self.typed_for_hydra, *arguments])
        from seqbench.driver.sweep import sweep  # not before there is a plan

        raise SystemExit(sweep(plan))


ConfigStore.instance().store(
    group="hydra/sweeper",
    name="seqbench",
    node={"_target_": "hydra_plugins.seqbench_sweeper.SeqbenchSweeper", "params": None},
    provider="seqbench",
)
