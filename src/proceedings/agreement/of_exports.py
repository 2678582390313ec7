"""BibTeX, RIS and CSL-JSON read back, and held against what the model knows of the works in them.

What is compared of each work: that it is there and in its place, its title, its authors in order, DOI, pages, year, and
what it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proceedings.agreement.reading import Unreadable
from proceedings.agreement.words import bare

SUFFIXES = (".json", ".bib", ".ris")


@dataclass(frozen=True)
class Work:
    """One work, as letters and digits only: the formats differ in everything else. `authors` are in their order."""

    key: str
    title: str
    authors: str
    doi: str
    pages: str
    year: str
    source: str


def of_item(item: Mapping[str, Any]) -> Work:
    """A CSL item."""
    names = [name for name in item.get("author") or () if isinstance(name, Mapping)]
    dates = (item.get("issued") or {}).get("date-parts") or [[""]]
    return Work(
        key=str(item.get("id", "")),
        title=_plain(item.get("title")),
        authors="".join(_plain(name.get("family") or name.get("literal") or name.get("given")) for name in names),
        doi=_plain(item.get("DOI")),
        pages=_plain(item.get("page")),
        year=str(dates[0][0]) if dates[0] else "",
        source=_plain(item.get("container-title")),
    )


def read(data: bytes, suffix: str) -> list[Work]:
    """The works of a file in the format of its suffix. Raises Unreadable."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8") from None
    return {".json": _json, ".bib": _bibtex, ".ris": _ris}[suffix](text)


def differences(want: Sequence[Mapping[str, Any]], found: Sequence[Work]) -> Iterator[tuple[str, str]]:
    """Code and message for each work that is lost, and each fact that is another one."""
    wanted = [of_item(item) for item in want]
    if len(wanted) != len(found):
        yield "O203", f"it has {len(found)} works, not {len(wanted)}"
        return
    for one, other in zip(wanted, found, strict=True):
        for fact in ("title", "authors", "doi", "pages", "year", "source"):
            expected, given = getattr(one, fact), getattr(other, fact)
            if expected and not _same(fact, expected, given):
                yield "O203", f"of {one.key!r} it gives {given[:60] or 'nothing'!r} as {fact}, not {expected[:60]!r}"


def _same(fact: str, expected: str, given: str) -> bool:
    """Names stand with given names and particles between them."""
    if fact != "authors":
        return expected == given
    letters = iter(given)
    return all(letter in letters for letter in expected)


_MARKUP = re.compile(r"</?[a-z]+\b[^<>]*>|\\[A-Za-z]+ ?")


def _plain(value: Any) -> str:
    """Letters and digits, in small letters, without markup."""
    return bare(_MARKUP.sub("", str(value or "")))


# --- the formats ------------------------------------------------------------------------------------------------------


def _json(text: str) -> list[Work]:
    try:
        items = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"it is not JSON: {error}") from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unreadable("it is no list of items")
    return [of_item(item) for item in items]


def _ris(text: str) -> list[Work]:
    records = re.split(r"^ER  - ?\r?$", text, flags=re.M)
    if records[-1].strip():
        raise Unreadable("its last record has no end")
    return [_record(record) for record in records[:-1]]


def _record(record: str) -> Work:
    fields: dict[str, list[str]] = {}
    for tag, value in re.findall(r"^([A-Z][A-Z0-9])  - (.*?)\r?$", record, flags=re.M):
        fields.setdefault(tag, []).append(value)

    def first(tag: str) -> str:
        return fields.get(tag, [""])[0]

    return Work(
        key=first("ID"),
        title=_plain(first("TI")),
        authors="".join(map(_plain, fields.get("AU", ()))),
        doi=_plain(first("DO")),
        pages=_plain(first("SP")) + _plain(first("EP")),
        year=first("PY"),
        source=_plain(first("T2") or first("JO")),
    )


def _bibtex(text: str) -> list[Work]:
    from proceedings.bibliography import bib

    try:
        entries = bib.raw_fields(text)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return [_entry(key, fields) for key, fields in entries]


def _entry(key: str, fields: Mapping[str, str]) -> Work:
    work = {name: _plain(fields.get(name)) for name in ("title", "author", "doi", "pages")}
    sources = (fields[name] for name in ("booktitle", "journal", "journaltitle", "howpublished") if fields.get(name))
    source = _plain(next(sources, ""))
    return Work(key, work["title"], work["author"], work["doi"], work["pages"], fields.get("year", ""), source)
