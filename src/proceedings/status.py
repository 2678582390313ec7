"""What is told of a volume that is read but not made: the table of its contributions, and what they cite."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from proceedings.build import Builder, FileStore
from proceedings.diagnostics import Location
from proceedings.runs import Report, Request


def contributions(report: Report, request: Request) -> list[dict[str, Any]]:
    """One row for each contribution of the plan, for the table of `proceedings status`."""
    found = []
    pages = _known_pages(request)
    for planned in report.plan.planned if report.plan else ():
        manuscript = report.manuscripts.get(planned.slug)
        inside = planned.path if planned.folder == "papers" else planned.folder + "/"
        mine = [item for item in report.findings if item.location.path.startswith(inside)]
        counts = Counter(item.severity.label for item in mine)
        item = manuscript.contribution if manuscript else None
        prepared = report.edition.prepared.get(planned.slug) if report.edition else None
        found.append(
            {
                "slug": planned.slug,
                "kind": item.kind.value if item else "?",
                "state": _state(item) if item else "unreadable",
                "words": prepared.counts.words if prepared else 0,
                "pages": pages.get(planned.slug, ""),
                "findings": ", ".join(_counted(count, label) for label, count in sorted(counts.items())) or "none",
                "how-to-cite": prepared.how_to_cite if prepared else "",
                "how-to-cite-by-citeproc-py": prepared.how_to_cite_otherwise if prepared else "",
                "missing": [item.lacks for item in mine if item.lacks],
            }
        )
    return found


def _counted(count: int, label: str) -> str:
    return f"{count} {label}" if count == 1 else f"{count} {label}s"


def _state(item: Any) -> str:
    if item.status:
        return str(item.status.value)
    return "accepted" if item.accepted else "submitted"


def _known_pages(request: Request) -> dict[str, str]:
    """Page ranges of the last build."""
    with Builder(request.root, request.out) as builder:
        found = {}
        for row in builder.ledger.rows("stamp"):
            pages = json.loads(row.view).get("pages") if row.value else None
            if pages:
                first, last = pages["first"], pages["last"]
                found[row.name.removeprefix("stamp/")] = first if first == last else f"{first}–{last}"
    return found


def cited_identifiers(report: Report, request: Request) -> dict[str, Location]:
    """The DOIs, arXiv and ISBN keys that the contributions cite (`[@doi:10…]`), each with its first place."""
    from proceedings.citations import cited_keys
    from proceedings.references_lock import identifier

    store = FileStore(request.out / ".cache" / "store")
    found: dict[str, Location] = {}
    for planned in report.plan.planned if report.plan else ():
        made = report.manuscripts.get(planned.slug)
        for key in cited_keys(json.loads(store.get(made.tree))) if made else ():
            if identifier(key):
                found.setdefault(key, Location(planned.path, token=f"@{key}"))
    return found
