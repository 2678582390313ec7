"""Organisations: listed apart and named by number or id, or written at the person. A name is never taken to pieces."""

from __future__ import annotations

import re
from typing import Any

from proceedings.frontmatter.fields import plain, words
from proceedings.frontmatter.notes import Notes
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_FIELDS = {
    "id": "id index code label key number num mark ref",
    "name": "name institution organisation organization institute university affiliation company text literal",
    "department": "department dept division group unit faculty school laboratory lab",
    "city": "city town",
    "region": "region state province",
    "country": "country",
    "country-code": "country-code",
    "ror": "ror ror-id",
}
_SYNONYMS = {other: ours for ours, others in _FIELDS.items() for other in others.split()}
_UNUSED = words("url address street street-address postal-code zip zipcode postcode isni ringgold grid wikidata email phone fax"
                    " po-box collaboration number-name abbreviation short-name crossref-id homepage website")  # fmt: skip
_NOTHING = frozenset({"none", "n/a", "na", "-", "–", "—", "nil", "null", "tba", "tbd", "todo"})


class Affiliations:
    """The organisations of one contribution, and the ids by which people name them."""

    def __init__(self, listed: Any, notes: Notes) -> None:
        self.notes = notes
        self.entries: dict[str, Map] = {}  # by id
        self.nobody: set[str] = set()  # ids of entries that say that there is none
        for number, item in enumerate(_listed(listed), 1):
            entry = self._entry(item)
            if entry is not None:
                self._add(entry, str(number))

    def refer(self, value: Any) -> list[Scalar]:
        """What a person says of where they belong → ids; organisations written in place are added."""
        if isinstance(value, list):
            return [name for item in value for name in self.refer(item)]
        if isinstance(value, Map):
            return self._refer_map(value)
        if not isinstance(value, str) or not value.strip():
            return []
        place = location_of(value, self.notes.home)
        return [Scalar.of(name, place) for name in self._ids(value.strip(), place) if name not in self.nobody]

    def _refer_map(self, value: Map) -> list[Scalar]:
        if set(value) <= {"ref", "id", "index"} and len(value) == 1:
            return self.refer(next(iter(value.values())))
        entry = self._entry(value)
        if entry is None:
            return []
        return [Scalar.of(self._found(entry) or self._add(entry, ""), location_of(value, self.notes.home))]

    def _ids(self, text: str, place: Any) -> list[str]:
        if text in self.entries or text in self.nobody:
            return [text]
        pieces = [piece for piece in re.split(r"\s*[,;&/、]\s*|\s+and\s+|\s+", text.strip("[]() ")) if piece]
        if all(piece in self.entries or piece in self.nobody for piece in pieces):
            return pieces
        if all(re.fullmatch(r"\d{1,3}|[a-z]", piece) for piece in pieces):
            return pieces  # numbers that nothing is listed under: told when affiliations are checked
        found = []
        for part in (part.strip() for part in text.split(";")):
            entry = self._entry(Scalar.of(part, place)) if part else None
            if entry is not None:
                found.append(self._found(entry) or self._add(entry, ""))
        return found

    def _found(self, entry: Map) -> str | None:
        """The id of an organisation that is there already with the same facts, or with this name alone."""
        facts = {key: value for key, value in entry.items() if key != "id"}
        for name, other in self.entries.items():
            same = {key: value for key, value in other.items() if key != "id"}
            if same == facts or (set(facts) == {"name"} and facts["name"].lower() == same.get("name", "").lower()):
                return name
        return None

    def _add(self, entry: Map, default: str) -> str:
        name = str(entry.get("id") or default)
        number = len(self.entries) + 1
        while not name or (name in self.entries and "id" not in entry):
            name, number = str(number), number + 1
            name = "" if name in self.entries else name
        if name in self.entries:
            self.notes.add("M015", f"two affiliations have the id {name!r}; the second is not used", entry,
                           "Give each affiliation an id of its own.")  # fmt: skip
            return name
        if str(entry.get("name", "")).strip().lower() in _NOTHING:
            self.notes.add("M016", f"{str(entry['name'])!r} names no organisation, so it is left out", entry["name"],
                           "Leave the affiliation away where there is none.")  # fmt: skip
            self.nobody.add(name)
            return name
        self.entries[name] = Map.of({"id": Scalar.of(name, location_of(entry.get("id"), entry.location)), **_without_id(entry)},
                                    entry.location)  # fmt: skip
        return name

    def _entry(self, item: Any) -> Map | None:
        """One organisation in our own fields; None where nothing is said."""
        if isinstance(item, str):
            return _of_text(Scalar.of(item.strip(), location_of(item, self.notes.home))) if item.strip() else None
        if not isinstance(item, Map):
            if item is not None:
                self.notes.add(
                    "M004",
                    "an affiliation should be text or a mapping, but is a list",
                    item,
                    "Write its name.",
                )
            return None
        return self._of_fields(item)

    def _of_fields(self, item: Map) -> Map:
        entry = Map.of({}, item.location)
        spare: dict[str, Any] = {}
        for key, value in item.items():
            name = plain(key)
            ours = _SYNONYMS.get(name)
            if value is None or value == "":
                continue
            if ours and ours not in entry:
                entry[Scalar.of(ours, key_location(item, key, item.location))] = _joined(value)
            elif ours or name in _UNUSED or name == "location":
                spare[name] = value
            else:
                entry[key] = value  # told as unknown when the record is validated
        return self._completed(entry, spare)

    def _completed(self, entry: Map, spare: dict[str, Any]) -> Map:
        """Where no name is given, the department's or the address is it; a location is part of the name."""
        if "name" not in entry:
            for other in ("department",) if "department" in entry else ("address",) if "address" in spare else ():
                entry["name"] = entry.pop("department") if other == "department" else spare.pop("address")
        if "location" in spare and isinstance(entry.get("name"), str):
            where = spare.pop("location")
            entry["name"] = Scalar.of(f"{entry['name']}, {where}", location_of(entry["name"], entry.location))
        country = entry.get("country")
        if (
            isinstance(country, str)
            and re.fullmatch(r"[A-Z]{2}", country)
            and country != "UK"
            and "country-code" not in entry
        ):
            entry["country-code"] = country
        for name, value in spare.items():
            self.notes.idle(f"affiliations.{name}", value)
        return entry


def _without_id(entry: Map) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "id"}


def _joined(value: Any) -> Any:
    """A name over several lines of a list is one name: ['Dept', 'Univ'] → 'Dept, Univ'."""
    if isinstance(value, Seq) and value and all(isinstance(item, str) for item in value):
        return Scalar.of(", ".join(value), value.location)
    return value


def _listed(value: Any) -> list[Any]:
    """The shapes of a list of organisations → its items: a list, one, text, or a mapping of id to name or fields."""
    if value is None:
        return []
    if isinstance(value, list):
        return [one for item in value for one in (_keyed(item) if isinstance(item, Map) else [item])]
    if isinstance(value, Map):
        return _keyed(value)
    return [
        Scalar.of(part.strip(), location_of(value, value.location))
        for part in re.split(r"[;\n]", value)
        if part.strip()
    ]


def _keyed(value: Map) -> list[Any]:
    """{fosg: 'Name'} and {fosg: {name: …}} → with the key as id; a mapping of our fields stays one."""
    if any(plain(key) in _SYNONYMS or plain(key) in _UNUSED for key in value):
        return [value]
    if not all(isinstance(item, str | Map) for item in value.values()):
        return [value]
    items = []
    for key, item in value.items():
        ident = Scalar.of(str(key), key_location(value, key, value.location))
        fields = item if isinstance(item, Map) else {"name": item}
        items.append(Map.of({"id": ident, **fields}, ident.location))
    return items


def _of_text(text: Scalar) -> Map:
    """'^1^ University of X' → id and name; text without a mark in front is a name."""
    found = re.fullmatch(
        r"(?:\^|<sup>|\\textsuperscript\{|\$\^\{?)\s*([\w*†‡]{1,3})\s*(?:\^|</sup>|\}?\$?|\})\s*(\S.*)",
        text,
        re.S,
    )
    if found:
        return Map.of(
            {"id": Scalar.of(found[1], text.location), "name": Scalar.of(found[2], text.location)},
            text.location,
        )
    return Map.of({"name": text}, text.location)
