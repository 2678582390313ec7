"""Supplements: files that go with the text, and things that are deposited elsewhere."""

from __future__ import annotations

from proceedings.renderings.article import terms
from proceedings.renderings.files import size, supplement_id
from proceedings.renderings.jats import Rendering
from proceedings.renderings.jats.facts import Facts
from proceedings.renderings.jats.grammar import Element, fill, new, set_all, sub
from proceedings.renderings.jats.inlines import describe_link, file_address, prefix


def supplements(facts: Facts, rendering: Rendering) -> Element | None:
    """Files that go with the text, and deposited things; the address of a deposit, where there is one, says where a
    file is kept for good, and the file stands beside the document."""
    slug = facts.prepared.contribution.slug
    name = f"{prefix(slug)}supplements"
    section = new("sec", id=name, sec_type="supplementary-material")
    sub(section, "title", terms(facts.prepared.contribution.lang)["supplements"])
    for number, one in enumerate(facts.prepared.supplements(), 1):
        item, asset = one.item, one.asset
        href = file_address(slug, asset) if asset else item.address
        element = sub(section, "supplementary-material", id=supplement_id(slug, number), href=href or None)
        if asset:
            kind, _, subtype = asset.media_type.partition("/")
            set_all(element, mimetype=kind, mime_subtype=subtype)
        if item.doi:
            sub(element, "object-id", item.doi, pub_id_type="doi")
        caption = sub(element, "caption")
        title = rendering.line(f"{one.field}.title", "title")
        caption.append(title if title is not None else new("title", one.name))
        fill(caption, rendering.blocks(f"{one.field}.description"))
        if asset:
            sub(caption, "p", f"{one.name} ({size(asset)})" if title is not None else size(asset))
        if asset and item.address:
            link = sub(sub(caption, "p"), "ext-link", item.address, ext_link_type="uri", href=item.address)
            describe_link(link)
    return section if len(section) > 1 else None
