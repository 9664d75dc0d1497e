"""What this process may use of the machine: as few cores and as little memory as any limit leaves it.

Limits are those of the container (Linux control groups, of both versions), of the scheduler and of the process.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path


def cores(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> int:
    """Whole cores, one at least: those of the process, SLURM_CPUS_PER_TASK, and the quota of each control group."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits: list[float] = [own, *_quotas(root)]
    with suppress(KeyError, ValueError):
        limits.append(int(environment["SLURM_CPUS_PER_TASK"]))
    return max(1, int(min(limits)))


def memory(root: Path = Path("/")) -> int | None:
    """Bytes: those of the machine, or of the control group with the fewest; None where nobody tells."""
    limits = list(_memories(root))
    with suppress(AttributeError, OSError, ValueError):
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def _quotas(root: Path) -> Iterator[float]:
    for group in _groups(root, "cpu"):
        with suppress(OSError, ValueError):  # "max" of the second version, -1 of the first: no limit
            quota, period = map(int, (group / "cpu.max").read_text().split())
            yield quota / period
        with suppress(OSError, ValueError):
            quota, period = (int((group / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period"))
            if quota > 0:
                yield quota / period


def _memories(root: Path) -> Iterator[int]:
    for group in _groups(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                yield int((group / name).read_text())


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the control groups of this process, each with those around it, whose limits hold for it, too."""
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            mounted = root / "sys/fs/cgroup" / controllers
            inner = Path(*[part for part in Path(path).parts if part not in ("/", "..")])
            yield from (mounted / folder for folder in (inner, *inner.parents))
