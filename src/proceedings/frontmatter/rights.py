"""The kind of text, its licence and copyright, and its relations to other works."""

from __future__ import annotations

import re
from typing import Any

from proceedings import licences as known_licences
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import plain
from proceedings.identifiers import InvalidIdentifier
from proceedings.model import Kind, Relation
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_KINDS = {
    "article": "research-paper",
    "research-article": "research-paper",
    "paper": "research-paper",
    "opinion": "op-ed",
    "oped": "op-ed",
    "opinion-piece": "op-ed",
    "summary": "research-summary",
    "brief": "policy-brief",
    "erratum": "corrigendum",
    "correction": "corrigendum",
    "review-of-a-book": "book-review",
    "plain-language-summary": "research-summary",
}


def kinds(record: Map, notes: Notes) -> Map:
    """`kind` in any spelling; `type` only where it names a kind of ours."""
    result = Map.of(record, record.location)
    known = {item.value for item in Kind}
    for field in ("kind", "type"):
        value = result.get(field)
        if not isinstance(value, str):
            continue
        name = plain(value)
        name = name if name in known else _KINDS.get(name, "")
        if field == "type":
            place = key_location(result, "type", notes.home)
            del result["type"]
            if not name or name == "research-paper" or "kind" in result:
                notes.idle("type", place)
                continue
        if name:
            result["kind"] = Scalar.of(name, location_of(value, notes.home))
    return result


# --- licence and copyright --------------------------------------------------------------------------------


def licences(record: Map, notes: Notes) -> Map:
    """A licence as text, address, {text, type, url}, {id, url} or MyST's {content, code} → one SPDX identifier."""
    result = Map.of(record, record.location)
    if result.get("licence") is not None:
        licence = _licence(result["licence"], notes)
        result["licence"] = licence if licence is not None else result["licence"]
    if "open-access" in result:
        notes.idle("open-access", key_location(result, "open-access", notes.home))
        del result["open-access"]
    holder = _holder(result.pop("copyright", None), result.pop("holder", None), notes)
    if holder is not None:
        result.setdefault("copyright-holder", holder)
    return result


def _licence(value: Any, notes: Notes) -> Any:
    """An SPDX identifier; else the author's words, which are told and published as they are: no other licence, such as
    the volume's, may stand in their place."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        value = Scalar.of(", ".join(value), location_of(value[0], notes.home))
    elif isinstance(value, list) and len(value) == 1:
        return _licence(value[0], notes)
    if isinstance(value, str):
        return _known(value, notes)
    if not isinstance(value, Map):
        return None
    if value.get("content") is not None:
        if value.get("code") is not None:
            notes.idle("licence.code", value["code"])
        return _licence(value["content"], notes)
    texts = [
        value[key] for key in ("id", "spdx", "url", "link", "type", "name", "text") if isinstance(value.get(key), str)
    ]
    named = next(
        (text for text in texts if known_licences.is_spdx(known_licences.recognised(text))),
        value.get("text") or value.get("name") or texts[:1],
    )
    return _licence(named, notes)


def _known(text: str, notes: Notes) -> Scalar:
    place = location_of(text, notes.home)
    try:
        return Scalar.of(known_licences.spdx(text), place)
    except InvalidIdentifier as error:
        hint = f"Did you mean {error.suggestion}?" if error.suggestion else "Write it as SPDX does: CC-BY-4.0, MIT."
        notes.add("I008", f"licence: {error}; it is published as it is written, without an address", text, hint)
        return Scalar.of(" ".join(text.split()), place)


def _holder(value: Any, apart: Any, notes: Notes) -> Any:
    """The holder alone from '© 2024 The Authors' and from Quarto's {holder, year, statement}."""
    if isinstance(apart, str):
        return apart
    if isinstance(value, Map):
        for key in value:
            if plain(key) != "holder":
                notes.idle(f"copyright.{key}", key_location(value, key, value.location))
        return value.get("holder")
    if not isinstance(value, str):
        return None
    text = re.sub(r"^(?:copyright|©|\(c\)|\s|\d{4}(?:\s*[-–]\s*\d{4})?|[,.])+(?:by\s+)?", "", value.strip(), flags=re.I)
    if text in ("", "true", "false"):
        return None
    return Scalar.of(text, location_of(value, notes.home))


# --- relations --------------------------------------------------------------------------------------------


def relations(record: Map, notes: Notes) -> Map:
    """`summarises: 10.1234/abc`, {doi, title …} or a list of them → `related`."""
    result = Map.of(record, record.location)
    related = list(result.get("related") or []) if isinstance(result.get("related"), list) else []
    for relation in Relation:
        value = result.get(relation.value)
        if value is None:
            continue
        place = key_location(result, relation.value, notes.home)
        del result[relation.value]
        for item in value if isinstance(value, list) else [value]:
            work = _work(item)
            if work is None:
                notes.add(
                    "M004",
                    f"{relation.value}: this should be a DOI, an address or a mapping",
                    item,
                    "Write `doi: …`.",
                )
                continue
            work["relation"] = Scalar.of(relation.value, place)
            related.append(work)
    if related:
        result["related"] = Seq.of(related, location_of(result.get("related"), record.location))
    return result


def supplements(record: Map, notes: Notes) -> Map:
    """`supplementary: data.csv`, an address, a DOI, {file, title …} or a list of them → `supplements`."""
    value = record.get("supplements")
    if value is None:
        return record
    result = Map.of(record, record.location)
    items = value if isinstance(value, list) else [value]
    result["supplements"] = Seq.of((_supplement(item) for item in items), location_of(value, record.location))
    return result


def _supplement(item: Any) -> Any:
    """A supplement from a mapping or one text; what is neither a DOI nor an address is a file."""
    if isinstance(item, str):
        text = item.strip()
        doi = re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:|10\.\d{4,}/)", text, re.I)
        field = "doi" if doi else "url" if re.match(r"https?://", text) else "file"
        return Map.of({field: item}, location_of(item, None))  # type: ignore[arg-type]
    if not isinstance(item, Map):
        return item
    names = {"label": "title", "name": "title", "caption": "description", "path": "file", "href": "url", "link": "url"}
    return Map.of({names.get(plain(key), key): value for key, value in item.items()}, item.location)


def _work(item: Any) -> Map | None:
    """Another work from a mapping, a DOI, an address, a slug or a title."""
    if isinstance(item, Map):
        return Map.of(item, item.location)
    if not isinstance(item, str) or not item.strip():
        return None
    text = item.strip()
    if re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:|10\.\d)", text, re.I):
        field = "doi"
    elif re.match(r"https?://", text):
        field = "url"
    elif re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text):
        field = "slug"
    else:
        field = "title"
    return Map.of({field: item}, location_of(item, None))  # type: ignore[arg-type]
