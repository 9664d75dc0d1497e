"""What may be used of a machine: the least that any limit leaves, in files as Linux writes them."""

from pathlib import Path

import pytest

from seqbench.config import resources


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 cores, all of which the process may use."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)), raising=False)


def machine(root: Path, groups: str, **files: str) -> Path:
    """The files of a machine; in the names of `files`, "__" stands for "/"."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("-", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("50000 100000", 1), ("150000 100000", 1), ("200000 100000", 2), ("350000 100000", 3), ("max 100000", 16)],
)
def test_the_quota_of_the_second_version_leaves_whole_cores_and_one_at_least(tmp_path: Path, quota: str, cores: int):
    root = machine(tmp_path, "0::/\n", **{"cpu-max": quota})
    assert resources.cores(root, {}) == cores


def test_the_quota_of_a_group_around_the_own_one_holds_too(tmp_path: Path) -> None:
    root = machine(tmp_path, "0::/a/b\n", **{"a__b__cpu-max": "800000 100000", "a__cpu-max": "300000 100000"})
    assert resources.cores(root, {}) == 3


@pytest.mark.parametrize(("quota", "cores"), [("50000", 1), ("400000", 4), ("-1", 16)])
def test_the_quota_of_the_first_version(tmp_path: Path, quota: str, cores: int) -> None:
    files = {"cpu,cpuacct__cpu-cfs_quota_us": quota, "cpu,cpuacct__cpu-cfs_period_us": "100000"}
    root = machine(tmp_path, "4:memory:/x\n3:cpu,cpuacct:/docker/outside\n", **files)
    assert resources.cores(root, {}) == cores


def test_slurm_and_the_process_limit_it_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = machine(tmp_path, "0::/\n", **{"cpu-max": "800000 100000"})
    assert resources.cores(root, {"SLURM_CPUS_PER_TASK": "5"}) == 5
    assert resources.cores(root, {"SLURM_CPUS_PER_TASK": "many"}) == 8
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {1, 3})
    assert resources.cores(root, {"SLURM_CPUS_PER_TASK": "5"}) == 2


def test_where_no_file_tells_all_cores_of_the_process_are_used(tmp_path: Path) -> None:
    assert resources.cores(tmp_path, {}) == 16


def test_the_memory_of_both_versions_and_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert resources.memory(tmp_path / "nothing") == 4_096_000
    assert resources.memory(machine(tmp_path / "2", "0::/a\n", **{"a__memory-max": "1000000\n"})) == 1_000_000
    first = machine(tmp_path / "1", "4:memory:/a\n", **{"memory__memory-limit_in_bytes": "2000000"})
    assert resources.memory(first) == 2_000_000
    without = machine(tmp_path / "none", "0::/\n", **{"memory-max": "max"})
    assert resources.memory(without) == 4_096_000
