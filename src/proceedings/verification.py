"""The last stage: outputs shown to the official validators and held against the sources, and findings traced back.

A validator speaks of a line of an output; `traced` finds the author's file, and from the ids of the output
(`slug--fig-map`) what the author wrote there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from proceedings.agreement import Chapter, Known, Whole
from proceedings.build import Builder, Workshop, code_digest, diagnostic_from, digest_of
from proceedings.contents import Plan
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import attributes, has_attr, identifier, text, walk
from proceedings.edition import Edition, PageRange, Prepared, Store

COMPARISON = "comparison with the sources"
_COMPARED = (".xml", ".pdf", ".epub", ".html", ".json", ".bib", ".ris")


@dataclass
class Verified:
    """What was found, who has seen how many files, and what nobody has seen (O003)."""

    findings: list[Diagnostic] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    unchecked: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # names of the verdicts in the store that this took or gave

    def take(self, told: Iterable[Diagnostic]) -> None:
        for item in told:
            (self.unchecked if item.code == "O003" else self.findings).append(item)


def is_format(path: str) -> bool:
    """Whether a file is an output of its own, and not a picture or style sheet that belongs to one."""
    return path.endswith((".xml", ".pdf", ".epub"))


# --- in a build --------------------------------------------------------------------------------------------------


def of_build(builder: Builder, artifacts: Sequence[tuple[str, str]], *, full: bool) -> Verified:
    """Show artifacts (path and digest) to the official validators; verdicts are remembered by content. Their errors are
    told; their warnings, which ask for what is desirable, only by `verify`."""
    from proceedings import validators
    from proceedings.validators.verdicts import Verdicts

    remembered = Verdicts(builder.store)
    key = digest_of([artifacts, full, code_digest(), validators.located()])
    told = remembered.get(key)
    if told is None:
        paths = [builder.out / path for path, _ in artifacts if is_format(path)]
        verdicts = validators.validate(paths, full=full, cache=remembered)
        found = [item for item in validators.findings(verdicts, builder.root) if item.code != "O002"]
        told = {
            "checked": {name: len(seen) for name, seen in verdicts.checked.items()},
            "findings": [asdict(item) for item in _all_traced(found, builder)],
            "used": sorted(remembered.used),
        }
        if not any(item.code == "O003" for item in found):  # a gap may close when `verify` has filled it
            remembered.put(key, told)
    verified = Verified(checked=told["checked"], used=remembered.used | {*told["used"]})
    verified.take(diagnostic_from(item) for item in told["findings"])
    return verified


# --- files that are already there --------------------------------------------------------------------------------


def of_files(paths: Sequence[Path], root: Path, builder: Builder | None) -> Verified:
    """Show files to every validator that is here, and, where it is known of which volume they are, compare them with
    its sources. A file of the volume's build must also be as it was made."""
    from proceedings import validators
    from proceedings.validators.verdicts import Verdicts

    verified = Verified()
    if builder is None:
        verdicts = validators.validate(paths, full=True)
        verified.take(validators.findings(verdicts, root))
        if any(path.suffix in _COMPARED for path in paths):
            verified.unchecked.append(_uncompared(paths[0]))
    else:
        _compare(paths, builder, verified)
        verdicts = validators.validate(paths, full=True, cache=Verdicts(builder.store))
        verified.take(_all_traced(validators.findings(verdicts, root), builder))
    verified.checked = {name: len(seen) for name, seen in verdicts.checked.items()} | verified.checked
    verified.findings.sort(key=lambda item: item.sort_key)
    return verified


def _uncompared(path: Path) -> Diagnostic:
    message = "nothing was compared with its sources: it is not known of which volume these files are"
    return finding("O003", message, Location(str(path)), "name the volume's folder with --root")


def _compare(paths: Sequence[Path], builder: Builder, verified: Verified) -> None:
    """Compare files with what was made and with the sources; what was found goes to `verified`."""
    from proceedings import agreement

    verified.findings += changed(paths, builder)
    whole = whole_of(builder)
    if whole is None:
        return
    wanted = [path for path in paths if path.suffix in _COMPARED]
    found, seen = agreement.compare_copies(wanted, whole, Workshop(builder.root, builder.store))
    verified.findings += found
    if seen:
        verified.checked[COMPARISON] = len(seen)


def sources(builder: Builder) -> list[Path]:
    """What of the sources validators know: volume.yaml, the contributions, and the volume's citation styles."""
    read = builder.ledger.get("volume")
    planned = Plan.restored(read.value).planned if read is not None and read.value is not None else ()
    papers = [builder.root / item.path for item in planned]
    return [builder.root / "volume.yaml", *papers, *sorted((builder.root / "styles").glob("*.csl"))]


def made(builder: Builder) -> list[Path]:
    """The outputs that the ledger knows of, whether they are there or not; proofs and printers' files are none."""
    paths = (path for path in builder.ledger.artifacts() if not path.startswith(("proof/", "print/")))
    return sorted(builder.out / path for path in paths)


def changed(paths: Iterable[Path], builder: Builder) -> list[Diagnostic]:
    """Those files of a build that are not as they were made."""
    rows = builder.ledger.artifacts()
    found = []
    for path in paths:
        if not path.is_relative_to(builder.out):
            continue
        name = path.relative_to(builder.out).as_posix()
        digest = builder.ledger.file_digest(path)
        if name in rows and digest != rows[name]:
            what = "is not as it was made" if digest else "is not there"
            found.append(
                finding("O206", f"{name} {what}", Location(str(path)), "Run `proceedings build` to make it again.")
            )
    return found


def strays(builder: Builder) -> list[Diagnostic]:
    """Files in the folders of the outputs that nobody made, of this volume as it is: readers would find them. What
    lies beside these folders (a host's own files) and what was moved to stale/ is nobody's concern."""
    rows = builder.ledger.artifacts()
    found = []
    for folder in sorted({path.partition("/")[0] for path in rows if "/" in path}):
        for path in sorted((builder.out / folder).rglob("*")):
            name = path.relative_to(builder.out).as_posix()
            if path.is_file() and name not in rows and not any(part.startswith(".") for part in path.parts[-2:]):
                hint = "Delete it, or run `proceedings clean` and build again."
                found.append(finding("O207", f"{name} is no file of this volume", Location(str(path)), hint))
    return found


# --- what a build knows ------------------------------------------------------------------------------------------


def whole_of(builder: Builder) -> Whole | None:
    """The model of the last build, from its ledger; None where there was none."""
    ledger = builder.ledger
    read = ledger.get("volume")
    if read is None or read.value is None:
        return None
    plan = Plan.restored(read.value)
    stamps = {row.name.removeprefix("stamp/"): json.loads(row.view) for row in ledger.rows("stamp")}
    chapters = []
    for planned in plan.planned:
        row = ledger.get(f"prepare/{planned.slug}")
        if row is not None and row.value is not None:
            compared = ledger.get(f"agree/{planned.slug}")  # what was known when pages were counted but not printed
            known = json.loads(compared.view)["known"] if compared else {}
            pages = (stamps.get(planned.slug) or known).get("pages")
            chapters.append(
                Chapter(
                    prepared=Prepared.restored(row.value),
                    pages=PageRange(**pages) if pages else None,
                    section=known.get("section", ""),
                    path=planned.path,
                )
            )
    found = {chapter.prepared.contribution.slug for chapter in chapters}
    return Whole(
        volume=Edition(plan.volume).imprint(),
        chapters=tuple(chapters),
        sections=tuple(dict.fromkeys(part.title for part, one in plan.volume.entries() if part and one.paper in found)),
        page_count=sum(len(stamp["folios"]) + len(stamp.get("blanks", ())) for stamp in stamps.values()),
    )


# --- back to the author's file -----------------------------------------------------------------------------------


def _all_traced(found: Iterable[Diagnostic], builder: Builder) -> list[Diagnostic]:
    rows = list(found)
    if not any(item.code in ("O001", "O002") for item in rows):
        return rows
    whole = whole_of(builder)
    known = whole.known() if whole else {}
    return [traced(item, known, builder.root, builder.store) for item in rows]


def traced(item: Diagnostic, known: Mapping[str, Known], root: Path, store: Store) -> Diagnostic:
    """A validator's finding at an output of one contribution, told at the author's file; others as they are."""
    if item.code not in ("O001", "O002"):
        return item
    place = item.location
    part = re.match(r".*? says: (?:EPUB/)?([\w./-]+?)\.xhtml(?::\d+)?", item.message)
    slug = Path(part[1]).name if part else _slug(place.path)
    if slug not in known:
        return item
    token = ""
    if place.path.endswith(".xml") and place.line:
        token = _tokens(store.get(known[slug].prepared.tree)).get(_id_above(root / place.path, place.line), "")
    where = Location(known[slug].path, token=token) if token else Location(known[slug].path, 1, 1, near=True)
    return replace(item, location=where, message=f"{place}: {item.message}")


def _slug(path: str) -> str:
    return Path(path).parent.name if path.endswith("/index.html") else Path(path).stem


def _id_above(path: Path, line: int) -> str:
    """The last id of an XML file at or before a line."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:line]
    found = re.findall(r'\bid="([^"]+)"', lines[-1]) if lines else []
    if found:
        return str(found[0])
    above = re.findall(r'\bid="([^"]+)"', "\n".join(lines))
    return str(above[-1]) if above else ""


@lru_cache(maxsize=4)
def _tokens(tree: bytes) -> dict[str, str]:
    """Id of an element of a tree → what the author wrote there: a label, or the first words."""
    document: dict[str, Any] = json.loads(tree)
    found: dict[str, str] = {}
    for node in walk(document["blocks"]):
        if has_attr(node) and identifier(node):
            key = attributes(node).get("key", "")
            found[identifier(node)] = key or " ".join(text(node["c"]).split()[:4])
    return found
