"""Jobs, keys, the ledger of what is made, and the pool that makes it. Knows nothing of scholarship.

A job is a step (a function that a worker imports by name) and a view (a small frozen record). It is known by the hash
of the program's own code, the view and every file that the step opened or looked for. A job whose key stands in the
ledger, with its artifacts untouched on disk, does not run: its result and its findings are taken from the ledger.

Order of writing, so that a kill at any moment leaves no lie: bytes into the store (atomic), artifacts into place
(atomic), then the ledger's row (one transaction).
"""

from __future__ import annotations

from proceedings.build.builder import Builder, Event, Outcome
from proceedings.build.jobs import Job, Milestone, Record, Result, Step, Workshop, code_digest
from proceedings.build.ledger import Row, diagnostic_from
from proceedings.build.pool import work
from proceedings.build.store import FileStore, digest_of, file_hash, list_files, write_atomically

__all__ = [
    "Builder", "Event", "FileStore", "Job", "Milestone", "Outcome", "Record", "Result", "Row", "Step", "Workshop",
    "code_digest", "diagnostic_from", "digest_of", "file_hash", "list_files", "work", "write_atomically",
]  # fmt: skip
