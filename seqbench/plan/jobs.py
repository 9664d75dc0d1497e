"""What one command asks for: runs as jobs, claims about some of them, and how to carry them out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seqbench.config import Component, Options, Scalar
from seqbench.plan.spec import RunSpec

#: What a control may be expected to come to: to hold is to solve every multiple of its gap that it is tested at, and to
#: die is to solve its gap and not twice its gap.
VERDICTS = ("solves", "fails", "refused", "holds", "dies")


@dataclass(frozen=True)
class Control:
    """A claim about an arm that lacks something: what its runs must come to if the benchmark is sound.

    `expected` is one of `VERDICTS`. Of what is refused there are no runs; `refusal` is the reason that
    was given, None if it was accepted after all.
    """

    requirement: str
    control: str
    expected: str
    fingerprints: tuple[str, ...] = ()
    refusal: str | None = None


@dataclass(frozen=True)
class Job:
    """A run as it is handed out: with the command that repeats it alone, and the id of its search, if it has one.

    `tuning` is the id of the tuning of its cell, if the learning rate is tuned. A run with a tuning and no search is
    one that the rate is chosen by. `apart` has the settings that tell it from runs of its plan with the same name.
    """

    run: RunSpec
    command: str
    search: str = ""
    tuning: str = ""
    apart: str = ""

    @property
    def name(self) -> str:
        """How a person tells it from all others of the plan: "s3 hidden_size=32 lstm gap=20 copy"."""
        return self.run.named(self.apart)

    @property
    def is_foreign(self) -> bool:
        """Whether a class from outside of seqbench takes part."""
        return bool(self.run.task.source or self.run.model.source)


#: A task and an arm at any gap: what a gap and a seed give is a run of them, at the learning rate of the plan or at
#: that which follows. Raises ConfigError where there can be no such run.
Cell = Callable[..., Job]


@dataclass(frozen=True)
class Plan:
    """What one command asks for: jobs, and how to carry them out.

    A plan with `horizon`, the settings of a search, has cells instead of jobs: each is searched for its horizon. With
    `tuning`, the settings of one, each is searched at a learning rate of its own, too.
    `config_dir` is the user's own folder, and `question` what its experiment asks. `found` says of each model what was
    found when it was tried. `on_trust` has a run for each model and task that were not tried with one another for this
    plan, because they took each other before: to be tried before anything is run.
    """

    options: Options
    executor: Component
    jobs: tuple[Job, ...]
    controls: tuple[Control, ...] = ()
    horizon: Mapping[str, Scalar] = field(default_factory=dict)
    tuning: Mapping[str, Scalar] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    config_dir: Path | None = None
    question: str = ""
    found: Mapping[str, str] = field(default_factory=dict)
    on_trust: tuple[RunSpec, ...] = ()

    @property
    def runs(self) -> tuple[RunSpec, ...]:
        """Those of the jobs, in their order."""
        return tuple(job.run for job in self.jobs)
