"""What an executor tells, run by run."""

from dataclasses import replace

from seqbench.events import Event, Failed, Finished
from seqbench.plan import RunSpec

Story = list[tuple[RunSpec, Event]]


def told(event: Event) -> str:
    """An event to the bit, NaN equal to itself, without its wall-clock time and the lines of a traceback."""
    if isinstance(event, Finished):
        event = replace(event, seconds=0.0, milliseconds_per_step=None)
    return repr(replace(event, traceback="") if isinstance(event, Failed) else event)


def of(run: RunSpec, story: Story) -> list[str]:
    return [told(event) for teller, event in story if teller == run]
