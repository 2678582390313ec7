"""What every output of a contribution must say: the facts of its record, and the words of its tree."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from proceedings import licences
from proceedings.agreement import marks
from proceedings.agreement.words import Passage, Passages, pieces, squeezed, without_references
from proceedings.build import Workshop
from proceedings.citations.repairs import FORMULA
from proceedings.document import INLINES, Document, Node, attributes, classes, has_attr, identifier, nodes, walk
from proceedings.edition import FILE, RECORDING, PageRange, Prepared, Store
from proceedings.model import Contribution, Contributor, Record, Volume, full_title
from proceedings.renderings import lists, missing
from proceedings.renderings.article import STATEMENTS, kind_label, terms
from proceedings.renderings.dates import long_date
from proceedings.renderings.files import published, size
from proceedings.renderings.jats.front import ARTICLE_TYPES
from proceedings.renderings.jats.references import publication_type

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SELDOM_PRINTED = ("short-title",)  # fields that not every output prints


class Known(Record):
    """All that the model knows of one contribution."""

    volume: Volume  # its imprint
    prepared: Prepared
    pages: PageRange | None = None
    section: str = ""
    path: str = ""  # the author's file
    before: str = ""  # slugs of its neighbours in the volume
    behind: str = ""


@dataclass(frozen=True)
class Cited:
    """A reference: words that it must hold, its authors' family names in order, its year, volume and first page; its
    DOI, in whose digits these are not looked for; its kind."""

    key: str
    parts: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    doi: str
    kind: str  # as JATS types it


@dataclass(frozen=True)
class Expected:
    """What is looked for. `facts` by name: empty where the model has none, and then no output may have one."""

    facts: Mapping[str, tuple[str, ...]]
    printed: tuple[tuple[str, str], ...]  # what the first page prints: (fact, words)
    body: tuple[Passage, ...]
    body_without_references: tuple[Passage, ...]
    notes: tuple[Passage, ...]
    fields: tuple[Passage, ...]
    generated: frozenset[str]
    formulas: tuple[str, ...]  # TeX that print shows where a formula cannot be drawn; longest first
    marks: marks.Marks
    numbers: Counter[str]  # what stands before the items of lists
    descriptions: Counter[str]
    recordings: frozenset[str]  # their descriptions
    links: frozenset[str]
    links_without_references: frozenset[str]
    references: tuple[Cited, ...]
    anchors: Mapping[str, tuple[Passage, ...]]  # id → the first words of what has it
    headed: tuple[str, ...]  # the furniture's words that are headings in print
    labelled: tuple[str, ...]  # those that stand before what they name, with its beginning
    heads: tuple[str, ...]  # what is printed at the head of its pages, besides its authors


def expected(known: Known, shop: Workshop) -> Expected:
    """The facts and the words, from the record and the tree. What does not depend on pages is worked out once for all
    outputs, and not again when a contribution only moves."""
    unplaced = known.model_copy(update={"pages": None, "before": "", "behind": ""})
    key, form = unplaced.model_dump_json().encode(), _form()
    held = form.validate_json(shop.memo("expected", key, lambda: form.dump_json(_unplaced(unplaced, shop.store))))
    return replace(held, facts={**held.facts, **_placed(known)})


@cache
def _form() -> TypeAdapter[Expected]:
    """How it is kept as JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(Expected)


def _unplaced(known: Known, store: Store) -> Expected:
    prepared = known.prepared
    document: Document = json.loads(store.get(prepared.tree))
    rich: dict[str, Any] = document["meta"].get("rich", {}).get("c", {})
    written = missing.told(document["blocks"], prepared.contribution.lang)
    body = Passages.of(written)  # JATS has what the author wrote
    bare = Passages.of(without_references(document["blocks"]))
    fields = {name: Passages.of(value.get("c"), name) for name, value in rich.items() if name not in SELDOM_PRINTED}
    facts = _facts(known, rich)
    return Expected(
        facts=facts,
        printed=_printed(known, document, facts),
        body=tuple(body.text),
        body_without_references=tuple(bare.text),
        notes=tuple(body.notes + [note for found in fields.values() for note in found.notes]),
        fields=tuple(passage for found in fields.values() for passage in found.text),
        generated=_generated(known, document, body.labels),
        formulas=_formulas(document),
        marks=marks.of_tree([written, list(rich.values())], prepared),
        numbers=_numbers([document["blocks"], list(rich.values())]),
        descriptions=_descriptions([document["blocks"], list(rich.values())]),
        recordings=_recordings(document),
        links=_links([document["blocks"], list(rich.values())]),
        links_without_references=_links([without_references(document["blocks"]), list(rich.values())]),
        references=tuple(_reference(item) for item in json.loads(store.get(prepared.references))),
        anchors=_anchors(document),
        headed=_headed(known, document, rich),
        labelled=_labelled(known),
        heads=_heads(known),
    )


def _facts(known: Known, rich: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    item, volume = known.prepared.contribution, known.volume
    title = "".join(passage.words for passage in Passages.of(rich.get("title", {}).get("c")).text)
    published = item.published or volume.published
    licence = item.licence or volume.licence
    dates = [date for date in (item.received, item.revised, item.accepted, item.publication(volume)) if date]
    facts: dict[str, Any] = {
        **_of_people(item),
        **_of_volume(known),
        "dates": tuple(date.isoformat() for date in dates),
        "printed dates": tuple(long_date(date, item.lang) for date in dates),
        "title": (known.prepared.title,),
        "full title": (known.prepared.full_title,),
        "printed title": (title or known.prepared.title,),
        "authors": tuple(person.name for person in item.authors),
        "authors inverted": tuple(person.inverted for person in item.authors),
        "orcids": tuple(f"https://orcid.org/{person.orcid}" for person in item.authors if person.orcid),
        "doi": (item.doi or volume.doi_of(item.slug),),
        "published": (published.isoformat(),) if published else (),
        "received": (item.received.isoformat(),) if item.received else (),
        "accepted": (item.accepted.isoformat(),) if item.accepted else (),
        "volume date": (volume.published.isoformat(),) if volume.published else (),
        "licence": (licences.address_of(licence),) if licence else (),
        "language": (item.lang,),
        "keywords": item.keywords,
        **{f"word for {name}": (word,) for name, word in terms(item.lang).items()},
        "how to cite without pages": (known.prepared.how_to_cite,),
    }
    return {name: tuple(value for value in values if value) for name, values in facts.items()}


def _of_people(item: Contribution) -> dict[str, tuple[str | None, ...]]:
    """The authors with what belongs to each, and who stands for the work and pays for it."""
    organisations = {row.id: row.name for row in item.affiliations}

    def described(person: Contributor, name: str) -> str:
        places = sorted({organisations[place] for place in person.affiliations if place in organisations})
        iri = f"https://orcid.org/{person.orcid}" if person.orcid else ""
        return "; ".join(part for part in (name, iri, *places) if part)

    return {
        "people": tuple(described(person, person.name) for person in item.authors),
        "people inverted": tuple(described(person, person.inverted) for person in item.authors),
        "addresses for letters": tuple(sorted({person.email for person in item.authors if person.email})),
        "marks of authors": tuple(
            f"{person.name}: {mark}" for person in item.authors for mark in MARKS if getattr(person, mark)
        ),
        "roles": tuple(f"{person.name}: {role}" for person in item.authors for role in person.credit),
        "affiliations": tuple(
            "; ".join(part for part in (row.department, row.name, row.city, row.region, row.country_code) if part)
            for row in item.affiliations
        ),
        "awards": tuple(award for grant in item.funding for award in grant.awards),
        "funders": tuple(grant.funder for grant in item.funding),
    }


def _placed(known: Known) -> dict[str, tuple[str, ...]]:
    """The facts that a place in the volume gives."""
    pages, cited = known.pages, how_to_cite(known)
    return {
        "pages": (str(pages),) if pages else (),
        "first page": (pages.first,) if pages else (),
        "last page": (pages.last,) if pages else (),
        "how to cite": (cited,) if cited else (),
        "way to before": (f"../{known.before}/index.html",) if known.before else (),
        "way to behind": (f"../{known.behind}/index.html",) if known.behind else (),
        "way to contents": ("../index.html",),
    }


MARKS = ("corresponding", "equal_contribution", "deceased")


def _of_volume(known: Known) -> dict[str, tuple[str | None, ...]]:
    """What the contribution has from its volume, and what it is in it."""
    item, volume = known.prepared.contribution, known.volume
    series, isbn = volume.series, volume.isbn
    published = item.published or volume.published
    holder = item.copyright_holder or volume.copyright_holder
    event, publisher = volume.event, volume.publisher
    year = str(published.year) if published else ""
    return {
        "slug": (item.slug,),
        "abbreviation": (series.abbreviation if series else "",),
        "place of publication": (publisher.place if publisher else "",),
        "DOI of the volume": (volume.doi,),
        "first day of the event": (event.start.isoformat() if event and event.start else "",),
        "statement of rights": (" ".join(part for part in ("©", year, holder) if part) if holder else "",),
        "kind": (kind_label(item, terms(item.lang)),),
        "article type": (ARTICLE_TYPES[item.kind],),
        "section": (known.section,),
        "series": (series.title if series else "",),
        "ISSN": ((series.issn or "", series.issn_print or "") if series else ()),
        "electronic ISSN": (series.issn if series else "",),
        "ISBN": (isbn.print, isbn.pdf, isbn.epub, isbn.html),
        "ISBN of the site": (isbn.html or isbn.pdf or isbn.print,),
        "number": ((series.number if series else "") or volume.number,),
        "number of the volume": (volume.number,),
        "publisher": (publisher.name if publisher else "",),
        "volume": (volume.title,),
        "full title of the volume": (full_title(volume.title, volume.subtitle),),
        "event": (event.name if event else "",),
        "copyright": (holder, year if holder else ""),
    }


def how_to_cite(known: Known) -> str:
    """How to cite a contribution, with its pages where they are known and the style prints them."""
    prepared = known.prepared
    return prepared.cite.whole(known.pages) if prepared.cite and known.pages else prepared.how_to_cite


def _printed(known: Known, document: Document, facts: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """What a reader of the first page must find there."""
    item = known.prepared.contribution
    published = item.publication(known.volume)
    rich: Mapping[str, Any] = document["meta"].get("rich", {}).get("c", {})
    found = [("title", words) for words in pieces(rich.get("title", {}).get("c"))] or [
        ("title", words) for words in facts["printed title"]
    ]
    found += [("author", name) for name in facts["authors"]]
    found += [("DOI", item.doi)] if item.doi else []
    found += [("date", long_date(published, item.lang))] if published else []
    return tuple(found)


def _generated(known: Known, document: Document, labels: set[str]) -> frozenset[str]:
    """Words that outputs add between those of the author: labels, the furniture's words, the credit of a figure."""
    item = known.prepared.contribution
    words = terms(item.lang)
    found = {*labels, *words.values(), kind_label(item, words)}
    for node in nodes(document["blocks"], "Image", "Figure", "Div"):
        pairs = attributes(node)
        found.update(pairs.get(name, "") for name in ("title", "credit", "holder", "licence", "name"))
        if node["t"] == "Image":
            found.update((node["c"][2][0], pairs.get("alt", "")))
        found.add(licences.name_of(licences.recognised(pairs.get("licence", ""))))
    found.update(_people(item))
    found.update(_recordings(document))
    for asset in known.prepared.files:
        found |= {asset.own_name, f"({size(asset)})", published(asset, known.prepared, known.volume)}
    return frozenset(found - {""})


def _formulas(document: Document) -> tuple[str, ...]:
    """The TeX of formulas that is not also a word."""
    found = {squeezed(node["c"][1]) for node in nodes(document, "Math")}
    return tuple(sorted(filter(is_tex, found), key=lambda tex: (-len(tex), tex)))


def is_tex(bare: str) -> bool:
    """Whether squeezed text can be, or hold, the TeX of a formula: it has its signs, or is longer than any word."""
    return len(bare) > 100 or not {"\\", "{", "}", "^", "_", "&"}.isdisjoint(bare)


def _people(item: Contribution) -> set[str]:
    """What the statements about authors and funders are made of."""
    found = {person.name for person in item.contributors} | {
        role for person in item.contributors for role in person.credit
    }
    for grant in item.funding:
        found |= {grant.funder, grant.funder_id, *grant.awards}
    return found


def _numbers(content: Any) -> Counter[str]:
    """What stands before the items of numbered lists."""
    return Counter(label for node in nodes(content, "OrderedList") for label in lists.labels(node))


def _headed(known: Known, document: Document, rich: Mapping[str, Any]) -> tuple[str, ...]:
    item = known.prepared.contribution
    names = [name for name in ("plain-summary", *STATEMENTS) if name in rich]
    names += ["abstract"] if item.abstract else []
    names += ["funding"] if item.funding else []
    names += ["contributions"] if any(person.credit for person in item.authors) else []
    for before, node in pairwise([{"t": "Null"}, *document["blocks"]]):
        is_list = node["t"] == "Div" and "references" in classes(node)
        names += ["references"] if is_list and before["t"] not in ("Header", "Div") else []
    words = terms(item.lang)
    return tuple(words[name] for name in names)


def _labelled(known: Known) -> tuple[str, ...]:
    prepared, words = known.prepared, terms(known.prepared.contribution.lang)
    keywords, cite = prepared.contribution.keywords[:1], prepared.how_to_cite[:1]
    named = (*((words["keywords"], word) for word in keywords), *((words["cite"], letter) for letter in cite))
    return tuple(f"{word}: {what}" for word, what in named)


def _heads(known: Known) -> tuple[str, ...]:
    """Titles, and what is printed across a work that is no longer valid."""
    item, words = known.prepared.contribution, terms(known.prepared.contribution.lang)
    titles = (item.short_title, known.prepared.title, known.volume.short_title, known.volume.title)
    return tuple(title for title in (*titles, words["retracted"], words["withdrawn"]) if title)


def _anchors(document: Document) -> dict[str, tuple[Passage, ...]]:
    """Id → the first words of what has it: one of them stands where it begins. Of a piece of a line, which a page end
    may cut, the first letters."""
    found: dict[str, tuple[Passage, ...]] = {}
    for node in walk(document["blocks"]):
        if not has_attr(node) or not identifier(node):
            continue
        parts = node["c"][1:] if node["t"] == "Figure" else [node]  # its caption is above or below
        first = [passages[0] for passages in (Passages.of(part).text for part in parts) if passages]
        if node["t"] in INLINES:
            first = [replace(passage, words=passage.words[:4]) for passage in first]
        found[identifier(node)] = tuple(first)
    return found


def _descriptions(content: Any) -> Counter[str]:
    """The descriptions that authors wrote for pictures."""
    found = (attributes(node).get("alt", "").strip() for node in nodes(content, "Image"))
    return Counter(alt for alt in found if alt)


def _recordings(document: Document) -> frozenset[str]:
    """The descriptions of recordings, which print sets as text."""
    spans = (node for node in nodes(document["blocks"], "Span") if RECORDING in classes(node))
    return frozenset(alt for node in spans if (alt := attributes(node).get("alt", "").strip()))


def _links(content: Any) -> frozenset[str]:
    return frozenset(
        unquote(target)
        for node in nodes(content, "Link")
        if (target := node["c"][2][0])
        and not target.startswith(("#", f"{FILE}:"))
        and any(True for _ in _seen(node["c"][1]))
    )


def _seen(content: list[Node]) -> Any:
    """The nodes of a link that can be clicked."""
    return nodes(content, "Str", "Code", "Math", "Image")


def _reference(item: Mapping[str, Any]) -> Cited:
    """Of a reference what cannot be said in two ways."""
    people = [person for person in item.get("author") or () if isinstance(person, Mapping)]
    names = [str(person.get("family") or "") for person in people]
    names = [name for name in names if name.lower() not in ("others", "al.", "al")]
    given = [str(person.get("given") or "") for person in people if person.get("family") in names]
    title, source, publisher = (_bare(item.get(name)) for name in ("title", "container-title", "publisher"))
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", str(item.get("DOI") or ""), flags=re.IGNORECASE)
    issued = item.get("issued")
    dates = issued.get("date-parts") if isinstance(issued, Mapping) else None
    year = str(dates[0][0]) if dates and dates[0] else ""
    first = [re.findall(r"\d+", str(item.get(name) or ""))[:1] for name in ("volume", "page")]
    return Cited(
        str(item.get("id", "")),
        parts=tuple(
            part for part in (*FORMULA.split(title)[::2], *names, *given, source, publisher, doi) if squeezed(part)
        ),
        names=tuple(name for name in names if name),
        numbers=tuple(filter(None, (year, *(number for found in first for number in found)))),
        doi=doi,
        kind=publication_type(item),
    )


def _bare(value: Any) -> str:
    """A value without CSL's markup."""
    return re.sub(r"</?(?:i|b|em|strong|sup|sub|sc|span)\b[^<>]*>", "", str(value or ""), flags=re.IGNORECASE)
