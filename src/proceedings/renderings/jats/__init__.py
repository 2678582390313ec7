"""Tree → JATS: body, notes, references and rich fields of one contribution as lxml elements.

pandoc's own JATS writer is not used: of what it writes a dozen things would have to be found again and mended (no
labels, no kinds of link, formulas inside paragraphs, line breaks lost). Here every node type has one function, and
`grammar` knows what JATS allows where, so that whatever an author writes comes out valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from proceedings.diagnostics import Diagnostic
from proceedings.document import Document, Node, identifier, nodes
from proceedings.edition import FileAsset, ImageAsset, Supplied
from proceedings.renderings.files import supplement_id
from proceedings.renderings.jats import formulas, references
from proceedings.renderings.jats.backmatter import parted
from proceedings.renderings.jats.blocks import blocks, inside, sections
from proceedings.renderings.jats.grammar import Element, new, unwrap
from proceedings.renderings.jats.inlines import Writing, line

__all__ = ["Rendering"]

_NAME = re.compile(r"[^\W\d][\w.\-·]*")
# The kind of link that an xref is, by the element that it points to.
_KINDS = {
    "aff": "aff", "app": "app", "bio": "bio", "boxed-text": "boxed-text", "contrib": "contrib", "corresp": "corresp",
    "disp-formula": "disp-formula", "fig": "fig", "fig-group": "fig", "fn": "fn", "list": "list", "ref": "bibr",
    "sec": "sec", "statement": "statement", "supplementary-material": "supplementary-material", "table-wrap": "table",
}  # fmt: skip


class Rendering:
    """One contribution on its way to JATS. Ask for the parts in the order in which they are read, so that notes are
    numbered in that order; then for `notes`; at the end `settle` the document that they have become parts of."""

    def __init__(
        self,
        document: Document,
        items: Sequence[Mapping[str, Any]] = (),
        *,
        slug: str,
        lang: str,
        path: str = "",
        images: Sequence[ImageAsset] = (),
        files: Sequence[FileAsset] = (),
        supplements: Sequence[Supplied] = (),
    ) -> None:
        self._document = document
        self._items = items
        self._entries = references.entries_of(document["blocks"])
        self._fields: Mapping[str, Node] = document["meta"].get("rich", {}).get("c", {})
        links = nodes([document["blocks"], list(self._fields.values())], "Link")
        self._state = Writing(
            slug=slug,
            lang=lang,
            path=path,
            formulas=formulas.convert(document, lang),
            images={image.name: image for image in images},
            files={asset.name: asset for asset in files},
            supplements={
                one.asset.name: supplement_id(slug, number) for number, one in enumerate(supplements, 1) if one.asset
            },
            references={key: identifier(entry) for key, entry in self._entries.items()},
            targets=frozenset(link["c"][2][0][1:] for link in links if link["c"][2][0].startswith("#")),
        )

    @property
    def slug(self) -> str:
        return self._state.slug

    def told(self, item: Diagnostic) -> None:
        """Say what JATS cannot carry."""
        self._state.told(item)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        return tuple(self._state.findings)

    def line(self, path: str, tag: str, **attributes: str | None) -> Element | None:
        """A rich field as one line of text in an element `tag`; None where the field is absent."""
        content = _line_of(self._fields.get(path))
        return line(self._state, tag, content, **attributes) if content else None

    def blocks(self, path: str) -> list[Element]:
        """A rich field as blocks; none where it is absent."""
        return blocks(self._state, _blocks_of(self._fields.get(path)))

    def body_and_back(self) -> tuple[Element | None, list[Element]]:
        """The body, and what authors write at its end but JATS has among the back matter."""
        body = sections(self._state, self._document["blocks"], new("body"))
        back = parted(body)
        return (body if len(body) else None), back

    def references(self, title: str, *, printed: bool = False) -> Element | None:
        """The list of references; with the text as it is printed, if so wanted. The author's own title comes first."""
        title = self._state.references_title or title
        return references.list_of(self._state, self._items, self._entries, title, printed)

    def notes(self) -> Element | None:
        """The notes of everything that was asked for until now."""
        group = new("fn-group")
        for note, content in self._state.notes():
            group.append(inside(self._state, note, content))
        return group if len(group) else None

    def settle(self, root: Element) -> None:
        """Make ids unique and let every xref say what it points to; one that points to nothing becomes its text."""
        known = self._named(root)
        for xref in list(root.iter("xref")):
            wanted = [self._resolved(name) for name in (xref.get("rid") or "").split()]
            found = [name for name in dict.fromkeys(wanted) if name in known]
            if not found:
                self._state.lost(
                    "O103",
                    f"a link to '#{' '.join(wanted)}' has no target; its text stays",
                    "#" + " ".join(wanted),
                )
                unwrap(xref)
                continue
            xref.set("rid", " ".join(found))
            kind = _KINDS.get(str(known[found[0]].tag), "other")
            in_table = kind == "fn" and any(True for _ in known[found[0]].iterancestors("table-wrap-foot"))
            xref.set("ref-type", "table-fn" if in_table else kind)

    def _resolved(self, name: str) -> str:
        """The id that an element has for what the tree calls `name`."""
        seen = set()
        while name in self._state.aliases and name not in seen:
            seen.add(name)
            name = self._state.aliases[name]
        return name

    def _named(self, root: Element) -> dict[str, Element]:
        known: dict[str, Element] = {}
        for element in list(root.iter(etree.Element)):
            name = element.get("id")
            if name is None:
                continue
            name = self._resolved(name)
            if not _NAME.fullmatch(name):
                name = self._state.aliases.setdefault(name, self._state.name("id"))
            if name in known and element.tag == "target":
                unwrap(element)
            elif name in known:
                del element.attrib["id"]
            else:
                element.set("id", name)
                known[name] = element
        return known


def _line_of(value: Node | None) -> list[Node]:
    if value is None:
        return []
    if value["t"] == "MetaInlines":
        return list(value["c"])
    if value["t"] == "MetaString":
        return [{"t": "Str", "c": value["c"]}]
    found: list[Node] = []
    for block in nodes(value, "Para", "Plain"):
        found += [{"t": "Space"}, *block["c"]] if found else block["c"]
    return found


def _blocks_of(value: Node | None) -> list[Node]:
    if value is None:
        return []
    if value["t"] == "MetaBlocks":
        return list(value["c"])
    return [{"t": "Para", "c": _line_of(value)}]
