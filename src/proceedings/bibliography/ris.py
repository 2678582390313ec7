"""RIS: records between TY and ER, each with its line, mapped tag by tag.

pandoc reads RIS too, but loses months, places of publication and addresses; the tags are few, so the table is ours.
Source: the RIS specification of Reference Manager (2011), with the tags that EndNote, Zotero and publishers write.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator

from proceedings.bibliography import MAX_ENTRY, Entry, Item, Library
from proceedings.diagnostics import Diagnostic, Location, finding

_TAG = re.compile(r"^([A-Z][A-Z0-9])\s{1,2}-(?:\s(.*))?$")

_TYPES = {
    "ABST": "article-journal", "ADVS": "motion_picture", "ART": "graphic", "BILL": "bill", "BLOG": "post-weblog",
    "BOOK": "book", "CASE": "legal_case", "CHAP": "chapter", "COMP": "software", "CONF": "book",
    "CPAPER": "paper-conference", "DATA": "dataset", "DICT": "entry-dictionary", "EBOOK": "book", "ECHAP": "chapter",
    "EDBOOK": "book", "EJOUR": "article-journal", "ELEC": "webpage", "ENCYC": "entry-encyclopedia", "FIGURE": "figure",
    "GEN": "document", "GOVDOC": "report", "HEAR": "hearing", "ICOMM": "personal_communication", "INPR": "article",
    "JFULL": "periodical", "JOUR": "article-journal", "LEGAL": "legislation", "MANSCPT": "manuscript", "MAP": "map",
    "MGZN": "article-magazine", "MPCT": "motion_picture", "MUSIC": "musical_score", "NEWS": "article-newspaper",
    "PAMP": "pamphlet", "PAT": "patent", "PCOMM": "personal_communication", "RPRT": "report", "SER": "book",
    "SLIDE": "speech", "SOUND": "song", "STAND": "standard", "STAT": "legislation", "THES": "thesis",
    "UNPB": "manuscript", "VIDEO": "motion_picture", "WEB": "webpage",
}  # fmt: skip

# A tag's variable, in the order in which tags are preferred. T2 and BT are the work that this one is in.
_TEXTS = {
    "TI": "title", "T1": "title", "CT": "title", "T2": "container-title", "JF": "container-title",
    "JO": "container-title",
    "BT": "container-title", "JA": "container-title-short", "J2": "container-title-short", "T3": "collection-title",
    "VL": "volume", "IS": "issue", "ET": "edition", "PB": "publisher", "CY": "publisher-place", "PP": "publisher-place",
    "DO": "DOI", "UR": "URL", "AB": "abstract", "N2": "abstract", "LA": "language", "ST": "title-short",
    "CN": "call-number", "DB": "source", "N1": "note", "M3": "genre", "AN": "archive_location",
}  # fmt: skip

_NAMES = {
    "AU": "author",
    "A1": "author",
    "A2": "editor",
    "ED": "editor",
    "A3": "collection-editor",
    "A4": "translator",
}
_BOOKS = {"book", "chapter", "paper-conference", "entry-encyclopedia", "entry-dictionary", "report", "thesis"}

Tags = list[tuple[str, str]]


def read(path: str, text: str) -> Library:
    """The records of a .ris file whose line ends are \\n. A record without ID gets a key, and a note tells which."""
    findings: list[Diagnostic] = []
    entries: list[Entry] = []
    taken: set[str] = set()
    made: Counter[str] = Counter()
    for line, raw, tags, fault in _records(text):
        place = Location(path, line, 1)
        if fault:
            message = f"this record is left out: {fault}"
            findings.append(finding("C003", message, place, "A record runs from `TY  - ` to `ER  - `."))
            continue
        if tags[0][1] not in _TYPES:
            message = f"'{tags[0][1]}' is not a type of RIS; the record is taken as a document of no special kind"
            findings.append(finding("C008", message, place, "Use a type such as JOUR, BOOK or CHAP."))
        fields = dict(reversed(tags))  # the first of each tag
        key = re.sub(r"[\s{}<>\"\\,]+", "_", fields.get("ID", "").strip())
        if not key:
            key = _made_key(fields, taken, made)
            message = f"the record has no ID; it can be cited as '{key}'"
            findings.append(finding("C018", message, place, f"Write `ID  - {key}` into the record."))
        taken.add(key)
        entries.append(Entry(key, _item(tags), place, raw))
    if not entries and not findings and text.strip():
        findings.append(
            finding("C019", "this is not RIS: no `TY  - ` is in it", Location(path, 1), "Export RIS again.")
        )
    return Library(tuple(entries), tuple(findings))


def _records(text: str) -> Iterator[tuple[int, str, Tags, str]]:
    """Each record's first line, text, tags and fault."""
    tags: Tags = []
    lines: list[str] = []
    start = size = 0
    for number, line in enumerate(text.split("\n"), 1):
        size += len(line) + 1
        found = _TAG.match(line)
        tag, value = (found.group(1), (found.group(2) or "").strip()) if found else ("", line.strip())
        if tag == "TY":
            if tags:
                yield start, "\n".join(lines), tags, "it is not closed by ER before the next record"
            tags, lines, start, size = [("TY", value)], [line], number, len(line)
        elif tag == "ER" and tags:
            yield start, "\n".join([*lines, line]), tags, "it is too long" if size > MAX_ENTRY else ""
            tags, lines = [], []
        elif tags and size <= MAX_ENTRY:
            lines.append(line)
            if tag:
                tags.append((tag, value))
            elif value:
                tags[-1] = (tags[-1][0], f"{tags[-1][1]} {value}")  # a wrapped line
    if tags:
        yield start, "\n".join(lines), tags, "the file ends before its ER"


def _made_key(fields: dict[str, str], taken: Container[str], made: Counter[str]) -> str:
    """Family name and year, with a letter where another record has them; `made` counts how often they were wanted."""
    name = next((fields[tag] for tag in ("AU", "A1", "TI", "T1") if fields.get(tag)), "record")
    family = re.sub(r"[^\w]+", "", re.split(r"[,\s]", name.strip())[0]) or "record"
    year = re.search(r"\d{4}", fields.get("PY", "") or fields.get("Y1", "") or fields.get("DA", ""))
    base = f"{family}{year.group()}" if year else family
    while True:
        number = made[base]
        made[base] += 1
        key = f"{base}-{number}" if number >= 26 else f"{base}{chr(ord('a') + number)}" if number else base
        if key not in taken:
            return key


def _item(tags: Tags) -> Item:
    item: Item = {"type": _TYPES.get(tags[0][1], "document")}
    rank = {tag: number for number, tag in enumerate(_TEXTS)}
    for tag, value in sorted(tags, key=lambda pair: rank.get(pair[0], 0)):
        if tag in _TEXTS and value:
            item.setdefault(_TEXTS[tag], value)
    for tag, value in tags:
        if tag in _NAMES and value:
            item.setdefault(_NAMES[tag], []).append(_name(value))
    fields = dict(reversed(tags))
    if fields.get("SP"):
        item["page"] = fields["SP"] if not fields.get("EP") or "-" in fields["SP"] else f"{fields['SP']}-{fields['EP']}"
    if fields.get("SN"):
        item["ISBN" if item["type"] in _BOOKS else "ISSN"] = fields["SN"]
    keywords = [value for tag, value in tags if tag == "KW" and value]
    if keywords:
        item["keyword"] = ", ".join(keywords)
    dates = [_date(fields[tag]) for tag in ("DA", "PY", "Y1") if fields.get(tag)]
    if dates:
        item["issued"] = {"date-parts": [max(dates, key=len)]}
    if fields.get("Y2"):
        item["accessed"] = {"date-parts": [_date(fields["Y2"])]}
    return item


def _name(value: str) -> dict[str, str]:
    """`Family, Given, Suffix`; a name without a comma is an institution's."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) == 1 or not parts[1]:
        return {"literal": parts[0]}
    return dict(zip(("family", "given", "suffix"), parts, strict=False))


def _date(value: str) -> list[int]:
    """`YYYY/MM/DD/other` or `YYYY-MM-DD`, as far as it goes; [] if it does not begin with a year."""
    found = re.match(r"(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?", value)
    return [int(part) for part in found.groups() if part] if found else []
