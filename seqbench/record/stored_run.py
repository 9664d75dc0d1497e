"""One run of MLflow's while it is written."""

import time

from seqbench.record.attached import attach
from seqbench.record.open_experiment import OpenExperiment
from seqbench.record.open_run import Parcel


class StoredRun:
    """It is made, takes what is sent, and ends."""

    def __init__(self, experiment: OpenExperiment, name: str, tags: dict[str, str]) -> None:
        self.client, self.uri = experiment.client, experiment.uri
        self.id = self.artifact_uri = ""
        self.began = int(time.time() * 1000)
        self._made_of = experiment.id, self.began, tags, name

    def create(self) -> None:
        """It is RUNNING from now on."""
        info = self.client.create_run(*self._made_of).info
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
