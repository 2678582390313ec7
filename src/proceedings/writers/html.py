"""The reading site: a page for each contribution, with the metadata that indexers read, and the volume's contents."""

from __future__ import annotations

import json
from typing import Any

from proceedings import maths, stylesheets
from proceedings.build import code_digest
from proceedings.edition import Amendment, Digest, Edition, Look, PageRange, Prepared, Store, neighbours
from proceedings.model import Record, Volume
from proceedings.renderings.article import DATA, article, kind_label, templates, terms
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer, beside


class Neighbour(Record):
    """The contribution before or behind another one."""

    slug: str
    title: str  # XHTML
    lang: str


class PageView(Record):
    """What one contribution's page depends on."""

    volume: Volume
    prepared: Prepared
    parts: Digest
    section: str
    pages: PageRange | None
    references: Digest
    amendments: tuple[Amendment, ...] = ()
    before: Neighbour | None = None
    behind: Neighbour | None = None


def _page_view(edition: Edition, slug: str) -> PageView:
    prepared = edition.prepared[slug]
    before, behind = neighbours(edition.prepared)[slug]
    return PageView(
        volume=edition.imprint(),
        prepared=prepared,
        parts=edition.fragments[slug],
        section=edition.section_title(slug),
        pages=edition.pages(slug),
        references=prepared.references,
        amendments=edition.amendments(slug),
        before=_neighbour(edition, before),
        behind=_neighbour(edition, behind),
    )


def _neighbour(edition: Edition, slug: str) -> Neighbour | None:
    if not slug:
        return None
    return Neighbour(slug=slug, title=edition.listed_title(slug), lang=edition.prepared[slug].contribution.lang)


def _write_page(view: PageView, store: Store) -> Output:
    parts = json.loads(store.get(view.parts))
    item, volume = view.prepared.contribution, view.volume
    content = article(
        view.prepared,
        parts,
        volume,
        view.section,
        pages=view.pages,
        amendments=view.amendments,
        base_of="../{slug}/index.html",
        reach=lambda asset: asset.name,
    )
    page = (
        templates()
        .get_template("page.html")
        .render(
            item=item,
            volume=volume,
            title=view.prepared.title,
            content=content,
            headings=[heading for heading in parts["headings"] if heading["level"] <= 2 and heading["id"]],
            words=terms(item.lang),
            furniture=terms(volume.lang),
            tags=_highwire(view),
            before=view.before,
            behind=view.behind,
        )
    )
    folder = f"html/{item.slug}"
    return Output((Artifact(f"{folder}/index.html", page.encode()), *beside(view.prepared, folder)))


def _highwire(view: PageView) -> list[tuple[str, str]]:
    """The citation_* tags that Google Scholar and Zotero read; a fact that is not known has no tag."""
    item, volume = view.prepared.contribution, view.volume
    tags: list[tuple[str, Any]] = [("citation_title", view.prepared.full_title)]
    affiliations = {aff.id: aff.name for aff in item.affiliations}
    for person in item.authors:
        tags.append(("citation_author", person.group or person.inverted))
        tags += [
            ("citation_author_institution", affiliations[name]) for name in person.affiliations if name in affiliations
        ]
        tags.append(("citation_author_orcid", f"https://orcid.org/{person.orcid}" if person.orcid else ""))
    published = item.published or volume.published
    event = volume.event
    tags += [
        ("citation_publication_date", published.strftime("%Y/%m/%d") if published else ""),
        ("citation_conference_title", event.name if event else ""),
        ("citation_inbook_title", volume.title),
        ("citation_publisher", volume.publisher.name if volume.publisher else ""),
        ("citation_doi", item.doi),
        ("citation_isbn", volume.isbn.html or volume.isbn.pdf or volume.isbn.print),
        ("citation_issn", volume.series.issn if volume.series else ""),
        ("citation_volume", volume.number),
        ("citation_firstpage", view.pages.first if view.pages else ""),
        ("citation_lastpage", view.pages.last if view.pages else ""),
        ("citation_language", item.lang),
        ("citation_keywords", "; ".join(item.keywords)),
    ]
    if volume.url:
        base = volume.url.rstrip("/")
        tags.append(("citation_pdf_url", f"{base}/pdf/{item.slug}.pdf"))
        tags.append(("citation_fulltext_html_url", f"{base}/html/{item.slug}/"))
    return [(name, str(value)) for name, value in tags if value]


# --- contents ------------------------------------------------------------------------------------------------------


class ContentsRow(Record):
    slug: str
    title: str  # XHTML
    plain_title: str
    kind: str
    authors: tuple[str, ...]
    pages: PageRange | None
    doi: str
    lang: str
    abstract: str
    state: str = ""


class ContentsView(Record):
    volume: Volume
    front: tuple[ContentsRow, ...]
    sections: tuple[tuple[str, tuple[ContentsRow, ...]], ...]
    missing: tuple[tuple[str, str], ...]
    formulas: bool = False  # whether a contribution has some
    look: Look = Look()


def _contents_view(edition: Edition, _slug: str) -> ContentsView:
    def row(slug: str) -> ContentsRow:
        prepared = edition.prepared[slug]
        item = prepared.contribution
        pages = edition.pages(slug)
        return ContentsRow(
            slug=slug,
            title=edition.listed_title(slug),
            plain_title=prepared.full_title,
            kind=kind_label(item, terms(edition.volume.lang)),
            pages=pages,
            doi=item.doi or "",
            authors=tuple(person.name for person in item.authors),
            lang=item.lang,
            abstract="",
            state=edition.state(slug),
        )

    return ContentsView(
        volume=edition.imprint(),
        front=tuple(row(slug) for slug in edition.front if slug in edition.prepared),
        sections=tuple(
            (section.title if section else "", tuple(row(slug) for slug in slugs)) for section, slugs in edition.parts()
        ),
        missing=tuple((item.slug, item.reason) for item in edition.missing),
        formulas=bool(edition.formulas),
        look=edition.looks.site,
    )


_TYPEFACE = "fonts/STIXTwoMath-Regular.woff"  # of formulas


def _write_contents(view: ContentsView, store: Store) -> Output:
    page = templates().get_template("index.html").render(view=view, volume=view.volume, words=terms(view.volume.lang))
    style = (DATA / "templates" / "site.css").read_bytes()
    files = [Artifact(f"html/styles/{name}", digest=digest) for name, digest in view.look.files]
    if view.formulas:
        style += f'@font-face {{ font-family: "STIX Two Math"; src: url({_TYPEFACE}) }}\n'.encode()
        typeface = store.memo(f"typeface {code_digest()}", b"", maths.typeface)
        files.append(Artifact(f"html/{_TYPEFACE}", typeface))
    style = stylesheets.appended(style, view.look, store)
    return Output((Artifact("html/index.html", page.encode()), Artifact("html/style.css", style), *files))


PAGE = Writer(
    "html",
    "a page for each contribution",
    Scope.CONTRIBUTION,
    _page_view,
    _write_page,
    frozenset({Need.FRAGMENT, Need.PAGES}),
)
CONTENTS = Writer(
    "site",
    "the volume's contents as a page",
    Scope.VOLUME,
    _contents_view,
    _write_contents,
    frozenset({Need.PAGES}),
    main="html/index.html",
)
