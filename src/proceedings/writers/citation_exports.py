"""BibTeX, RIS and CSL-JSON of each contribution, of what it cites, and of the whole volume, for reference managers."""

from __future__ import annotations

import json
from collections.abc import Sequence

from proceedings.bibliography import Item, exports
from proceedings.citations import works
from proceedings.edition import Edition, PageRange, Prepared, Store
from proceedings.model import Record, Volume
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

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


# --- the writers ------------------------------------------------------------------------------------------------


def item_of(work: Work) -> Item:
    """A contribution as a CSL item."""
    return works.item_of(
        work.prepared.contribution, work.volume, work.prepared.title, work.prepared.subtitle, work.pages
    )


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
    return Output(tuple(_files("cite/volume", [works.volume_item(view.volume), *map(item_of, view.works)])))


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
