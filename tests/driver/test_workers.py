"""A word where more workers are asked for than there are cores for them."""

import pytest
from recording import MLFLOW_WARNINGS

from seqbench.driver import sweep
from seqbench.planning.make_plan import make_plan

pytestmark = MLFLOW_WARNINGS


@pytest.mark.parametrize(
    ("workers", "told"), [(3, "3 workers will share 2 cores, and not be faster for it\n"), (2, ""), (1, "")]
)
def test_more_workers_than_cores_are_told(monkeypatch, capsys, workers, told):
    monkeypatch.setattr(sweep, "cores", lambda: 2)
    assert sweep._executor(make_plan(f"executor.workers={workers}")).workers == workers
    assert capsys.readouterr().out == told
