"""The order in which jobs are begun."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from graphlib import TopologicalSorter

from proceedings.build.jobs import Job, Milestone


class Agenda:
    """Jobs in an order in which everything has ended that they wait for; of those that could begin, the one before
    which the longest way lies is the next. graphlib.CycleError where they wait for each other."""

    def __init__(self, jobs: Iterable[Job | Milestone]) -> None:
        self.jobs = {job.name: job for job in jobs}
        self.total = sum(isinstance(job, Job) for job in self.jobs.values())
        waits = {job.name: [*job.needs, *job.after] for job in self.jobs.values()}
        self._way = self._ways(waits)
        self._sorter = TopologicalSorter(waits)
        self._sorter.prepare()
        self._ready: list[tuple[int, str]] = []

    def _ways(self, waits: dict[str, list[str]]) -> dict[str, int]:
        """For each job the weight of the longest chain of jobs that begins with it."""
        order = [*TopologicalSorter(waits).static_order()]
        ways: dict[str, int] = {}
        for name in reversed(order):
            ways[name] = ways.get(name, 0) + (self.jobs[name].weight if name in self.jobs else 0)
            for before in waits.get(name, ()):
                ways[before] = max(ways.get(before, 0), ways[name])
        return ways

    def __bool__(self) -> bool:
        """Whether jobs are left that have not ended."""
        return self._sorter.is_active()

    def next(self) -> Job | Milestone | None:
        """The next one to begin; None where all that is left waits for others."""
        for name in self._sorter.get_ready():
            heapq.heappush(self._ready, (-self._way[name], name))
        return self.jobs[heapq.heappop(self._ready)[1]] if self._ready else None

    def ended(self, name: str) -> None:
        self._sorter.done(name)
