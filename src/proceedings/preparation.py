"""Manuscript → Prepared: citations and cross-references resolved, everything numbered, every id unique in the volume.

Pure on the manuscript, the style and the language: an edit of the paper that leaves its tree as it was stops here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Set
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from proceedings import pandoc
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, nodes, rewrite, string, text, words
from proceedings.edition import FIRST_FOLIO, LAST_FOLIO, Counts, PagedCitation, Prepared
from proceedings.model import Record, Volume
from proceedings.reader import Manuscript

if TYPE_CHECKING:
    from proceedings.bibliography import Item
    from proceedings.citations import HowToCite, Style


class PrepareView(Record):
    manuscript: Manuscript
    path: str  # the author's file, for findings
    style: str  # the CSL style's name, or its own text
    volume: Volume  # its imprint only, for how to cite


def prepare(view: PrepareView, shop: Workshop) -> Result:
    """Resolve citations (one pandoc call), then number, label and name everything."""
    from proceedings import citations, transforms
    from proceedings.bibliography import Entry
    from proceedings.citations import works

    manuscript = view.manuscript
    contribution = manuscript.contribution
    document: Document = json.loads(shop.store.get(manuscript.tree))
    entries = [
        Entry(row["key"], row["item"], Location(view.path), "")
        for row in json.loads(shop.store.get(manuscript.library))
    ]
    style = citations.style(view.style, Location("volume.yaml", token="style"))
    try:
        cited = citations.cite(document, entries, style, contribution.lang, path=view.path, nocite=manuscript.nocite)
    except pandoc.PandocTimeout as error:
        message = f"its {len(entries):,} references cannot be set: {error}"
        told = finding("S006", message, Location(view.path, 1, 1, near=True), "Cite fewer works in one contribution.")
        return Result(None, findings=(told,))
    document, findings = transforms.apply(cited.document, contribution.slug, contribution.lang, view.path)
    document, lost = _without_dead_links(document, view.path, {asset.target for asset in manuscript.files})
    title = _plain(document, "title") or contribution.title
    subtitle = _plain(document, "subtitle")
    references = [*cited.references]
    own = works.item_of(contribution, view.volume, title, subtitle)
    cite_as = _how_to_cite(own, style, contribution.lang, shop)
    prepared = Prepared(
        contribution=contribution,
        tree=shop.store.put(json.dumps(document, ensure_ascii=False).encode()),
        references=shop.store.put(json.dumps(references, ensure_ascii=False, sort_keys=True).encode()),
        images=manuscript.images,
        files=manuscript.files,
        counts=_count(document, len(references)),
        title=title,
        abstract=_plain_abstract(document),
        subtitle=subtitle,
        how_to_cite=cite_as.text,
        cite=_cut(cite_as.one, cite_as.several),
        how_to_cite_otherwise=cite_as.otherwise or "",
    )
    return Result(prepared, findings=(*cited.findings, *findings, *lost))


def _how_to_cite(own: Item, style: Style, lang: str, shop: Workshop) -> HowToCite:
    """How to cite a work: printed once, whatever is changed in its text."""
    from proceedings import citations

    key = json.dumps([own, style.text, lang], sort_keys=True).encode()
    made = shop.memo("how to cite", key, lambda: json.dumps(asdict(citations.how_to_cite(own, style, lang))).encode())
    return citations.HowToCite(**json.loads(made))


def _cut(one: str, several: str) -> PagedCitation | None:
    """Two forms of a citation, cut where their pages stand: at spaces, so that what changes is whole words."""
    if not one:
        return None
    same = next(at for at in range(len(several)) if one[at : at + 1] != several[at])
    start = one.rfind(" ", 0, min(same, one.index(FIRST_FOLIO))) + 1
    ends = [form.find(" ", form.index(slot)) for form, slot in ((one, FIRST_FOLIO), (several, LAST_FOLIO))]
    (first, after), (many, rest) = (
        (form[start:end], form[end:].strip()) if end >= 0 else (form[start:], "")
        for form, end in zip((one, several), ends, strict=True)
    )
    return PagedCitation(before=one[:start], one=first, several=many, after=after) if after == rest else None


def _plain(document: Document, field: str) -> str:
    """The plain text of a Rich field, formulas in the characters that Unicode has for them; '' where there is none."""
    from proceedings import pandoc

    rich = document["meta"].get("rich", {}).get("c", {})
    if field not in rich:
        return ""

    def spelt(node: Node) -> Node | None:
        if node["t"] != "Math":
            return None
        written, warnings = pandoc.render({**document, "meta": {}, "blocks": [{"t": "Plain", "c": [node]}]}, "plain")
        return None if warnings else string(written.strip())

    return " ".join(text(rewrite(rich[field], spelt)).split())


class StyleView(Record):
    style: str  # the CSL style's name, or its own text
    name: str  # as volume.yaml has it


class StyleRead(Record):
    """That the volume's citation style was looked at."""

    name: str


def read_style(view: StyleView, shop: Workshop) -> Result:
    """The citation style's own findings, told once and not by each contribution that is printed in it."""
    from proceedings import citations

    is_file = view.name.endswith(".csl")
    place = Location(f"styles/{view.name.removeprefix('styles/')}" if is_file else "volume.yaml", token="style:")
    return Result(StyleRead(name=view.name), findings=citations.style(view.style, place).findings)


_SCHEMES = {"http", "https", "mailto", "tel", "ftp", "urn", "geo"}


def _without_dead_links(document: Document, path: str, carried: Set[str]) -> tuple[Document, list[Diagnostic]]:
    """Links to files that are not carried lead nowhere once the paper is published, and script is never carried: keep
    the text."""
    findings: list[Diagnostic] = []
    seen: Counter[str] = Counter()

    def unlink(node: Node) -> Node | list[Node] | None:
        if node["t"] != "Link" or node["c"][2][0].startswith("#"):
            return None
        target = node["c"][2][0].strip()
        if target in carried:
            return None
        scheme = target.partition(":")[0].lower() if ":" in target else ""
        malformed = scheme in ("http", "https") and not _has_host(target)
        if (scheme in _SCHEMES and not malformed) or not target:
            return None
        if scheme == "doi":
            attributes, content, (_, title) = node["c"]
            return {**node, "c": [attributes, content, [f"https://doi.org/{target[4:].lstrip('/')}", title]]}
        seen[target] += 1
        place = Location(path, token=f"]({unquote(target)}", nth=seen[target])  # pandoc writes {{x}} as %7B%7Bx%7D%7D
        if malformed:
            message = f"the address {unquote(target)[:60]!r} names no computer; the link's text is kept"
            findings.append(finding("X216", message, place, "Correct the address."))
        elif scheme:
            message = f"a link of the kind {scheme}: is not carried into any output: {target[:60]}"
            findings.append(finding("X208", message, place, "Link to an http or https address."))
        else:
            message = f"the link to {unquote(target)[:60]!r} leads to a file that no output has; its text is kept"
            findings.append(finding("X207", message, place, _advice(unquote(target))))
        return list(node["c"][1])

    changed: Document = {
        **document,
        "blocks": rewrite(document["blocks"], unlink),
        "meta": rewrite(document["meta"], unlink),
    }
    return changed, findings


def _advice(target: str) -> str:
    """What to write for an address that lacks what makes it one."""
    if re.fullmatch(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", target):
        return f"Write mailto:{target}."
    if re.match(r"www\.[\w-]+\.\w|(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|eu|uk|de|fr|kz)(?:/|$)", target):
        return f"Write https://{target}."
    return "Put it beside the paper, in a .zip if need be."


def _has_host(address: str) -> bool:
    """Whether a web address says where it leads: a host name, without what none can have."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return bool(host) and not re.search(r"[\s{}<>\"\\^`|%]", host)


def _plain_abstract(document: Document) -> str:
    fields = document["meta"].get("rich", {}).get("c", {})
    parts = [text(value) for name, value in sorted(fields.items()) if name.startswith("abstract.")]
    return " ".join(" ".join(parts).split())


def _count(document: Document, references: int) -> Counts:
    blocks = document["blocks"]
    return Counts(
        words=words(blocks),
        figures=sum(1 for _ in nodes(blocks, "Figure")),
        tables=sum(1 for _ in nodes(blocks, "Table")),
        equations=sum(1 for node in nodes(blocks, "Math") if node["c"][0]["t"] == "DisplayMath"),
        references=references,
    )
