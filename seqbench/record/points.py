"""All points of a run as one Parquet file of it: whoever reads a record asks for one object a run."""

from collections.abc import Iterable, Iterator

from seqbench.record import names
from seqbench.record.at_once import in_order
from seqbench.record.attached import content_of
from seqbench.record.reading import Points, Reader, Recorded
from seqbench.record.thinning import Point


def content(points: Iterable[Point]) -> bytes:
    """A row for each point, in the order of `Points`; one that was told twice stands there once, as in MLflow."""
    import pyarrow as pa
    from pyarrow import parquet

    metrics, steps, values = zip(*sorted(set(points)), strict=True)
    columns = {"metric": pa.array(metrics, pa.string()), "step": pa.array(steps, pa.int64()), "value": pa.array(values)}
    file = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns), file, compression="zstd", write_statistics=False)
    written: bytes = file.getvalue().to_pybytes()
    return written


def read(written: bytes) -> Points:
    """What was written."""
    import pyarrow as pa
    from pyarrow import parquet

    table = parquet.ParquetFile(pa.BufferReader(written)).read(use_threads=False)
    return list(zip(*(table[name].to_pylist() for name in ("metric", "step", "value")), strict=True))


def of_each(runs: Iterable[Recorded], reader: Reader, uri: str, thinned: set[str]) -> Iterator[Points]:
    """The points of each run. Where the file of all is gone or broken, MLflow's are left; with fewer it is `thinned`.

    Runs that tell of no file are from before, or were killed: MLflow has what there is.
    """

    def points(run: Recorded) -> Points:
        if names.POINTS not in run.tags:
            return reader.points(run)
        try:
            return read(content_of(run, names.POINTS_FILE, uri))
        except (FileNotFoundError, ValueError):  # Arrow says the latter of a file that is cut off, or empty
            left = reader.points(run)
            if len(set(left)) < int(run.tags[names.POINTS]):
                thinned.add(run.run_id)
            return left

    return in_order(points, runs, uri)
