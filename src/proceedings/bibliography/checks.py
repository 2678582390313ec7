"""What an editor should know about a library and its use: each check is one function that gives findings."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from proceedings.bibliography import Entry, Item
from proceedings.diagnostics import Diagnostic, finding

# What a reader needs to find a work, by CSL type: alternatives are separated by |. Source: BibLaTeX manual § 2.1
# ("required fields") in the variables of CSL.
_NEEDED: dict[str, tuple[str, ...]] = {
    "article-journal": ("author|editor", "title", "container-title", "issued"),
    "article-magazine": ("title", "container-title", "issued"),
    "article-newspaper": ("title", "container-title", "issued"),
    "book": ("author|editor|translator", "title", "issued", "publisher|URL|DOI|ISBN"),
    "chapter": ("author|editor", "title", "container-title", "issued"),
    "paper-conference": ("author", "title", "container-title|event-title|event", "issued"),
    "report": ("author|publisher", "title", "issued", "publisher|URL|DOI"),
    "thesis": ("author", "title", "publisher", "issued"),
    "dataset": ("author|publisher", "title", "issued", "publisher|URL|DOI"),
    "software": ("author|publisher", "title", "URL|DOI|publisher"),
    "patent": ("author", "title", "number", "issued"),
    "webpage": ("title", "URL"),
    "legal_case": ("title", "issued"),
    "document": ("title",),
}


MANY = 100  # uncited works of a paper's own libraries: its author has put all that he or she has beside it


def checked(
    entries: Sequence[Entry], cited: Iterable[str], *, own: Collection[str] = (), locked: Collection[str] = ()
) -> list[Diagnostic]:
    """Every finding about the references of a paper: those that it cites, and all of its `own` (keys), cited or not.

    `cited` are the keys that the paper cites or lists by `nocite` ('*' for all). `locked` are the DOIs that the lock
    file marks as retracted. Unknown keys are told by `citations.cite`, which knows their places.
    """
    used = set(cited)
    if "*" in used:
        used |= {entry.key for entry in entries}
    left = [entry for entry in entries if entry.key in own and entry.key not in used]
    findings: list[Diagnostic] = []
    if left:
        keys = {entry.key for entry in entries}
        meant = {near for key in used - keys for near in alike(key, keys)}  # C001 asks whether it was one of these
        findings += uncited([entry for entry in left if entry.key not in meant])
    looked_at = own if len(left) <= MANY else ()
    relevant = [entry for entry in entries if entry.key in used or entry.key in looked_at]
    for entry in relevant:
        for check in (incomplete, malformed_doi, capitals, suspicious_names):
            findings.extend(check(entry))
        if entry.key in used:
            findings.extend(retracted(entry, locked))
    findings.extend(duplicates(relevant))
    return sorted(findings, key=lambda found: found.sort_key)


def alike(key: str, known: Collection[str]) -> list[str]:
    """The keys, two at most, that an unknown one may be misspelt for."""
    return difflib.get_close_matches(key, sorted(known), n=2, cutoff=0.7)


def uncited(entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """Works that a paper has and does not cite; told once where they are a library that has more than the paper."""
    if len(entries) > MANY:
        message = f"{len(entries):,} works, '{entries[0].key}' the first, are not cited, not printed and not checked"
        yield finding("C002", message, entries[0].location, "Keep only what is cited.")
        return
    for entry in entries:
        message = f"'{entry.key}' is not cited and not printed"
        yield finding("C002", message, entry.location, "Cite it, add it to nocite, or remove it.")


def incomplete(entry: Entry) -> Iterator[Diagnostic]:
    """A reference that lacks what its type needs."""
    kind = str(entry.item.get("type"))
    missing = [need for need in _NEEDED.get(kind, ()) if not any(entry.item.get(name) for name in need.split("|"))]
    if missing:
        names = ", ".join(need.replace("|", " or ") for need in missing)
        message = f"'{entry.key}' ({kind}) has no {names}"
        yield finding("C010", message, entry.location, "Add it, from the work itself or its landing page.")


_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>]+")  # DOI Handbook 2.2; registrants so far have 4–9 digits


def malformed_doi(entry: Entry) -> Iterator[Diagnostic]:
    """A DOI that is none, or has what follows it in a sentence."""
    value = str(entry.item.get("DOI") or "")
    if not value:
        return
    place = entry.field("doi", "DOI", "DO")
    if not _DOI.fullmatch(value):
        message = f"the DOI of '{entry.key}', '{value}', is not of the form 10.NNNN/suffix"
        yield finding("C012", message, place, "Copy the DOI from the work's landing page.")
    elif value[-1] in ".,;" or value.count("(") != value.count(")"):
        message = f"the DOI of '{entry.key}', '{value}', seems cut off or to have punctuation of its sentence"
        yield finding("C012", message, place, "Copy the DOI from the work's landing page.")


_RETRACTED = re.compile(
    r"^\W*(?:retracted(?: article| paper)?\b\W*[:\])]|\[?retracted\]?\b|retraction(?: note| notice)?\s*(?:to|of|:))",
    re.I,
)


def retracted(entry: Entry, locked: Collection[str] = ()) -> Iterator[Diagnostic]:
    """A work whose title, `retracted` field or lock entry says that it was retracted; an item says so in `custom`."""
    item, reason = entry.item, ""
    custom = item.get("custom")
    if isinstance(custom, Mapping) and custom.get("retracted"):
        reason = "its `retracted` field"
    elif _RETRACTED.search(str(item.get("title") or "")) or re.search(
        r"\(retracted\)\W*$", str(item.get("title") or ""), re.I
    ):
        reason = "its title"
    elif str(item.get("DOI") or "").lower() in {doi.lower() for doi in locked}:
        reason = "the lock file"
    if reason:
        message = f"'{entry.key}' is a retracted work, by {reason}"
        yield finding("C014", message, entry.location, "Remove the citation, or say in the text that it is retracted.")


def capitals(entry: Entry) -> Iterator[Diagnostic]:
    """A title of three words or more without a small letter."""
    title = re.sub(r"<[^>]+>", "", str(entry.item.get("title") or ""))
    letters = [character for character in title if character.isalpha()]
    cased = [character for character in letters if character.lower() != character.upper()]
    if len(title.split()) >= 3 and len(cased) >= 10 and all(character.isupper() for character in cased):
        message = f"the title of '{entry.key}' is in capitals"
        yield finding("C015", message, entry.field("title", "TI", "T1"), "Write it in sentence case.")


def suspicious_names(entry: Entry) -> Iterator[Diagnostic]:
    """Names that are not names: 'et al.' as a person, initials run together, all of a list in one name."""
    for variable, value in entry.item.items():
        if not isinstance(value, list):
            continue
        for name in value:
            fault = _name_fault(name) if isinstance(name, dict) else ""
            if fault:
                message = f"the name '{_written(name)}' of '{entry.key}' {fault}"
                yield finding("C016", message, entry.field(variable, "AU"), "Write every name as Family, Given.")


def _written(name: Mapping[str, Any]) -> str:
    parts = [
        str(name[part])
        for part in ("given", "dropping-particle", "non-dropping-particle", "family", "literal")
        if part in name
    ]
    return " ".join(parts)


def _name_fault(name: Mapping[str, Any]) -> str:
    whole, given = _written(name), str(name.get("given") or "")
    if whole == "others":
        return ""  # `and others`, which bibliography tells
    if re.search(r"\bet\.? ?al\b", whole, re.I):
        return "is 'et al.', which is no person"
    if re.fullmatch(r"[A-ZА-ЯЁ]{3,}", given) and name.get("family"):
        return "has initials run together"
    if "literal" not in name and (";" in whole or whole.count(" and ") or "&" in whole):
        return "holds more than one name"
    if not name.get("family") and re.search(r"\d", given):
        return "has digits"
    return ""


def duplicates(entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """One work under two keys: the same DOI, or the same title, first author and year."""
    seen: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        first = next((seen[mark] for mark in fingerprints(entry.item) if mark in seen), None)
        if first is not None:
            where = f"{first.location}" if first.location.line else first.key
            message = f"'{entry.key}' seems the same work as '{first.key}' ({where})"
            yield finding("C013", message, entry.location, f"Cite it as @{first.key} and remove this one.")
        for mark in fingerprints(entry.item):
            seen.setdefault(mark, entry)


def fingerprints(item: Item) -> list[tuple[str, ...]]:
    """What two records of one work share: its DOI; its title, first author's family name and year."""
    marks: list[tuple[str, ...]] = []
    if item.get("DOI"):
        marks.append(("doi", str(item["DOI"]).lower()))
    title = _folded(re.sub(r"<[^>]+>", "", str(item.get("title") or "")))
    names = item.get("author") or item.get("editor") or [{}]
    family = _folded(str(names[0].get("family") or names[0].get("literal") or ""))
    parts = (item.get("issued") or {}).get("date-parts") or [[""]]
    if title and family:
        container = _folded(str(item.get("container-title") or "")) if len(title.split()) < 3 else ""
        marks.append(("work", title, family, str(parts[0][0] if parts[0] else ""), container))
    return marks


def _folded(value: str) -> str:
    """`value` without case, accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    return " ".join(re.sub(r"[^\w\s]", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).split())
