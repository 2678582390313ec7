"""volume.yaml as editors like to write it → the fields of a Volume."""

from __future__ import annotations

from typing import Any

from proceedings.diagnostics import Diagnostic, Location
from proceedings.frontmatter import dates, people, rights, texts
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import plain
from proceedings.source import Map, Scalar, Seq, key_location, location_of

SYNONYMS = {
    "license": "licence",
    "language": "lang",
    "editor": "editors",
    "papers": "contents",
    "contributions": "contents",
    "date": "published",
    "isbns": "isbn",
    "paper": "contents",
    "profile": "jats-profile",
}


def of_volume(record: Map, path: str) -> tuple[Map, list[Diagnostic]]:
    """The record of volume.yaml in our own form, and what was noticed.

    Papers may be slugs or mappings with editors' facts, people names or mappings, organisations names or mappings,
    dates in words, the ISBN of the only format a bare number under `isbn: {pdf: …}`.
    """
    notes = Notes(path)
    volume = Map.of({}, record.location)
    for key, value in record.items():
        name = SYNONYMS.get(plain(key), plain(key))
        volume.setdefault(Scalar.of(name, key_location(record, key, record.location)), value)
    volume = _people(texts.accents(volume, notes), notes)
    volume = rights.licences(dates.normalise(volume, notes), notes)
    volume["sections"] = _each(volume.get("sections"), lambda item: _section(item, notes))
    volume["contents"] = _each(volume.get("contents"), lambda item: _entry(item, notes))
    volume["committees"] = _committees(volume.get("committees"))
    volume["event"] = _event(volume.get("event"), notes)
    for field, name in (("publisher", "name"), ("series", "title"), ("cover", "image")):
        volume[field] = _named(volume.get(field), name)
    for field in ("languages", "front-matter", "back-matter", "bibliography", "outputs", "cataloguing"):
        volume[field] = _list(volume.get(field))
    volume["stylesheets"] = _sheets(volume.get("stylesheets"), record.location)
    return Map.of({key: value for key, value in volume.items() if value is not None}, record.location), notes.close()


def _sheets(value: Any, home: Location) -> Any:
    """A name, or a list of names → for the printed pages."""
    if isinstance(value, Map):
        return Map.of({key: _list(names) for key, names in value.items()}, value.location)
    return None if value is None else Map.of({"pdf": _list(value)}, location_of(value, home))


def _people(volume: Map, notes: Notes) -> Map:
    """Editors, and the organisations they name; roles other than editor stay as written."""
    written = Map.of({}, volume.location)
    for field in ("editors", "affiliations"):
        if field in volume:
            written[Scalar.of("authors" if field == "editors" else field, key_location(volume, field, notes.home))] = (
                volume.pop(field)
            )
    found = people.normalise(written, notes)
    editors = found.get("contributors")
    for person in editors or []:
        person.setdefault("role", Scalar.of("editor", person.location))
    for field, value in (("editors", editors), ("affiliations", found.get("affiliations"))):
        if value is not None:
            volume[Scalar.of(field, location_of(value, notes.home))] = value
    return volume


def _section(item: Any, notes: Notes) -> Any:
    """{title, papers}, {Title: [papers]} → with papers as entries and an id made of the title."""
    if not isinstance(item, Map):
        return item
    if len(item) == 1 and isinstance(next(iter(item.values())), list) and "papers" not in item:
        title, papers = next(iter(item.items()))
        item = Map.of({"title": title, "papers": papers}, item.location)
    section = Map.of({}, item.location)
    for key, value in item.items():
        section[
            key if SYNONYMS.get(plain(key)) != "contents" else Scalar.of("papers", location_of(key, item.location))
        ] = value
    section["papers"] = _each(section.get("papers"), lambda entry: _entry(entry, notes))
    if "id" not in section and isinstance(section.get("title"), str):
        section["id"] = Scalar.of(_ident(section["title"]), location_of(section["title"], item.location))
    return section


def _ident(title: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def _entry(item: Any, notes: Notes) -> Any:
    """A slug, {paper: slug, …} or {slug: {accepted: …}} → {paper: slug, …}."""
    if isinstance(item, str):
        return Map.of({"paper": item}, location_of(item, notes.home))
    if not isinstance(item, Map):
        return item
    if len(item) == 1 and isinstance(next(iter(item.values())), Map):
        slug, facts = next(iter(item.items()))
        item = Map.of({"paper": slug, **facts}, item.location)
    respelt = {"license": "licence", "slug": "paper"}
    entry = Map.of({}, item.location)
    for key, value in item.items():
        entry.setdefault(Scalar.of(respelt.get(plain(key), plain(key)), key_location(item, key, item.location)), value)
    return rights.licences(dates.normalise(rights.kinds(entry, notes), notes), notes)


def _event(value: Any, notes: Notes) -> Any:
    value = _named(value, "name")
    if not isinstance(value, Map):
        return value
    event = dates.normalise(value, notes, ("start", "end"))
    for field in ("organisers", "organizers", "sponsors"):
        if field in event:
            items = _each(_list(event.pop(field)), lambda item: _named(item, "name"))
            event["organisers" if field.startswith("organi") else field] = items
    return event


def _committees(value: Any) -> Any:
    """[{name, members}], {Name: [members]} → a list; members as text or lists."""
    if isinstance(value, Map):
        named = [(key, members, location_of(key, value.location)) for key, members in value.items()]
        value = Seq.of((Map.of({"name": key, "members": item}, at) for key, item, at in named), value.location)
    return _each(value, _committee)


def _committee(item: Any) -> Any:
    if isinstance(item, Map) and "members" in item:
        return Map.of({**item, "members": _list(item["members"])}, item.location)
    return item


def _named(value: Any, field: str) -> Any:
    return Map.of({field: value}, value.location) if isinstance(value, Scalar) and value.strip() else value


def _each(value: Any, change: Any) -> Any:
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    changed = [change(item) for item in items if item is not None]
    return Seq.of(changed, location_of(value, changed[0].location)) if changed else None


def _list(value: Any) -> Any:
    """One text where a list is wanted is a list of one."""
    return Seq.of([value], value.location) if isinstance(value, Scalar) and value.strip() else value
