"""What a command costs: time and memory of every process that it starts, by the kernel's own accounts (Linux)."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: orphans of a command, such as its pool of workers, become our children


@dataclass(frozen=True)
class Cost:
    """Seconds, and megabytes of the largest process: the command's own and of those that it starts."""

    wall: float
    cpu: float
    parent: float
    worker: float

    @property
    def memory(self) -> float:
        return max(self.parent, self.worker)


def cost(command: Sequence[str], log: Path, statuses: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end and the end of all that it started; what it prints goes to `log`.

    Raises RuntimeError where it ends with none of `statuses`.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {log.read_text()[-2000:]}")
    others = [*_orphans()]
    cpu = sum(item.ru_utime + item.ru_stime for item in (used, *others))
    largest = max((item.ru_maxrss for item in others), default=0)
    return Cost(wall, cpu, used.ru_maxrss / 1024, largest / 1024)


def _orphans() -> Iterator[resource.struct_rusage]:
    """What each process used that outlived the command, with its own children, as it ends."""
    while True:
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return
