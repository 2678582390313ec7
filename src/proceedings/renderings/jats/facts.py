"""What one contribution's JATS depends on."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator

from pydantic import Field

from proceedings.edition import Edition, PageRange, Prepared, Store
from proceedings.model import Record, Relation, Slug, Volume
from proceedings.renderings.jats import Rendering


class Neighbour(Record):
    """Another contribution of the volume, to which this one stands in a relation."""

    title: str
    doi: str | None = None


class Answer(Record):
    """Another contribution of the volume that stands in a relation to this one: its corrigendum, its summary."""

    relation: Relation
    slug: Slug
    work: Neighbour


class Facts(Record):
    """What one contribution's JATS depends on."""

    volume: Volume
    prepared: Prepared
    pages: PageRange | None = None
    section: str = ""
    neighbours: dict[Slug, Neighbour] = Field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    path: str = ""  # the author's file, for findings

    @property
    def issn(self) -> bool:
        """Whether there is an ISSN, which Journal Publishing requires."""
        series = self.volume.series
        return series is not None and bool(series.issn or series.issn_print)

    @property
    def published(self) -> datetime.date | None:
        return self.prepared.contribution.published or self.volume.published

    @property
    def doi(self) -> str | None:
        item = self.prepared.contribution
        return item.doi or self.volume.doi_of(item.slug)


def facts(edition: Edition, slug: str) -> Facts:
    """The facts about one contribution of an edition."""
    prepared = edition.prepared[slug]
    related = [work.slug for work in prepared.contribution.related if work.slug in edition.prepared]
    return Facts(
        volume=edition.imprint(),
        prepared=prepared,
        pages=edition.pages(slug),
        section=edition.section_title(slug),
        neighbours={
            other: Neighbour(title=edition.prepared[other].title, doi=edition.prepared[other].contribution.doi)
            for other in related
            if other
        },
        answers=tuple(_answers(edition, slug)),
        path=edition.paths.get(slug, ""),
    )


def _answers(edition: Edition, slug: str) -> Iterator[Answer]:
    own = edition.prepared[slug].contribution.doi
    for other, prepared in edition.prepared.items():
        item = prepared.contribution
        for work in item.related:
            if other != slug and (work.slug == slug or (own and work.doi == own)):
                yield Answer(relation=work.relation, slug=other, work=Neighbour(title=prepared.title, doi=item.doi))


def rendering_of(facts: Facts, store: Store) -> Rendering:
    """The contribution's tree, ready to be written as JATS."""
    prepared = facts.prepared
    return Rendering(
        json.loads(store.get(prepared.tree)),
        json.loads(store.get(prepared.references)),
        slug=prepared.contribution.slug,
        lang=prepared.contribution.lang,
        path=facts.path,
        images=prepared.images,
        supplements=prepared.supplements(),
        files=prepared.files,
    )
