"""Tree → HTML fragments, which the site, the EPUB and the PDF share: one pandoc call for the body and all rich fields.

A fragment is well-formed XML in the XHTML namespace's element names, formulas as MathML, notes at the end of the body.
"""

from __future__ import annotations

import json
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from proceedings import pandoc
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, div
from proceedings.edition import Digest
from proceedings.model import Record

MATHML = "http://www.w3.org/1998/Math/MathML"


class FragmentView(Record):
    tree: Digest
    lang: str
    path: str  # the author's file, for findings


class Heading(Record):
    level: int
    id: str
    html: str


class Fragment(Record):
    """Digests of JSON: {"body": XHTML, "fields": {path: XHTML}, "headings": […]}."""

    parts: Digest


def fragment(view: FragmentView, shop: Workshop) -> Result:
    """One contribution's tree as HTML parts."""
    document = json.loads(shop.store.get(view.tree))
    fields, body, findings = render(document, view.path)
    parts = {"fields": fields, "body": body, "headings": _headings(body)}
    data = json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()
    return Result(Fragment(parts=shop.store.put(data)), findings=tuple(findings))


def render(document: Document, path: str) -> tuple[dict[str, str], str, list[Diagnostic]]:
    """A document → ({field: XHTML}, body as XHTML, findings)."""
    rich: dict[str, Any] = document["meta"].get("rich", {}).get("c", {})
    marked = [div(_blocks(value), id=f"proceedings-field--{name}") for name, value in sorted(rich.items())]
    marked.append(div(document["blocks"], id="proceedings-body"))
    whole = {**document, "meta": {}, "blocks": marked}
    output, warnings = pandoc.render(whole, "html5", "--mathml", "--section-divs", "--no-highlight")
    findings = [_not_carried(warning, path) for warning in warnings if "Could not convert TeX math" in warning]
    root = lxml_html.fragment_fromstring(output, create_parent="div")
    _clean(root)
    fields: dict[str, str] = {}
    for name, value in rich.items():
        holder = root.get_element_by_id(f"proceedings-field--{name}")
        fields[name] = _inner(holder[0] if value["t"] == "MetaInlines" and len(holder) else holder)
        holder.getparent().remove(holder)
    body = root.get_element_by_id("proceedings-body")
    notes = [element for element in root if element is not body]
    for element in notes:  # pandoc puts the notes after everything
        body.append(element)
    return fields, _inner(body), findings


def _blocks(value: dict[str, Any]) -> list[dict[str, Any]]:
    if value["t"] == "MetaInlines":
        return [{"t": "Plain", "c": value["c"]}]
    if value["t"] == "MetaBlocks":
        return list(value["c"])
    return [{"t": "Plain", "c": [{"t": "Str", "c": str(value.get("c", ""))}]}]


def _not_carried(warning: str, path: str) -> Diagnostic:
    tex = warning.split("Could not convert TeX math ", 1)[-1].split(", rendering as", 1)[0].strip()
    return finding("X150", f"the formula {tex[:80]!r} cannot be converted; it is shown as TeX", Location(path, token=tex))


def _clean(root: Any) -> None:
    """Mend what pandoc's HTML lacks: alt on every image, no event handlers, no interactive check boxes."""
    for image in root.iter("img"):
        if image.get("alt") is None:
            image.set("alt", "")
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith("on")]:
            del element.attrib[name]
    for box in root.xpath(".//label/input[@type='checkbox'] | .//input[@type='checkbox']"):
        sign = "☒" if box.get("checked") is not None else "☐"
        box.tail = sign + " " + (box.tail or "")
        box.drop_tree()


def _inner(element: Any) -> str:
    """The XHTML inside an element."""
    parts = [_escape(element.text or "")]
    parts += [etree.tostring(child, encoding="unicode", method="xml") for child in element]
    return "".join(parts).strip()


def _escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _headings(body: str) -> list[dict[str, Any]]:
    """The headings of a body in order, for contents and outlines."""
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    found = []
    for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        holder = element.getparent()
        anchor = element.get("id") or (holder.get("id") if holder is not None and holder.tag == "section" else "")
        found.append({"level": int(element.tag[1]), "id": anchor or "", "html": _inner(element), "text": element.text_content()})
    return found
