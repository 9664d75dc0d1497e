"""What it costs to follow the gradient: a probe as a share of training, and the whole spectrum of a Jacobian.

python benchmarks/flow.py                # all cases, two tables in Markdown; one thread
python benchmarks/flow.py --quick        # the same with a shorter stretch of training, to see that it works

The probe is that of the default cadence: twice a run, before and after `training.max_steps` steps. Training is timed
with validation at its default cadence and scaled to the whole budget, which a run that solves its task does not use up.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch

from seqbench.gradients.jacobian import log_norm_by_directions, log_singular_values
from seqbench.models.base import Core
from seqbench.models.gru import GRU
from seqbench.models.lstm import LSTM
from seqbench.models.rnn import RNN
from seqbench.planning.make_plan import make_plan
from seqbench.training.fit import Run, build
from seqbench.training.numerics import stated

ARMS, GAPS = ("rnn", "gru", "lstm"), (10, 100)
PROBES_PER_RUN = 2
CORES: dict[str, type[Core]] = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
HIDDEN, STEPS = 64, 200
REPEATS = 3


def seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median, after one call that warms up."""
    action()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def probe_share(arm: str, gap: int, steps: int) -> tuple[float, float, float]:
    """Seconds of one probe and of training over the whole budget, and the share of all probes in both together."""
    spec = make_plan("task=adding", f"task.gap={gap}", f"model={arm}").runs[0]
    run = Run(spec, *build(spec))
    probe = seconds(lambda: list(run.probe("init")))
    events, began = run.train(), time.perf_counter()
    while run.step < steps:
        next(events)
    training = (time.perf_counter() - began) * spec.training.max_steps / run.step
    return probe, training, PROBES_PER_RUN * probe / (training + PROBES_PER_RUN * probe)


def jacobian(arm: str) -> tuple[float, float]:
    """Seconds of the spectrum at every lag of one sequence, and of sixteen random directions."""
    torch.manual_seed(0)
    core, inputs = CORES[arm](2, hidden_size=HIDDEN).double(), torch.randn(1, STEPS, 2, dtype=torch.double)
    return seconds(lambda: log_singular_values(core, inputs)), seconds(lambda: log_norm_by_directions(core, inputs))


@stated(0)
def main() -> None:
    """Both tables."""
    steps = 60 if "--quick" in sys.argv[1:] else 500
    print("| arm | gap | one probe, s | training, s | share of probes |\n|---|---|---|---|---|")
    for arm in ARMS:
        for gap in GAPS:
            probe, training, share = probe_share(arm, gap, steps)
            print(f"| {arm} | {gap} | {probe:.2f} | {training:.1f} | {share:.1%} |", flush=True)
    print(f"\nH = {HIDDEN}, T = {STEPS}, one sequence, every lag\n")
    print("| arm | spectrum, s | 16 directions, s |\n|---|---|---|")
    for arm in ARMS:
        spectrum, directions = jacobian(arm)
        print(f"| {arm} | {spectrum:.2f} | {directions:.2f} |", flush=True)


if __name__ == "__main__":
    main()
