"""Reference libraries: .bib, CSL-JSON, CSL-YAML and RIS → CSL items, each with the place where it was written.

`load` looks at bytes only, so its result may be cached by their hash. A bad entry is a finding and never takes a
good one with it. pandoc converts the entries; this package finds the faults, with their lines, before pandoc sees
the text, because pandoc refuses a whole file for one fault and gives no lines for the rest.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from proceedings import source
from proceedings.diagnostics import Diagnostic, Location, fewer, finding

Item = dict[str, Any]  # one work as CSL-JSON

MAX_BYTES = 20_000_000  # 40,000 ordinary entries
MAX_ENTRIES = 50_000
AT_ONCE = 2_000  # entries of one call of pandoc, which needs 45 kB for each
MAX_ENTRY = 100_000  # characters; abstracts of 20,000 are seen, figures in base64 are not bibliography


@dataclass(frozen=True, slots=True)
class Entry:
    """One work of a library: its key, its CSL item, and where and how the author wrote it."""

    key: str
    item: Item
    location: Location
    raw: str

    def field(self, *names: str) -> Location:
        """The place of the first of `names` (as written: `doi`, `DOI`) in the entry, else the entry's own."""
        for name in names:
            found = re.search(rf"(?im)(?:^|[,{{\s\"'])({re.escape(name)})[\"']?\s*[=:-]", self.raw)
            if found:
                return self.at(found.start(1))
        return self.location

    def at(self, offset: int) -> Location:
        """The place of a character of the entry's text, counted from 0."""
        if self.location.line is None:
            return self.location
        before = self.raw[:offset]
        column = offset - before.rfind("\n")
        if "\n" not in before and self.location.column:
            column += self.location.column - 1
        return replace(self.location, line=self.location.line + before.count("\n"), column=column)


@dataclass(frozen=True, slots=True)
class Library:
    """The sound entries of one or more sources, in their order, and what was wrong with the others."""

    items: tuple[Entry, ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    def __contains__(self, key: str) -> bool:
        return any(entry.key == key for entry in self.items)


def load(path: str, data: bytes) -> Library:
    """The library that a file holds; `path` names it in findings, and its suffix says how to read it."""
    from proceedings.bibliography import bib, csl, ris

    readers: dict[str, Callable[[str, str], Library]] = {
        ".bib": bib.read,
        ".bibtex": bib.read,
        ".json": csl.read_json,
        ".yaml": csl.read_yaml,
        ".yml": csl.read_yaml,
        ".ris": ris.read,
    }
    start = Location(path, 1)
    reader = readers.get(PurePosixPath(path).suffix.lower())
    if reader is None:
        kinds = ", ".join(readers)
        return Library(
            (),
            (finding("C019", f"'{path}' is not a kind of library that can be read", start, f"Use {kinds}."),),
        )
    if len(data) > MAX_BYTES:
        message = f"the library has {len(data):,} bytes, and more than {MAX_BYTES:,} are not read"
        return Library((), (finding("C019", message, start, "Split the file, or keep only what is cited."),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A .bib file says where an entry ends, whatever is in it: one such byte costs one entry.
        escaped = _one_line_ends(data.decode("utf-8-sig", "surrogateescape"))
        partial = reader(path, escaped) if reader is bib.read else Library()
        if partial.items:
            shown = tuple(replace(item, message=_shown(item.message)) for item in partial.findings)
            return _told(finished(replace(partial, findings=shown)))
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = f"byte {data[error.start]:#04x} is not UTF-8"
        hint = "Save the file as UTF-8."
        return Library((), (finding("C019", message, Location(path, line, column), hint),))
    text, told = source.printable(_one_line_ends(text), path)
    return _told(finished(reader(path, text)), told)


def _shown(message: str) -> str:
    """`message` with a replacement character for each byte that is no text."""
    return message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _one_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def from_references(references: Iterable[Mapping[str, Any]], locations: Iterable[Location]) -> Library:
    """A paper's inline `references:`, records as YAML gave them (strings are Markdown), one location for each."""
    from proceedings.bibliography import csl

    return _told(finished(csl.from_records(list(references), list(locations))))


def _told(library: Library, before: Iterable[Diagnostic] = ()) -> Library:
    """`library` with its findings by place, those made `before` it was read too; what is found too often is counted."""
    findings = sorted([*before, *library.findings], key=lambda found: found.sort_key)
    return replace(library, findings=tuple(fewer(findings)))


Convert = Callable[[list[str]], tuple[dict[str, Item], str]]
"""The entries of some keys → the items of a converter by key, or why it refuses them together."""


def converted(keys: Sequence[str], convert: Convert) -> tuple[dict[str, Item], dict[str, str]]:
    """The items of all `keys`, and those that the converter refuses even alone, with why; `AT_ONCE` in one call."""
    parts = [list(keys[start : start + AT_ONCE]) for start in range(0, len(keys), AT_ONCE)]
    made = [(part, *convert(part)) for part in parts]
    guilty = {
        key: why
        for part, _, refusal in made
        if refusal
        for key, why in refused(part, lambda some: convert(some)[1]).items()
    }
    items: dict[str, Item] = {}
    for part, some, refusal in made:
        items |= convert([key for key in part if key not in guilty])[0] if refusal else some
    return items, guilty


def refused(keys: list[str], refusal: Callable[[list[str]], str]) -> dict[str, str]:
    """Those of `keys` that a converter refuses even alone, and why: halves of halves, so few calls for few.

    `refusal` says why it refuses some together, or ''.
    """
    reason = refusal(keys) if keys else ""
    if not reason:
        return {}
    if len(keys) == 1:
        return {keys[0]: reason[:200]}
    middle = len(keys) // 2
    return refused(keys[:middle], refusal) | refused(keys[middle:], refusal)


def merge(*libraries: Library) -> Library:
    """One key space from several libraries, the earlier winning silently: a paper's own over the shared one."""
    seen: dict[str, Entry] = {}
    for library in libraries:
        for entry in library.items:
            seen.setdefault(entry.key, entry)
    findings = tuple(found for library in libraries for found in library.findings)
    return Library(tuple(seen.values()), findings)


def finished(library: Library) -> Library:
    """`library` without later entries of a key already taken, its items in the form that the rest relies on."""
    first: dict[str, Entry] = {}
    findings = list(library.findings)
    for entry in library.items:
        fault = unusable_key(entry.key)
        if fault:
            hint = "Use letters, digits and - _ . : / in keys."
            findings.append(finding("C006", f"the key '{entry.key}' {fault}", entry.location, hint))
        elif entry.key in first:
            line = first[entry.key].location.line
            message = f"the key '{entry.key}' is already that of the entry at line {line}, which is the one used"
            findings.append(finding("C004", message, entry.location, "Give this entry a key of its own, or remove it."))
        elif len(first) >= MAX_ENTRIES:
            message = f"more than {MAX_ENTRIES:,} entries are not read"
            findings.append(finding("C019", message, entry.location, "Keep only what is cited."))
            break
        else:
            sound = _printable(entry.item, entry.location, findings)
            item, faults = normalised(replace(entry, item=sound))
            first[entry.key] = replace(entry, item=item)
            findings.extend(faults)
    return Library(tuple(first.values()), tuple(findings))


def _printable(value: Any, place: Location, findings: list[Diagnostic]) -> Any:
    """A value of an item without the control characters that JSON's and YAML's escapes may name."""
    if isinstance(value, str):
        value, told = source.printable(value, place)
        findings += told
    elif isinstance(value, dict):
        return {key: _printable(inner, place, findings) for key, inner in value.items()}
    elif isinstance(value, list):
        return [_printable(inner, place, findings) for inner in value]
    return value


def unusable_key(key: str) -> str:
    """What keeps `key` from being cited, or ''. pandoc's `@{…}` takes any key without spaces and braces."""
    if not key:
        return "is empty"
    if len(key) > 300:
        return "is longer than 300 characters"
    bad = re.search(r"[\s{}\x00-\x1f<>\"\\,]", key)
    return f"has the character {bad.group()!r}, with which it cannot be cited" if bad else ""


_BARE_ADDRESS = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]|$)", re.IGNORECASE)  # a web address without its scheme
_DOI_PREFIX = re.compile(r"^\s*(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def doi(value: str) -> str:
    """A DOI as CSL wants it: without a resolver's address. Its case is the author's and means nothing (ISO 26324)."""
    return _DOI_PREFIX.sub("", value).strip()


def normalised(entry: Entry) -> tuple[Item, list[Diagnostic]]:
    """The item of `entry` with what pandoc leaves half done put right: DOI, web address, type, impossible dates; and a
    list of names that ends in "et al.", as pandoc wants it."""
    item = copy.deepcopy(entry.item)
    item["id"] = entry.key
    findings: list[Diagnostic] = []
    if "DOI" in item:
        item["DOI"] = doi(str(item["DOI"]))
    if _BARE_ADDRESS.match(str(item.get("URL", ""))):
        item["URL"] = f"https://{item['URL']}"
    if not item.get("type"):
        item["type"] = "document"
    for name in ("issued", "accessed", "event-date", "original-date", "submitted", "available-date"):
        if name not in item:
            continue
        fault = unreadable_date(item[name])
        if fault:
            written = entry.field(*_DATE_FIELDS.get(name, (name,)))
            message = f"the date of '{entry.key}' ({name}) {fault}, so it is left out"
            findings.append(finding("C011", message, written, "Write YYYY, YYYY-MM or YYYY-MM-DD."))
            del item[name]
    for variable, names in item.items():
        if isinstance(names, list) and len(names) > 1 and _is_et_al(names[-1]):
            names[-1] = {"literal": "others"}
            message = f"the list of names of '{entry.key}' ({variable}) ends in 'et al.', so the others are not known"
            place = entry.field(variable, "AU")
            findings.append(finding("C017", message, place, "Give all the names; the style shortens the list itself."))
    return item, findings


def _is_et_al(name: Any) -> bool:
    words = [str(value) for value in name.values() if isinstance(value, str)] if isinstance(name, Mapping) else []
    return re.fullmatch(r"et\.? ?al\.?|al\.? ?,? ?et\.?", " ".join(sorted(words, reverse=True)).casefold()) is not None


_DATE_FIELDS = {"issued": ("issued", "date", "year", "PY", "DA"), "accessed": ("accessed", "urldate", "Y2")}


def unreadable_date(value: Any) -> str:
    """What makes a CSL date unusable, or ''."""
    if not isinstance(value, Mapping):
        return "is not a date"
    if value.get("literal") or value.get("raw"):
        return ""
    parts = value.get("date-parts")
    if not isinstance(parts, list) or not parts or not all(parts):
        return "could not be read" if "season" not in value else ""
    for part in parts:
        try:
            _year, month, day = (*(int(number) for number in part), 1, 1)[:3]
        except (TypeError, ValueError):
            return "is not made of numbers"
        # 13–24 are seasons and the like in CSL and EDTF; the day is checked against the month, not the calendar.
        if not (1 <= month <= 12 or (13 <= month <= 24 and len(part) == 2)) or not 1 <= day <= 31:
            return f"is impossible ({'-'.join(map(str, part))})"
    return ""
