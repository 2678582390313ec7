"""What is asked of a run and what it tells; and a run remembered, so that an unchanged volume is told without work.

A run is told again where the request, the program, what the program finds on this machine, every file that was opened
or looked for, and every file that was made are what they were. That takes a look at each file's size and time, and no
job, record or tree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from proceedings import installation
from proceedings.build import Builder, Outcome, code_digest, diagnostic_from, digest_of, list_files
from proceedings.diagnostics import Diagnostic

if TYPE_CHECKING:
    from proceedings.contents import Plan
    from proceedings.edition import Edition
    from proceedings.reader import Manuscript


@dataclass(frozen=True)
class Request:
    """What is asked of a run. Empty `only` and `to` mean everything."""

    root: Path
    out: Path
    only: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    jobs: int = 0
    full_verify: bool = False
    publish: bool = True  # False: read, check and prepare only
    proof: bool = False  # authors' proofs instead of what is published
    extras: bool = False  # also the outputs that are made on request only
    found: tuple[Diagnostic, ...] = ()  # what the proofs are to show
    records: bool = False  # the report has to hold plan, edition and manuscripts, even where nothing has changed


@dataclass
class Report:
    """What a run found and made."""

    root: Path
    findings: list[Diagnostic] = field(default_factory=list)
    plan: Plan | None = None
    edition: Edition | None = None
    manuscripts: dict[str, Manuscript] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    artifacts: list[str] = field(default_factory=list)
    main: list[str] = field(default_factory=list)  # those that one opens first
    missing: dict[str, str] = field(default_factory=dict)  # slug of what was left out → why
    checked: dict[str, int] = field(default_factory=dict)  # validator → files it saw
    unchecked: list[Diagnostic] = field(default_factory=list)  # what no validator saw, and why (O003)
    inputs: dict[str, str | None] = field(default_factory=dict)  # files and folders that the plan was made of


def recalled(request: Request, builder: Builder) -> Report | None:
    """The report of the last run with this request, if it would be the same now."""
    text = None if request.records else builder.ledger.note(_name(request))
    if text is None:
        return None
    note = json.loads(text)
    if note["surroundings"] != _surroundings(builder) or not _untouched(note, builder):
        return None
    return Report(
        request.root,
        findings=[diagnostic_from(item) for item in note["findings"]],
        outcome=Outcome(kept=note["kept"], failed=note["failed"], skipped=note["skipped"]),
        artifacts=sorted(note["artifacts"]),
        main=note["main"],
        missing=note["missing"],
        checked=note["checked"],
        unchecked=[diagnostic_from(item) for item in note["unchecked"]],
    )


def _untouched(note: Mapping[str, dict[str, str]], builder: Builder) -> bool:
    if builder.changed_input(note["inputs"]):
        return False
    made = note["artifacts"].items()
    return all(builder.ledger.file_digest(f"{builder.out}/{path}") == digest for path, digest in made)


def remember(request: Request, report: Report, builder: Builder) -> None:
    """Keep a finished report, unless a job failed for a reason that may have passed the next time."""
    outcome = report.outcome
    if outcome.unsure or report.plan is None:
        return
    note = {
        "surroundings": _surroundings(builder),
        "inputs": outcome.inputs | report.inputs,
        "artifacts": dict(outcome.artifacts()),
        "main": report.main,
        "kept": [*outcome.kept, *outcome.made],
        "failed": outcome.failed,
        "skipped": outcome.skipped,
        "missing": report.missing,
        "checked": report.checked,
        "findings": [asdict(item) for item in report.findings],
        "unchecked": [asdict(item) for item in report.unchecked],
    }
    if outcome.made:
        builder.ledger.remove_notes()  # they were of files that are no more
    builder.ledger.put_note(_name(request), json.dumps(note, ensure_ascii=False))


def _name(request: Request) -> str:
    asked = (
        str(request.root),
        request.only,
        request.to,
        request.full_verify,
        request.publish,
        request.proof,
        request.extras,
    )
    return json.dumps(asked, ensure_ascii=False)


def _surroundings(builder: Builder) -> str:
    """What a run depends on besides the volume: the program, this machine, and verdicts that were given since."""
    verdicts = list_files(builder.store.folder / "verdicts")
    return digest_of([code_digest(), installation.fingerprint(), verdicts])
