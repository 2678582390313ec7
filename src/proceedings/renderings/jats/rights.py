"""Rights: copyright and licence, of a contribution and of a figure that has its own."""

from __future__ import annotations

import datetime

from proceedings import licences
from proceedings.document import Node, attributes
from proceedings.renderings.jats.grammar import ALI, Element, new, set_all, sub


def permissions(holder: str, published: datetime.date | None, spdx: str | None) -> Element | None:
    """Copyright where its holder is known, and the licence."""
    element = new("permissions")
    year = str(published.year) if published else ""
    if holder:
        sub(element, "copyright-statement", " ".join(part for part in ("©", year, holder) if part))
        if year:
            sub(element, "copyright-year", year)
        sub(element, "copyright-holder", holder)
    if spdx:
        terms = license_element(spdx)
        if terms.get("license-type") == "open-access":
            sub(element, f"{{{ALI}}}free_to_read")
        element.append(terms)
    return element if len(element) else None


def figure_rights(node: Node, element: Element) -> None:
    """Credit, holder and licence of a figure, where they differ from the contribution's. A holder is named in the
    credit line: `copyright-holder` stands beside a year (JATS4R), which authors do not give."""
    pairs = attributes(node)
    for block in node["c"][2]:
        if block["t"] in ("Para", "Plain"):
            for image in (inline for inline in block["c"] if inline["t"] == "Image"):
                pairs = {**attributes(image), **pairs}
    credit, holder = pairs.get("credit", ""), pairs.get("holder", "")
    parts = [credit, f"© {holder}" if holder and holder not in credit else ""]
    if any(parts):
        sub(element, "attrib", ". ".join(part.rstrip(".") for part in parts if part))
    if pairs.get("licence"):
        sub(element, "permissions").append(license_element(pairs["licence"]))


def license_element(name: str) -> Element:
    """A licence by its SPDX identifier, or by the words that the author has for it."""
    element = new("license")
    name = licences.recognised(name)
    url = licences.address_of(name)
    if not url:
        sub(element, "license-p", name)
        return element
    is_open = name.startswith(("CC-BY", "CC0"))
    set_all(element, license_type="open-access" if is_open else None, href=url)
    sub(element, f"{{{ALI}}}license_ref", url)
    sub(sub(element, "license-p", lang=None), "ext-link", licences.name_of(name), ext_link_type="uri", href=url)
    return element
