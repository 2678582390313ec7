"""The volume's own contributions, and the volume itself, as CSL items: what others cite them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from proceedings.bibliography import Item
from proceedings.edition import PageRange
from proceedings.model import Contribution, Contributor, Kind, Relation, Volume, full_title


def item_of(
    contribution: Contribution, volume: Volume, title: str = "", subtitle: str = "", pages: PageRange | None = None
) -> Item:
    """A contribution as a CSL item; `title` and `subtitle` are plain text. What is not known is not in it."""
    review = contribution.kind is Kind.BOOK_REVIEW
    item = {
        **_common(volume),
        **(_reviewed(contribution) if review else {}),
        "id": contribution.slug,
        "type": "paper-conference" if volume.event and not review else "chapter",
        "title": full_title(title, subtitle) if title else full_title(contribution.title, contribution.subtitle),
        "author": _names(contribution.authors),
        "editor": _names(volume.editors),
        "container-title": full_title(volume.title, volume.subtitle),
        "issued": _date(contribution.published or volume.published),
        "page": str(pages).replace("–", "-") if pages else "",
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
        "title": full_title(volume.title, volume.subtitle),
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


def _reviewed(contribution: Contribution) -> Item:
    """The work that a review reviews. CSL's own type for reviews (review-book) knows journals only: neither volume nor
    editors would be printed."""
    work = next((work for work in contribution.related if work.relation is Relation.REVIEWS and work.title), None)
    authors = [{"literal": work.authors}] if work and work.authors else []
    return {"reviewed-title": work.title, "reviewed-author": authors} if work else {}


def _date(day: date | None) -> dict[str, Any]:
    return {"date-parts": [[day.year, day.month, day.day]]} if day else {}


def _names(people: Sequence[Contributor]) -> list[dict[str, str]]:
    names = []
    for person in people:
        parts = {"given": person.given, "family": person.family, "suffix": person.suffix}
        named = {"literal": person.group} if person.group else {**parts, "non-dropping-particle": person.particle}
        names.append({part: value for part, value in named.items() if value})
    return names
