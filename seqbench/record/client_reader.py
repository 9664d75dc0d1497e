"""Any store of MLflow's, read through its client."""

from typing import TYPE_CHECKING, Any

from seqbench.record import names
from seqbench.record.reading import Experiment, Points, Reader, Recorded

if TYPE_CHECKING:
    from mlflow import MlflowClient

PAGE = 250
"""Runs of one answer: a busy server has some seconds for it."""


class ClientReader(Reader):
    """A request for each page of runs and for each curve."""

    def __init__(self, client: "MlflowClient") -> None:
        self.client = client

    def experiments(self) -> list[Experiment]:
        return [_experiment(found) for found in self.client.search_experiments()]

    def experiment(self, name: str) -> Experiment | None:
        found = self.client.get_experiment_by_name(name)
        return None if found is None else _experiment(found)

    def newest(self) -> Experiment | None:
        """By one run."""
        active = {found.id: found for found in self.experiments()}
        ours, order = f"tags.`{names.FINGERPRINT}` LIKE '%'", ["attributes.start_time DESC"]
        runs = self.client.search_runs([*active], ours, max_results=1, order_by=order)
        return active[runs[0].info.experiment_id] if runs else None

    def runs(self, experiment_id: str, deleted: bool = False) -> list[Recorded]:
        """Page by page."""
        which = 3 if deleted else 1  # ViewType.ALL, ViewType.ACTIVE_ONLY
        runs: list[Any] = []
        token, order = None, ["attributes.start_time ASC"]
        while True:
            page = self.client.search_runs([experiment_id], "", which, PAGE, order, token)
            runs += page
            token = page.token
            if not token:
                return [_recorded(run) for run in runs]

    def run(self, run_id: str) -> Recorded | None:
        from mlflow.exceptions import MlflowException

        try:
            return _recorded(self.client.get_run(run_id))
        except MlflowException:
            return None

    def points(self, run: Recorded) -> Points:
        points = [point for key in run.metrics for point in self.client.get_metric_history(run.run_id, key)]
        return [(p.key, p.step, p.value) for p in sorted(points, key=lambda p: (p.key, p.step, p.timestamp, p.value))]


def _experiment(found: Any) -> Experiment:
    return Experiment(found.experiment_id, found.name, found.lifecycle_stage == "active", found.tags)


def _recorded(run: Any) -> Recorded:
    info, data = run.info, run.data
    active = info.lifecycle_stage == "active"
    of_info = (info.run_id, info.run_name, info.status, active, info.artifact_uri)
    return Recorded(*of_info, dict(data.params), dict(data.metrics), dict(data.tags))
