"""BibTeX, RIS and CSL-JSON of each contribution, of what it cites, and of the whole volume, for reference managers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from proceedings.bibliography import Item, exports
from proceedings.edition import Edition, PageRange, Prepared, Store
from proceedings.model import Contributor, Kind, Record, Volume
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

# CSL's type of a kind, where it is not simply a paper of the volume.
_TYPES = {Kind.BOOK_REVIEW: "review-book"}

_FORMATS = (("bib", exports.bibtex), ("ris", exports.ris), ("json", exports.csl_json))


class Work(Record):
    """What the exports of a contribution depend on."""

    volume: Volume
    prepared: Prepared
    pages: PageRange | None = None


class Works(Record):
    """What the exports of the volume depend on: its own facts, and its contributions in reading order."""

    volume: Volume
    works: tuple[Work, ...]


def item_of(work: Work) -> Item:
    """A contribution as a CSL item. What is not known is not in it."""
    volume, contribution = work.volume, work.prepared.contribution
    kind = _TYPES.get(contribution.kind, "paper-conference" if volume.event else "chapter")
    item = {
        **_common(volume),
        "id": contribution.slug,
        "type": kind,
        "title": _title(work.prepared.title or contribution.title, contribution.subtitle),
        "author": _names(contribution.authors),
        "editor": _names(volume.editors),
        "container-title": _title(volume.title, volume.subtitle),
        "issued": _date(contribution.published or volume.published),
        "page": str(work.pages).replace("–", "-") if work.pages else "",
        "DOI": contribution.doi or volume.doi_of(contribution.slug) or "",
        "language": contribution.lang,
        "keyword": ", ".join(contribution.keywords),
    }
    return {name: value for name, value in item.items() if value}


def volume_item(volume: Volume) -> Item:
    """The volume as a CSL item."""
    item = {
        **_common(volume),
        "id": "volume",
        "type": "book",
        "title": _title(volume.title, volume.subtitle),
        "editor": _names(volume.editors),
        "issued": _date(volume.published),
        "DOI": volume.doi or "",
        "URL": volume.url or "",
        "language": volume.lang,
    }
    return {name: value for name, value in item.items() if value}


def _common(volume: Volume) -> Item:
    """What a contribution and its volume share."""
    series, event, publisher = volume.series, volume.event, volume.publisher
    return {
        "volume": volume.number,
        "collection-title": series.title if series else "",
        "collection-number": series.number if series else "",
        "ISSN": (series.issn or series.issn_print or "") if series else "",
        "ISBN": volume.isbn.pdf or volume.isbn.print or volume.isbn.html or volume.isbn.epub or "",
        "publisher": publisher.name if publisher else "",
        "publisher-place": publisher.place if publisher else "",
        "event-title": event.name if event else "",
        "event-place": ", ".join(part for part in (event.city, event.country) if part) if event else "",
    }


def _title(title: str, subtitle: str | None) -> str:
    return f"{title}: {subtitle}" if subtitle else title


def _date(day: date | None) -> dict[str, Any]:
    return {"date-parts": [[day.year, day.month, day.day]]} if day else {}


def _names(people: Sequence[Contributor]) -> list[dict[str, str]]:
    names = []
    for person in people:
        parts = {"given": person.given, "family": person.family, "suffix": person.suffix}
        named = {"literal": person.group} if person.group else {**parts, "non-dropping-particle": person.particle}
        names.append({part: value for part, value in named.items() if value})
    return names


# --- the writers ------------------------------------------------------------------------------------------------


def _work(edition: Edition, slug: str) -> Work:
    return Work(volume=edition.imprint(), prepared=edition.prepared[slug], pages=edition.pages(slug))


def _works(edition: Edition, _: str) -> Works:
    return Works(volume=edition.imprint(), works=tuple(_work(edition, slug) for slug in edition.prepared))


def _files(name: str, items: Sequence[Item]) -> list[Artifact]:
    """The items in every format, where there are any."""
    return [Artifact(f"{name}.{suffix}", write(items).encode()) for suffix, write in _FORMATS] if items else []


def write_contribution(view: Work, store: Store) -> Output:
    """cite/SLUG.bib|ris|json of the contribution, and cite/SLUG-references.… of what it cites."""
    slug = view.prepared.contribution.slug
    references: list[Item] = json.loads(store.get(view.prepared.references))
    return Output((*_files(f"cite/{slug}", [item_of(view)]), *_files(f"cite/{slug}-references", references)))


def write_volume(view: Works, _: Store) -> Output:
    """cite/volume.bib|ris|json: the volume and every contribution."""
    return Output(tuple(_files("cite/volume", [volume_item(view.volume), *map(item_of, view.works)])))


CONTRIBUTION = Writer(
    name="cite",
    summary="BibTeX, RIS and CSL-JSON of each contribution and of its references",
    scope=Scope.CONTRIBUTION,
    view=_work,
    write=write_contribution,
    needs=frozenset({Need.PAGES}),
)

VOLUME = Writer(
    name="cite-volume",
    summary="BibTeX, RIS and CSL-JSON of the volume and its contributions",
    scope=Scope.VOLUME,
    view=_works,
    write=write_volume,
    needs=frozenset({Need.PAGES}),
)
