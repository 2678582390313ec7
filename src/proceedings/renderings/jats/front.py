"""Records → what JATS has before the text: the journal's and the article's facts. BITS has the same for its chapters.

Nothing is written for a fact that nobody gave; an element never stands empty.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from proceedings.diagnostics import Location, finding
from proceedings.edition import PageRange
from proceedings.model import Event, Funding, Kind, RelatedWork, Relation, Review, Status, Volume, full_title
from proceedings.renderings.article import kind_label, terms
from proceedings.renderings.dates import date_range
from proceedings.renderings.jats import Rendering
from proceedings.renderings.jats.facts import Facts
from proceedings.renderings.jats.grammar import Element, add_text, fill, new, set_all, sub, unwrap
from proceedings.renderings.jats.inlines import prefix
from proceedings.renderings.jats.people import People, country, institution, wrapped_institution
from proceedings.renderings.jats.rights import permissions
from proceedings.renderings.jats.supplements import supplements

# Kind → article-type. All are values of the Tag Library's list, which PMC checks; its definitions in quotation marks.
ARTICLE_TYPES = {
    Kind.RESEARCH_PAPER: "research-article",  # "article reporting on primary research"
    Kind.OP_ED: "article-commentary",  # PMC's guidelines: editorials by others than the editors, opinions
    Kind.EDITORIAL: "editorial",  # "opinion piece, policy statement, or general commentary … by staff"
    Kind.POLICY_BRIEF: "other",  # the list has nothing for it: a brief-report reports research
    Kind.RESEARCH_SUMMARY: "other",  # in-brief are "items in the current issue"; a commentary judges
    Kind.BOOK_REVIEW: "book-review",  # "review or analysis of one or more printed or online books"
    Kind.ABSTRACT: "abstract",  # "abstract of a paper or presentation … presented or published separately"
    Kind.KEYNOTE: "oration",  # "reprint of a speech or oral presentation"
    Kind.CORRIGENDUM: "correction",  # "modification or correction of previously published material"
    Kind.RETRACTION: "retraction",  # "retraction or disavowal of previously published material"
}

# Relation → related-article-type (PMC's list), read as "the article that is pointed to is …".
ARTICLE_RELATIONS = {
    Relation.CORRECTS: "corrected-article",
    Relation.RETRACTS: "retracted-article",
    Relation.RESPONDS_TO: "commentary-article",
    Relation.SUMMARISES: "companion",
    Relation.FIRST_PUBLISHED_IN: "republished-article",
}
# The same seen from the other side: what the article that is pointed to is to this one, which it corrects, retracts …
ANSWERS = {
    Relation.CORRECTS: "correction-forward",
    Relation.RETRACTS: "retraction-forward",
    Relation.RESPONDS_TO: "commentary",
    Relation.SUMMARISES: "companion",
}

# Status → version as NISO RP-8 (Journal Article Versions) words it: short and long name.
VERSIONS = {
    Status.DRAFT: ("AO", "Author’s Original"),
    Status.SUBMITTED: ("SMUR", "Submitted Manuscript Under Review"),
    Status.ACCEPTED: ("AM", "Accepted Manuscript"),
    Status.PUBLISHED: ("VoR", "Version of Record"),
    Status.RETRACTED: ("VoR", "Version of Record"),
    Status.WITHDRAWN: ("VoR", "Version of Record"),
}
_RP_8 = "http://www.niso.org/publications/rp/RP-8-2008.pdf"

# Identity transparency as ANSI/NISO Z39.106-2023 (peer review terminology) words it; the last two are outside of it.
REVIEWS = {
    Review.DOUBLE_ANONYMOUS: ("Identity transparency", "double anonymized"),
    Review.SINGLE_ANONYMOUS: ("Identity transparency", "single anonymized"),
    Review.OPEN: ("Identity transparency", "all identities visible"),
    Review.EDITORIAL: ("Review", "editorial review"),
    Review.NONE: ("Review", "not reviewed"),
}

# Field → element of the back matter and its kind. JATS4R has the conflict of interest among the author notes
# (`_people`), PMC the disclaimer in the front (`notes`).
STATEMENTS = (
    ("data-availability", "sec", "data-availability"),
    ("code-availability", "sec", "code-availability"),
    ("ethics", "sec", "ethics-statement"),
    ("ai-use", "notes", "ai-use"),
)


def journal_meta(volume: Volume) -> Element | None:
    """The series; None where the volume belongs to none."""
    series = volume.series
    if series is None:
        return None
    element = new("journal-meta")
    if series.id:
        sub(element, "journal-id", series.id, journal_id_type="publisher-id")
    elif series.issn or series.issn_print:
        sub(element, "journal-id", series.issn or series.issn_print or "", journal_id_type="issn")
    group = sub(element, "journal-title-group")
    sub(group, "journal-title", series.title)
    if series.abbreviation:
        sub(group, "abbrev-journal-title", series.abbreviation, abbrev_type="publisher")
    for value, form in ((series.issn, "electronic"), (series.issn_print, "print")):
        if value:
            sub(element, "issn", value, publication_format=form)
    if volume.publisher:
        publisher = sub(element, "publisher")
        sub(publisher, "publisher-name", volume.publisher.name)
        if volume.publisher.place:
            sub(publisher, "publisher-loc", volume.publisher.place)
    return element


def article_meta(facts: Facts, rendering: Rendering) -> Element:
    """All that is known of the contribution, in the order of the DTD. `counts` are added by the writer at the end."""
    item = facts.prepared.contribution
    element = new("article-meta")
    for part in (
        *_identifiers(facts), _categories(facts), _titles(facts, rendering), *_people(facts, rendering),
        *_dates(facts), *_place(facts), *_products(facts), _history(facts), _permissions(facts), *_addresses(facts),
        *_related(facts), *_abstracts(facts, rendering), *_keywords(facts), _funding(item.funding, rendering),
        _conference(facts, rendering), _custom(facts),
    ):  # fmt: skip
        if part is not None:
            element.append(part)
    return element


def _identifiers(facts: Facts) -> Iterable[Element]:
    yield new("article-id", facts.prepared.contribution.slug, pub_id_type="publisher-id")
    if facts.doi:
        yield new("article-id", facts.doi, pub_id_type="doi")
    status = facts.prepared.contribution.status
    if status:
        kind, name = VERSIONS[status]
        vocabulary = {"vocab": "JAV", "vocab_identifier": _RP_8, "vocab_term": name}
        yield new("article-version", kind, article_version_type=kind, **vocabulary)


def _categories(facts: Facts) -> Element:
    item = facts.prepared.contribution
    element = new("article-categories")
    sub(sub(element, "subj-group", subj_group_type="heading"), "subject", kind_label(item, terms(item.lang)))
    if facts.section:
        sub(sub(element, "subj-group", subj_group_type="section"), "subject", facts.section)
    if item.subjects:
        group = sub(element, "subj-group", subj_group_type="subject")
        group.extend([new("subject", name) for name in item.subjects])
    return element


def _titles(facts: Facts, rendering: Rendering) -> Element:
    item = facts.prepared.contribution
    element = new("title-group")
    title = rendering.line("title", "article-title")
    element.append(title if title is not None else new("article-title", facts.prepared.title or item.title))
    _append(element, rendering.line("subtitle", "subtitle"))
    for language in sorted(item.translations):
        title = rendering.line(f"translations.{language}.title", "trans-title")
        if title is not None:
            group = sub(element, "trans-title-group", lang=language)
            group.append(title)
            _append(group, rendering.line(f"translations.{language}.subtitle", "trans-subtitle"))
    _append(element, rendering.line("short-title", "alt-title", alt_title_type="running-head"))
    return element


def _people(facts: Facts, rendering: Rendering) -> Iterable[Element]:
    """Contributors, affiliations, the volume's editors with theirs, and the notes about the authors."""
    item, volume = facts.prepared.contribution, facts.volume
    words = terms(item.lang)
    people = People(item.contributors, item.affiliations, prefix(item.slug), words, lang=item.lang)
    yield from people.groups(rendering)
    yield from people.affiliations()
    own = f"{prefix(item.slug)}volume-"
    editors = People(volume.editors, volume.affiliations, own, words, lang=item.lang, of_volume=True)
    yield from editors.groups()
    if volume.editors:
        yield from editors.affiliations()
    notes = new("author-notes")
    notes.extend([*people.notes(), *editors.notes()])
    interests = rendering.blocks("conflict-of-interest")
    if interests:
        fill(sub(notes, "fn", id=f"{prefix(item.slug)}coi", fn_type="coi-statement"), interests)
    if len(notes):
        yield notes


def date_element(tag: str, value: datetime.date, **attributes: str | None) -> Element:
    """A date in its parts and in ISO form."""
    element = new(tag, "", **attributes, iso_8601_date=value.isoformat())
    sub(element, "day", f"{value.day:02d}")
    sub(element, "month", f"{value.month:02d}")
    sub(element, "year", f"{value.year:04d}")
    return element


def _dates(facts: Facts) -> Iterable[Element]:
    if facts.published:
        yield date_element("pub-date", facts.published, date_type="pub", publication_format="electronic")


def _place(facts: Facts) -> Iterable[Element]:
    """Where it stands: volume, ISBN, and room for its pages."""
    volume = facts.volume
    number = (volume.series.number if volume.series else "") or volume.number
    if number:
        yield new("volume", number)
    for form in ("print", "pdf", "epub", "html"):
        value = getattr(volume.isbn, form)
        if value:
            yield new("isbn", value, publication_format=form)
    yield from (new(name) for name in ("fpage", "lpage"))


def _history(facts: Facts) -> Element | None:
    item = facts.prepared.contribution
    element = new("history")
    for value, kind in ((item.received, "received"), (item.revised, "rev-recd"), (item.accepted, "accepted")):
        if value:
            element.append(date_element("date", value, date_type=kind))
    return _or_none(element)


def _permissions(facts: Facts) -> Element | None:
    item, volume = facts.prepared.contribution, facts.volume
    holder = item.copyright_holder or volume.copyright_holder
    return permissions(holder, facts.published, item.licence or volume.licence)


def _addresses(facts: Facts) -> Iterable[Element]:
    """Where the contribution can be read, if it is known where the volume's site will stand."""
    if facts.volume.url:
        base, slug = facts.volume.url.rstrip("/"), facts.prepared.contribution.slug
        for kind, path in (("html", f"html/{slug}/"), ("pdf", f"pdf/{slug}.pdf")):
            title = f"{facts.prepared.title or facts.prepared.contribution.title} ({kind.upper()})"
            yield new("self-uri", "", content_type=kind, href=f"{base}/{path}", title=title)


def _abstracts(facts: Facts, rendering: Rendering) -> Iterable[Element]:
    item = facts.prepared.contribution
    element = new("abstract")
    for number, part in enumerate(item.abstract):
        holder = element
        if part.title:
            holder = sub(element, "sec")
            sub(holder, "title", part.title)
        elif len(element) and element[-1].tag == "sec":
            holder = element[-1]
        fill(holder, rendering.blocks(f"abstract.{number}.text"))
    if len(element):
        yield element
    summary = fill(new("abstract", abstract_type="plain-language-summary"), rendering.blocks("plain-summary"))
    if len(summary):
        title = new("title", terms(item.lang)["plain-summary"])
        summary.insert(0, title)
        yield summary
    for language in sorted(item.translations):
        translated = fill(new("trans-abstract", lang=language), rendering.blocks(f"translations.{language}.abstract"))
        if len(translated):
            yield translated


def _keywords(facts: Facts) -> Iterable[Element]:
    item = facts.prepared.contribution
    for language, words in (
        ("", item.keywords),
        *((tag, item.translations[tag].keywords) for tag in sorted(item.translations)),
    ):
        if words:
            group = new("kwd-group", kwd_group_type="author", lang=language or None)
            group.extend([new("kwd", word) for word in words])
            yield group


def _funding(funding: tuple[Funding, ...], rendering: Rendering) -> Element | None:
    element = new("funding-group")
    for number, grant in enumerate(funding, 1):
        group = sub(element, "award-group", id=f"{prefix(rendering.slug)}award-{number}")
        sub(group, "funding-source").append(wrapped_institution(grant.funder, grant.funder_id))
        group.extend([new("award-id", award) for award in grant.awards])
    for number, _ in enumerate(funding):
        _append(element, rendering.line(f"funding.{number}.statement", "funding-statement"))
    return _or_none(element)


def _conference(facts: Facts, rendering: Rendering) -> Element | None:
    """The event. Journal Publishing wants its date; where that is not known, the event is left out and told."""
    event = facts.volume.event
    if event is None:
        return None
    if event.start is None and facts.issn:
        message = "JATS cannot name the event, because its date is not known"
        place = Location("volume.yaml", token="event:")  # one place, so that it is told once
        rendering.told(finding("O104", message, place, "Give the event's `start` in volume.yaml."))
        return None
    return conference(event, facts.prepared.contribution.lang)


def conference(event: Event, lang: str) -> Element:
    element = new("conference", href=event.url)
    if event.start:
        sub(
            element,
            "conf-date",
            date_range(event.start, event.end, lang),
            iso_8601_date=event.start.isoformat(),
        )
    sub(element, "conf-name", event.name)
    for tag, value in (("conf-acronym", event.acronym), ("conf-num", event.number)):
        if value:
            sub(element, tag, value)
    place = [new("city", event.city)] if event.city else []
    land = country(event.country, event.country_code)
    if land is not None:
        place.append(land)
    if place:
        location = sub(element, "conf-loc")
        for part in place:
            if len(location):
                add_text(location, ", ")
            location.append(part)
    for kind, bodies in (("organiser", event.organisers), ("sponsor", event.sponsors)):
        for body in bodies:
            sub(element, "conf-sponsor", content_type=kind).append(institution(body.name, body.ror))
    if event.theme:
        sub(element, "conf-theme", event.theme)
    return element


def _custom(facts: Facts) -> Element | None:
    element = new("custom-meta-group")
    review = facts.prepared.contribution.review
    if review:
        meta = sub(element, "custom-meta")
        name, value = REVIEWS[review]
        sub(meta, "meta-name", name)
        sub(meta, "meta-value", value)
    status = facts.prepared.contribution.status
    if status in (Status.RETRACTED, Status.WITHDRAWN):
        meta = sub(element, "custom-meta")
        sub(meta, "meta-name", "status")
        sub(meta, "meta-value", status.value)
    return _or_none(element)


# --- other works ----------------------------------------------------------------------------------------------


def _products(facts: Facts) -> Iterable[Element]:
    """What a review reviews."""
    for work in facts.prepared.contribution.related:
        if work.relation is Relation.REVIEWS:
            element = new("product", product_type="book" if work.isbn else None)
            _describe(element, work, "source", "publisher-name")
            yield element


def _related(facts: Facts) -> Iterable[Element]:
    """The works that this one stands in a relation to, and the volume that it is part of."""
    start = prefix(facts.prepared.contribution.slug)
    for number, work in enumerate(facts.prepared.contribution.related, 1):
        known = work.slug in facts.neighbours or work.doi or work.url or work.title
        if known and work.relation is not Relation.REVIEWS:
            yield _related_work(facts, work, f"{start}related-{number}")
    for number, answer in enumerate(facts.answers, 1):
        if answer.relation in ANSWERS:
            href = answer.work.doi or f"{answer.slug}.xml"
            kind = "doi" if answer.work.doi else "uri"
            element = new("related-article", "", id=f"{start}answer-{number}", ext_link_type=kind, href=href)
            set_all(element, related_article_type=ANSWERS[answer.relation])
            sub(element, "article-title", answer.work.title)
            yield element
    yield _whole(facts.volume, f"{start}volume")


def _whole(volume: Volume, name: str) -> Element:
    """The volume that a contribution is part of, by the best identifier that it has."""
    element = new("related-object", id=name, link_type="part-of", document_type="proceedings")
    isbns = [value for value in (volume.isbn.print, volume.isbn.pdf, volume.isbn.epub, volume.isbn.html) if value]
    issn = (volume.series.issn or volume.series.issn_print) if volume.series else None
    if volume.doi:
        set_all(element, document_id=volume.doi, document_id_type="doi", ext_link_type="doi", href=volume.doi)
    elif isbns:
        set_all(element, document_id=isbns[0], document_id_type="isbn")
    elif issn:
        set_all(element, source_id=issn, source_id_type="issn")
    sub(element, "source", full_title(volume.title, volume.subtitle))
    if volume.publisher and volume.series is None:
        add_text(element, ", ")
        sub(element, "publisher-name", volume.publisher.name)
        if volume.publisher.place:
            add_text(element, ", ")
            sub(element, "publisher-loc", volume.publisher.place)
    return element


def _related_work(facts: Facts, work: RelatedWork, name: str) -> Element:
    neighbour = facts.neighbours.get(work.slug) if work.slug else None
    doi = work.doi or (neighbour.doi if neighbour else None)
    href = doi or work.url or (f"{work.slug}.xml" if neighbour else None)
    link = {"ext_link_type": "doi" if doi else "uri" if href else None, "href": href}
    kind = ARTICLE_RELATIONS[work.relation]
    if href:
        element = new("related-article", "", id=name, related_article_type=kind, **link)
    else:
        element = new("related-object", "", id=name, link_type=kind)
    if neighbour and not work.title:
        work = work.model_copy(update={"title": neighbour.title})
    _describe(element, work, "article-title", "source")
    return element


def _describe(element: Element, work: RelatedWork, title: str, source: str) -> None:
    """What is known of a work, with commas between."""
    year = work.date if work.date.isdigit() and len(work.date) == 4 else ""
    parts = [
        new(tag, value)
        for tag, value in (("string-name", work.authors), (title, work.title), (source, work.source))
        if value
    ]
    parts += [new("year", year)] if year else [new("string-date", work.date)] if work.date else []
    parts += [new("isbn", work.isbn)] if work.isbn else []
    if element.tag == "product" and work.doi:
        parts.append(new("pub-id", work.doi, pub_id_type="doi"))
    if element.tag == "product" and work.url:
        parts.append(new("ext-link", work.url, ext_link_type="uri", href=work.url, title=work.title or None))
    for part in parts:
        if len(element):
            add_text(element, ", ")
        element.append(part)


# --- statements -----------------------------------------------------------------------------------------------


def statements(facts: Facts, rendering: Rendering) -> Iterable[Element]:
    """What the back matter says of the work: thanks, availability of data, ethics …"""
    item = facts.prepared.contribution
    words = terms(item.lang)
    thanks = rendering.blocks("acknowledgements")
    if thanks:
        yield _titled(new("ack"), words["acknowledgements"], thanks)
    for field, tag, kind in STATEMENTS:
        content = rendering.blocks(field)
        if content:
            attribute = {"sec": "sec_type", "notes": "notes_type"}[tag]
            yield _titled(new(tag, "", id=f"{prefix(item.slug)}{kind}", **{attribute: kind}), words[field], content)
    listed = supplements(facts, rendering)
    if listed is not None:
        yield listed
    about = rendering.blocks("author-note")
    if about:
        yield _titled(new("bio", id=f"{prefix(item.slug)}author-note"), words["author-note"], about)


def disclaimer(facts: Facts, rendering: Rendering) -> Element | None:
    """Whose opinions these are, which stands behind the article's metadata."""
    item = facts.prepared.contribution
    content = rendering.blocks("disclaimer")
    element = new("notes", id=f"{prefix(item.slug)}disclaimer", notes_type="disclaimer")
    return _titled(element, terms(item.lang)["disclaimer"], content) if content else None


def _titled(element: Element, title: str, content: list[Element]) -> Element:
    sub(element, "title", title)
    return fill(element, content)


def counts(facts: Facts, root: Element) -> Element:
    """How much the document holds, as counted in it; words as they are known, and room for the number of pages."""
    element = new("counts")
    for name, tag in (("fig", "fig"), ("table", "table-wrap"), ("equation", "disp-formula"), ("ref", "ref")):
        sub(element, f"{name}-count", count=str(sum(1 for _ in root.iter(tag))))
    sub(element, "page-count")
    if facts.prepared.counts.words:
        sub(element, "word-count", count=str(facts.prepared.counts.words))
    return element


def place(root: Element, pages: PageRange | None) -> None:
    """Fill the room for the pages of an article, or take it away where it has none."""
    meta = root.find("front/article-meta")
    assert meta is not None
    first, last, count = (meta.find(path) for path in ("fpage", "lpage", "counts/page-count"))
    assert first is not None and last is not None and count is not None
    if pages is None:
        for element in (first, last, count):
            unwrap(element)
    else:
        first.text, last.text = pages.first, pages.last
        count.set("count", str(pages.count))


def _append(parent: Element, child: Element | None) -> None:
    if child is not None:
        parent.append(child)


def _or_none(element: Element) -> Element | None:
    return element if len(element) else None
