"""Organisations: listed apart and named by number or id, or written at the person. A name is never taken to pieces."""

from __future__ import annotations

import difflib
import re
from typing import Any

from proceedings.diagnostics import Location
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import Vocabulary, Words, plain
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_FIELDS = Vocabulary({
    "id": "index code label key number num mark ref aff",
    "name": "org orgname institute university affiliation company text literal",
    "institution": "organisation organization",
    "department": "dept division group unit faculty school laboratory lab orgdiv",
    "city": "town",
    "region": "state province",
    "country": "",
    "country-code": "",
    "ror": "ror-id",
})  # fmt: skip
_UNUSED = Words(
    "url address address-line street street-address postal-code zip zip-code postcode isni ringgold grid wikidata doi"
    " email phone fax po-box collaboration abbreviation short-name crossref-id homepage website corresponding"
)
_NOTHING = frozenset({"none", "n/a", "na", "-", "–", "—", "nil", "null", "tba", "tbd", "todo"})
_SYMBOL = r"\\?[*†‡§¶#✉]+|\\(?:ast|dagger|ddagger|S|P)"


class Affiliations:
    """The organisations of one contribution, and the ids by which people name them: those that the author wrote, and
    the numbers of a list. What is written at a person without an id has its own words as one, and no number."""

    def __init__(self, listed: Any, notes: Notes) -> None:
        self.notes = notes
        self.entries: dict[str, Map] = {}  # by id, in the order of their first mention
        self.nobody: set[str] = set()  # ids of entries that say that there is none
        self._defined: dict[str, Map] = {}  # by id: described at a person, and not mentioned yet
        entries = [(str(number), self._entry(item)) for number, item in enumerate(_listed(listed), 1)]
        given = {str(entry["id"]) for _, entry in entries if entry and "id" in entry}
        for number, entry in entries:
            if entry is not None:
                self._add(entry, number if number not in given else "")
        self.listed = tuple(self.entries)  # ids of those that are not written at a person

    def define(self, value: Any) -> None:
        """Note the organisations that a person's entry describes with an id, so that all may name them by it."""
        for item in value if isinstance(value, list) else [value]:
            entry = self._entry(item) if isinstance(item, Map) and len(item) > 1 else None
            if entry and "id" in entry:
                self._defined.setdefault(str(entry["id"]), entry)

    def knows(self, value: Any) -> bool:
        """Whether a text names nothing but organisations that are listed."""
        return isinstance(value, str) and bool(_pieces(value)) and all(map(self._is_listed, _pieces(value)))

    def refer(self, value: Any) -> list[Scalar]:
        """What a person says of where they belong → ids; organisations written in place are added."""
        if isinstance(value, list):
            return [name for item in value for name in self.refer(item)]
        if isinstance(value, Map):
            return self._refer_map(value)
        if not isinstance(value, str) or not value.strip():
            return []
        place = location_of(value, self.notes.home)
        return [Scalar.of(name, place) for name in map(self._mentioned, self._ids(value.strip(), place))
                if name not in self.nobody]  # fmt: skip

    def _mentioned(self, name: str) -> str:
        """An id as it is; what a person's entry further down describes by it is taken in here."""
        if name in self._defined and not self._is_taken(name):
            self._add(self._defined[name], name)
        return name

    def _refer_map(self, value: Map) -> list[Scalar]:
        if len(value) == 1 and set(value) <= {"ref", "id", "index"}:
            return self.refer(next(iter(value.values())))
        entry = self._entry(value)
        if entry is None:
            return []
        return [Scalar.of(self._found(entry) or self._add(entry), location_of(value, self.notes.home))]

    def _is_taken(self, name: str) -> bool:
        return name in self.entries or name in self.nobody

    def _is_listed(self, name: str) -> bool:
        """Whether an organisation may be named by this."""
        return self._is_taken(name) or name in self._defined

    def _ids(self, text: str, place: Location) -> list[str]:
        if self._is_listed(text):
            return [text]
        pieces = _pieces(text)
        names = [piece for piece in pieces if self._is_listed(piece) or not re.fullmatch(_SYMBOL, piece)]
        if names and all(self._is_listed(name) or re.fullmatch(r"\d{1,3}|[a-z]", name) for name in names):
            marks = " ".join(piece for piece in pieces if piece not in names)
            if marks:
                self.notes.add("M019", f"the marks {marks!r} at an author are left out", place,
                               "Write what they stand for: `corresponding: true` …")  # fmt: skip
            return names  # a number that nothing is listed under is told when affiliations are checked
        return [self._named(part.strip(), place) for part in re.split(r";|\\and\b", text) if part.strip()]

    def _named(self, text: str, place: Location) -> str:
        """The id of an organisation that is written in place."""
        if self._is_listed(text) or self._is_meant_as_id(text):
            return text
        entry = _of_text(Scalar.of(_one_line(text), place))
        return self._found(entry) or self._add(entry)

    def _is_meant_as_id(self, text: str) -> bool:
        """Whether a text is the misspelt id of a listed organisation, not the name of another: told when affiliations
        are checked (M109), never printed as a name."""
        if not self.listed or not re.fullmatch(r"[\w.:-]+", text):
            return False
        words = [name for name in self.listed if not name.isdigit()]
        return bool(words) and (text.islower() or bool(difflib.get_close_matches(text, words, 1, 0.75)))

    def _found(self, entry: Map) -> str | None:
        """The id of an organisation that is there already: with the same facts, or the only one that is listed under
        this bare name. A bare name says nothing of a department, nor which of two places is meant."""
        facts = _without_id(entry)
        for name, other in self.entries.items():
            if facts == _without_id(other) and entry.get("id", name) == name:
                return name
        if set(facts) != {"name"} or "id" in entry:
            return None
        called = str(facts["name"]).casefold()
        alike = [name for name, other in self.entries.items() if str(other.get("name", "")).casefold() == called]
        near = [name for name in alike if name in self.listed or len(_without_id(self.entries[name])) == 1]
        return near[0] if len(near) == 1 and "department" not in self.entries[near[0]] else None

    def _add(self, entry: Map, number: str = "") -> str:
        """Take an organisation in under its own id, its number in a list, or its own words."""
        name = str(entry.get("id") or number)
        if not name:
            name = ", ".join(str(value) for value in entry.values())
            while self._is_listed(name):
                name += "′"
        if name in self.entries:
            self.notes.add("M015", f"two affiliations have the id {name!r}; the second is not used", entry,
                           "Give each affiliation an id of its own.")  # fmt: skip
        elif str(entry.get("name", "")).strip().lower() in _NOTHING:
            self.notes.add("M016", f"{str(entry['name'])!r} names no organisation, so it is left out", entry["name"],
                           "Leave the affiliation away where there is none.")  # fmt: skip
            self.nobody.add(name)
        else:
            ident = Scalar.of(name, location_of(entry.get("id"), entry.location))
            self.entries[name] = Map.of({"id": ident, **_without_id(entry)}, entry.location)
        return name

    def _entry(self, item: Any) -> Map | None:
        """One organisation in our own fields; None where nothing is said."""
        if isinstance(item, str):
            text = _one_line(item)
            return _of_text(Scalar.of(text, location_of(item, self.notes.home))) if text else None
        if isinstance(item, Map):
            return self._of_fields(item)
        if item is not None:
            self.notes.add("M004", "an affiliation should be text or a mapping, but is a list", item, "Write its name.")
        return None

    def _of_fields(self, item: Map) -> Map:
        entry, spare = Map.of({}, item.location), Map.of({}, item.location)
        for key, value in _flat(item):
            name, ours = plain(key), _FIELDS.find(key)
            if value is None or value == "":
                continue
            if ours and ours not in entry:
                entry[Scalar.of(ours, location_of(key, item.location))] = _joined(value)
            elif ours or name in _UNUSED or name == "location":
                spare[Scalar.of(name, location_of(key, item.location))] = value
            else:
                entry[key] = value  # told as unknown when the record is validated
        return self._completed(entry, spare)

    def _completed(self, entry: Map, spare: Map) -> Map:
        """Make sure of a name: the institution's (whose group may have one too), the department's or the address."""
        group, institution = entry.get("name"), entry.pop("institution", None)
        if institution is not None:
            entry["name"] = institution
            if isinstance(group, str) and group != institution:
                part = entry.get("department")
                entry["department"] = (
                    Scalar.of(f"{group}, {part}", location_of(group, entry.location)) if part else group
                )
        if "name" not in entry and "department" in entry:
            entry["name"] = entry.pop("department")
        if "name" not in entry and isinstance(spare.get("address"), str):
            entry["name"] = _joined(spare.pop("address"))
        if "location" in spare and isinstance(entry.get("name"), str):
            entry["name"] = Scalar.of(
                f"{entry['name']}, {spare.pop('location')}", location_of(entry["name"], entry.location)
            )
        country = entry.get("country")
        if isinstance(country, str) and re.fullmatch(r"[A-Z]{2}", country) and country != "UK":
            entry.setdefault("country-code", country)
        for name in spare:
            self.notes.idle(f"affiliations.{name}", location_of(name, entry.location))
        return entry


def _pieces(text: str) -> list[str]:
    """'1, 2 & 3' → its names."""
    return [piece for piece in re.split(r"\s*[,;&/、]\s*|\s+and\s+|\s+", text.strip("[]() ")) if piece]


def _without_id(entry: Map) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "id"}


def _flat(item: Map) -> list[tuple[str, Any]]:
    """The fields of an entry, with those of nested mappings (`info: {orgname: …}`) among them."""
    fields: list[tuple[str, Any]] = []
    for key, value in item.items():
        fields += _flat(value) if isinstance(value, Map) else [(key, value)]
    return fields


def _joined(value: Any) -> Any:
    """A name over several lines or the items of a list is one name: ['Dept', 'Univ'] → 'Dept, Univ'."""
    if isinstance(value, Seq) and value and all(isinstance(item, str) for item in value):
        return Scalar.of(", ".join(map(_one_line, value)), value.location)
    return Scalar.of(_one_line(value), value.location) if isinstance(value, Scalar) else value


def _one_line(text: str) -> str:
    lines = [line.strip().removeprefix("|").strip(" ,") for line in re.split(r"\n|\\\\|<br\s*/?>", text)]
    return ", ".join(line for line in lines if line)


def _listed(value: Any) -> list[Any]:
    """The shapes of a list of organisations → its items: a list, one, text, or a mapping of id to name or fields."""
    if value is None:
        return []
    if isinstance(value, list):
        return [one for item in value for one in (_keyed(item) if isinstance(item, Map) else [item])]
    if isinstance(value, Map):
        return _keyed(value)
    return [Scalar.of(part.strip(), location_of(value, value.location)) for part in value.split(";") if part.strip()]


def _keyed(value: Map) -> list[Any]:
    """{fosg: 'Name'} and {fosg: {name: …}} → with the key as id; a mapping of our fields stays one."""
    nested = [item for item in value.values() if isinstance(item, Seq) and any(isinstance(one, Map) for one in item)]
    if nested:  # {institution: [{name: …}, …]}
        return [one for item in nested for one in item]
    if any(key in _FIELDS or key in _UNUSED for key in value):
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
        r"(?:\^|<sup>|\\textsuperscript\{|\$\^\{?)\s*([\w*†‡]{1,3})\s*(?:\^|</sup>|\}?\$?|\})\s*(\S.*)", text, re.S
    )
    if found:
        fields = {"id": Scalar.of(found[1], text.location), "name": Scalar.of(found[2], text.location)}
        return Map.of(fields, text.location)
    return Map.of({"name": text}, text.location)
