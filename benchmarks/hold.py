"""What testing beyond the gap costs: processor time of it in each cell of an experiment, beside that of the whole run.

python benchmarks/hold.py                                # gap_sweep, one seed
python benchmarks/hold.py +experiment=controls seed=0    # any other

On average over the runs it may cost 10 %. On one thread; runs are carried out one after the other.
"""

import sys
import time

from seqbench.events import Finished
from seqbench.planning.make_plan import make_plan
from seqbench.training import examination, proposing
from seqbench.training.fit import fit
from seqbench.training.holding import Held, held

DEFAULT = ["+experiment=gap_sweep", "seed=0"]
MOST_SHARE = 0.1


class Clock:
    """In place of `held`: the same, and the time that it took."""

    spent = 0.0

    def __call__(self, *arguments: object) -> Held:
        began = time.process_time()
        answer = held(*arguments)  # type: ignore[arg-type]
        self.spent += time.process_time() - began
        return answer


def main() -> None:
    """A row per run, as it ends, and what the tests cost on average."""
    clock = Clock()
    examination.held = proposing.holding.held = clock  # type: ignore[assignment]
    whole, shares = 0.0, []
    print("| run | outcome | holds | tested to | whole run, s | beyond its gap, s | share |")
    print("|---|---|---|---|---|---|---|")
    for run in make_plan(*(sys.argv[1:] or DEFAULT)).runs:
        began, clock.spent = time.process_time(), 0.0
        *_, last = fit(run)
        took = time.process_time() - began
        assert isinstance(last, Finished)
        hold = (last.hold.multiple, last.hold.tested) if last.hold else ("", "")
        shares.append(clock.spent / took)
        whole += took
        told = f"{took:.2f} | {clock.spent:.2f} | {shares[-1]:.1%}"
        print(f"| {run.run_name} | {last.outcome} | {hold[0]} | {hold[1]} | {told} |", flush=True)
    mean = sum(shares) / len(shares)
    print(f"\n{len(shares)} runs, {whole:.0f} s; beyond the gap {mean:.1%} of a run on average: ", end="")
    print("within" if mean <= MOST_SHARE else "above", f"{MOST_SHARE:.0%}")


if __name__ == "__main__":
    main()
