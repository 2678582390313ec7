"""Worker processes: how they are begun, what bounds they keep to, and how one step is run in them."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import import_module
from pathlib import Path

from proceedings.build.jobs import Record, Result, Step, Workshop
from proceedings.build.store import FileStore
from proceedings.diagnostics import Failure

CPU_SECONDS = 600  # of one job
MEMORY_BYTES = 4 * 1024**3  # of one worker
_YOUNG = 50_000  # objects after which garbage is looked for: a syntax tree has that many, and no cycles


def begin(preload: Sequence[str]) -> None:
    """Start, without waiting for it, the process from which workers are forked: it imports while this one plans."""
    from multiprocessing import forkserver, get_context

    get_context("forkserver").set_forkserver_preload(list(preload))
    forkserver.ensure_running()


def processes(workers: int, preload: Sequence[str]) -> Executor:
    """A pool of workers that are forked from a process which has imported `preload`."""
    from multiprocessing import get_context

    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return ProcessPoolExecutor(workers, mp_context=context, initializer=prepare_worker)


def prepare_worker() -> None:
    """Prepare a worker: memory bounded, and an end when the program ends, however it ends."""
    import resource
    from multiprocessing import parent_process
    from threading import Thread

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 5)
    program = parent_process()

    def end_with_the_program() -> None:
        if program is not None:
            program.join()
            os._exit(1)

    Thread(target=end_with_the_program, daemon=True).start()


def work(step: str, view: Record, root: str, store: str) -> tuple[Result | str, Workshop]:
    """Run one step in this process: its result, or the traceback of a bug; and what it has opened. CPU time is bounded;
    past the bound the kernel ends the process."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    before = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, before[1]))
    module, function = step.split(":")
    shop = Workshop(Path(root), FileStore(Path(store)))
    try:
        call: Step = getattr(import_module(module), function)
        result: Result | str = call(view, shop)
    except Failure:
        raise
    except Exception:  # a bug must not stop the other contributions; it is told as one
        import traceback

        result = traceback.format_exc()
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)  # who calls this may have other work to do
    return result, shop
