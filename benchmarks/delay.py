"""Recording through a tracking server at a distance, and the report of what was recorded.

python benchmarks/delay.py SERVER [RUNS] [--delay SECONDS] [--curve-points POINTS]

SERVER is a server of this machine that may be written to (`make server`). Runs are made up (benchmarks/records.py), of
an experiment with a name of its own. It tells runs a second, requests and connections a run, and what the report takes.
"""

import argparse
import os
import tempfile
import time
from contextlib import chdir

import records
from proxy import Proxy


def main() -> None:
    """Record, then report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("runs", nargs="?", type=int, default=400)
    parser.add_argument("--delay", type=float, default=0.05, help="what a round trip takes longer, in seconds")
    parser.add_argument("--curve-points", type=int, default=100, help="of a curve in MLflow's charts")
    options = parser.parse_args()
    name = f"delay_{int(time.time())}"
    with tempfile.TemporaryDirectory() as folder, chdir(folder), Proxy(options.server, options.delay) as proxy:
        os.environ["MLFLOW_TRACKING_URI"] = proxy.uri
        runs, seconds, cpu = records.written(options.runs, f"name={name}", f"curve_points={options.curve_points}")
        print(f"{runs} runs: {runs / seconds:.1f} a second, {1000 * cpu / runs:.0f} ms of the driver's processor each")
        print(f"a run: {proxy.connections / runs:.2f} connections and {proxy.requests.total() / runs:.2f} requests:")
        for request, number in proxy.requests.most_common():
            print(f"{number / runs:8.2f}  {request}")
        proxy.requests.clear()
        records.measured("report", "-m", "seqbench.report", name)
        print(f"{proxy.requests.total()} requests")


if __name__ == "__main__":
    main()
