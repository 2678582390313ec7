"""Licence and copyright, funding, and relations to other works."""

from __future__ import annotations

import re
from typing import Any

from proceedings import identifiers
from proceedings.frontmatter.fields import plain
from proceedings.frontmatter.notes import Notes
from proceedings.model import Kind, Relation
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_KINDS = {
    "article": "research-paper", "research-article": "research-paper", "paper": "research-paper", "opinion": "op-ed",
    "oped": "op-ed", "opinion-piece": "op-ed", "summary": "research-summary", "brief": "policy-brief", "erratum": "corrigendum",
    "correction": "corrigendum", "review-of-a-book": "book-review", "plain-language-summary": "research-summary",
}  # fmt: skip


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
    if isinstance(value, list) and len(value) == 1:
        return _licence(value[0], notes)
    if isinstance(value, str):
        return Scalar.of(_spdx(value), location_of(value, notes.home))
    if not isinstance(value, Map):
        return None
    if value.get("content") is not None:
        if value.get("code") is not None:
            notes.idle("licence.code", value["code"])
        return _licence(value["content"], notes)
    texts = [
        value[key] for key in ("id", "spdx", "url", "link", "type", "name", "text") if isinstance(value.get(key), str)
    ]
    for text in texts:
        if _is_licence(_spdx(text)):
            return Scalar.of(_spdx(text), location_of(text, notes.home))
    return texts[0] if texts else None


def _is_licence(text: str) -> bool:
    try:
        identifiers.licence(text)
    except identifiers.InvalidIdentifier:
        return False
    return True


def _spdx(text: str) -> str:
    """'Creative Commons Attribution 4.0 International' → 'CC-BY-4.0'; what is no such name stays as it is."""
    words = re.sub(r"[()]|creative commons|licen[sc]e|international|unported|generic|^the\b", " ", text, flags=re.I)
    version = re.search(r"\d\.\d", words)
    names = {"attribution": "BY", "by": "BY", "noncommercial": "NC", "nc": "NC", "noderivatives": "ND", "noderivs": "ND", "nd": "ND",
             "sharealike": "SA", "sa": "SA", "cc": ""}  # fmt: skip
    parts = re.sub(r"\d\.\d|non[- ]commercial|no[- ]deriv(?:ative)?s|share[- ]alike",
                   lambda match: " " + re.sub(r"[-\s\d.]", "", match[0]) + " ", words, flags=re.I)  # fmt: skip
    marks = [names.get(word) for word in re.split(r"[\s\-_,.]+", parts.lower()) if word]
    if version and marks and "BY" in marks and None not in marks:
        return f"CC-{'-'.join(mark for mark in marks if mark)}-{version[0]}"
    if re.fullmatch(r"\s*CC[- ]?0(?:[- ]1\.0)?(?: universal)?\s*", words, re.I):
        return "CC0-1.0"
    return text.strip()


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


# --- funding ----------------------------------------------------------------------------------------------


def funding(record: Map, notes: Notes) -> Map:
    """Quarto's, MyST's and our own funding → one entry a funder. Prose without a named funder joins the thanks."""
    result = Map.of(record, record.location)
    value = result.pop("funding", None)
    prose: list[Scalar] = []
    entries = [
        entry for item in (value if isinstance(value, list) else [value]) for entry in _grants(item, prose, notes)
    ]
    statement = result.pop("funding-statement", None)
    if isinstance(statement, str):
        prose.append(Scalar.of(statement, location_of(statement, notes.home)))
    if entries:
        result["funding"] = Seq.of(entries, location_of(value, notes.home))
    if prose:
        notes.add("M025", "funding is told in prose without a `funder`; it is printed with the acknowledgements", prose[0],
                  "Write `funding:` as a list of `funder:` and `awards:`.")  # fmt: skip
        thanks = result.get("acknowledgements")
        before = [thanks] if isinstance(thanks, str) else list(thanks or [])
        place = location_of(thanks, prose[0].location)
        result["acknowledgements"] = Scalar.of("\n\n".join([*before, *prose]), place)
    return result


def _grants(item: Any, prose: list[Scalar], notes: Notes) -> list[Map]:
    """One entry of a funding list → entries with a funder each."""
    if isinstance(item, str):
        if item.strip():
            prose.append(Scalar.of(item, location_of(item, notes.home)))
        return []
    if not isinstance(item, Map):
        return []
    fields = Map.of({plain(key): value for key, value in item.items()}, item.location)
    if isinstance(fields.get("awards"), list) and any(isinstance(award, Map) for award in fields["awards"]):
        statement = fields.get("statement")
        grants = [grant for award in fields["awards"] for grant in _grants(award, prose, notes)]
        if isinstance(statement, str) and grants:
            grants[0].setdefault("statement", statement)
        elif isinstance(statement, str):
            prose.append(Scalar.of(statement, location_of(statement, notes.home)))
        return grants
    return _funders(fields, prose, notes)


def _funders(fields: Map, prose: list[Scalar], notes: Notes) -> list[Map]:
    awards = [award for key in ("awards", "award", "award-id", "award-number", "grant", "grant-number", "id", "number")
              for award in _texts(fields.get(key))]  # fmt: skip
    funders = next(
        (fields[key] for key in ("funder", "source", "sources", "institution", "name") if fields.get(key)),
        None,
    )
    grants: list[Map] = []
    for funder in funders if isinstance(funders, list) else [funders]:
        entry = _funder(funder, fields)
        if entry is not None:
            if awards:
                entry["awards"] = Seq.of(awards, fields.location)
            if isinstance(fields.get("statement"), str) and not grants:
                entry["statement"] = fields["statement"]
            grants.append(entry)
    known = {"awards", "award", "award-id", "award-number", "grant", "grant-number", "id", "number", "funder", "source", "sources",
             "institution", "statement", "funder-id", "funder-doi", "funder-ror", "ror"}  # fmt: skip
    for key in fields:
        if key not in known and not (key == "name" and fields[key] is funders) and fields[key] is not None:
            notes.idle(f"funding.{key}", fields[key])
    if not grants:
        texts = [fields.get("statement"), *awards]
        prose.extend(
            Scalar.of(str(text), location_of(text, fields.location)) for text in texts if isinstance(text, str)
        )
    return grants


def _funder(value: Any, fields: Map) -> Map | None:
    """{funder, funder-id} from a name or from {name/institution, ror/id, country}."""
    ident = next(
        (fields[key] for key in ("funder-id", "funder-ror", "funder-doi", "ror") if isinstance(fields.get(key), str)),
        None,
    )
    if isinstance(value, Map):
        named = {plain(key): item for key, item in value.items()}
        name = next(
            (named[key] for key in ("name", "institution", "text", "id") if isinstance(named.get(key), str)),
            None,
        )
        ident = ident or next(
            (named[key] for key in ("ror", "doi", "funder-id", "institution-id") if isinstance(named.get(key), str)),
            None,
        )
        value = name
    if not isinstance(value, str) or not value.strip():
        return None
    entry = Map.of({"funder": value}, location_of(value, fields.location))
    if ident:
        entry["funder-id"] = ident
    return entry


def _texts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) and value.strip() else []


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
