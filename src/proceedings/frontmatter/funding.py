"""Funding as Quarto, MyST and people write it → one entry for each funder."""

from __future__ import annotations

from typing import Any

from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import Vocabulary, Words, plain
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_FIELDS = Vocabulary({
    "funder": "source sources funder-name agency sponsor institution organisation organization",
    "funder-id": "funder-doi funder-ror ror funder-identifier",
    "awards": "award award-id award-number grant grants grant-number grant-id grant-no number numbers id ids",
    "statement": "text",
    "name": "",
})  # fmt: skip
_UNUSED = Words("description investigator investigators recipient recipients principal-award-recipient open-access url"
                " title program programme country award-name award-title note")  # fmt: skip


def normalise(record: Map, notes: Notes) -> Map:
    """`funding` in any shape → entries of our own. Prose that names no funder joins the acknowledgements."""
    result = Map.of(record, record.location)
    organisations = {str(item["id"]): item for item in record.get("affiliations") or ()}
    reading = _Reading(organisations, notes)
    value = result.pop("funding", None)
    entries = [entry for item in _items(value) for entry in reading.entries(item)]
    for text in _items(result.pop("funding-statement", None)):
        reading.entries(text)
    if entries:
        result["funding"] = Seq.of(entries, location_of(value, notes.home))
    if reading.prose:
        place = reading.prose[0].location
        notes.add("M025", "funding without a named `funder` is printed with the acknowledgements", place,
                  "Write `funding:` as a list of `funder:` and `awards:`.")  # fmt: skip
        thanks = [text for text in _items(result.get("acknowledgements")) if isinstance(text, str)]
        text = "\n\n".join([*thanks, *reading.prose])
        result["acknowledgements"] = Scalar.of(text, location_of(result.get("acknowledgements"), place))
    return result


class _Reading:
    """Reads the items of `funding`; `prose` collects what names no funder."""

    def __init__(self, organisations: dict[str, Map], notes: Notes) -> None:
        self.organisations, self.notes = organisations, notes
        self.prose: list[Scalar] = []

    def entries(self, item: Any) -> list[Map]:
        """One item of the list → an entry for each funder that it names."""
        if isinstance(item, str):
            self._say(item)
        if not isinstance(item, Map):
            return []
        fields = Map.of({}, item.location)
        for key, value in item.items():
            ours = _FIELDS.find(key)
            if value is None:
                continue
            if ours == "awards":
                fields.setdefault("awards", []).extend(_items(value))
            elif ours:
                fields.setdefault(ours, value)
            elif key in _UNUSED:
                self.notes.idle(f"funding.{plain(key)}", key_location(item, key, item.location))
            else:
                fields[key] = value  # told as unknown when the record is validated
        return self._grants(fields, item)

    def _grants(self, fields: Map, item: Map) -> list[Map]:
        awards = fields.pop("awards", [])
        inner = [grant for award in awards if isinstance(award, Map) for grant in self.entries(award)]
        numbers = Seq.of((award for award in awards if isinstance(award, str)), item.location)
        statement, name = fields.pop("statement", None), fields.pop("name", None)
        funders = _items(fields.pop("funder", None))
        if not funders and not inner and not any(plain(key) == "id" for key in item):
            funders = _items(name)  # where there is a source or an award's id, the name is the award's
        ident = fields.pop("funder-id", None)
        own = [entry for funder in funders if (entry := self._entry(funder, ident, numbers, fields)) is not None]
        grants = [*own, *inner]
        if isinstance(statement, str) and grants:
            grants[0].setdefault("statement", statement)
        elif isinstance(statement, str):
            self._say(statement)
        if not grants:
            for text in [*_items(name), *numbers]:
                self._say(text)
        return grants

    def _entry(self, funder: Any, ident: Any, numbers: Seq, rest: Map) -> Map | None:
        """{funder, funder-id, awards} from a name, an affiliation's id or {name/institution, ror/id}."""
        if isinstance(funder, Map) and isinstance(funder.get("ref"), str):
            funder = funder["ref"]
        if isinstance(funder, str):
            funder = self.organisations.get(funder.strip(), funder)
        if isinstance(funder, Map):
            named = {plain(key): item for key, item in funder.items()}
            ident = ident or next(
                (named[key] for key in ("ror", "doi", "funder-id") if isinstance(named.get(key), str)), None
            )
            keys = ("name", "institution", "organisation", "organization", "text", "id")
            funder = next((named[key] for key in keys if isinstance(named.get(key), str)), None)
        if not isinstance(funder, str) or not funder.strip():
            return None
        entry = Map.of({"funder": funder, **rest}, location_of(funder, self.notes.home))
        if ident:
            entry["funder-id"] = ident
        if numbers:
            entry["awards"] = numbers
        return entry

    def _say(self, text: Any) -> None:
        if isinstance(text, str) and text.strip():
            self.prose.append(Scalar.of(text.strip(), location_of(text, self.notes.home)))


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
