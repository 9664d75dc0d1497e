"""One run of MLflow's while it is written."""

import time
from typing import TYPE_CHECKING

from seqbench.record.attached import attach
from seqbench.record.open_run import Parcel

if TYPE_CHECKING:
    from mlflow import MlflowClient


class StoredRun:
    """It is made, takes what is sent, and ends."""

    def __init__(self, client: "MlflowClient", uri: str, experiment_id: str, name: str, tags: dict[str, str]) -> None:
        self.client, self.uri, self.of = client, uri, (experiment_id, name, tags)
        self.id = self.artifact_uri = ""
        self.began = int(time.time() * 1000)

    def create(self) -> None:
        """It is RUNNING from now on."""
        experiment_id, name, tags = self.of
        info = self.client.create_run(experiment_id, start_time=self.began, run_name=name, tags=tags).info
        self.id, self.artifact_uri = info.run_id, info.artifact_uri

    def send(self, parcel: Parcel) -> None:
        """Files first: what a tag says of them holds. A point's time is derived from its step, so that sending it
        again stores nothing new."""
        from mlflow.entities import Metric, Param, RunTag

        if parcel.files:
            attach(parcel.files, self.artifact_uri, self.uri)
        metrics = [Metric(name, value, self.began + step, step) for name, step, value in parcel.points]
        params = [Param(key, value) for key, value in parcel.params.items()]
        tags = [RunTag(key, value) for key, value in parcel.tags.items()]
        self.client.log_batch(self.id, metrics, params, tags)

    def end(self, status: str) -> None:
        """It has this status from now on: "FINISHED", "FAILED" or "KILLED"."""
        self.client.set_terminated(self.id, status)
