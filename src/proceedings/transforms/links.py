"""Links inside a text and the words of its cross-references."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from proceedings import languages
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import (
    INLINES,
    Document,
    Node,
    attr,
    attributes,
    classes,
    has_attr,
    identifier,
    inlines,
    rewrite,
    sequences,
    string,
    text,
)
from proceedings.transforms.identifiers import Anchor
from proceedings.transforms.numbering import kind_of

# A heading that its author has numbered: `2.1 Methods`, `B. Data`, `Appendix C`.
_OWN_NUMBER = re.compile(r"^(?:(\d{1,2}(?:\.\d{1,2})*)[.:)]?\s+\S|([A-Z](?:\.\d{1,2})*)[.:)]\s+\S)")
_APPENDIX = re.compile(r"^\w+\s+(\d{1,2}|[A-Z])(?:[.:)]|\s|$)")


def resolve(document: Document, anchors: dict[str, Anchor], lang: str, path: str) -> list[Diagnostic]:
    """Point every link inside the text at its target's id and write the cross-references, in place."""
    writer = _Writer(anchors, lang, path)
    for found in sequences([document["blocks"], document.get("meta", {})]):
        if found[0]["t"] in INLINES and any(node["t"] == "Link" for node in found):
            found[:] = writer.inlines(found)
    return writer.findings


class _Writer:
    def __init__(self, anchors: dict[str, Anchor], lang: str, path: str) -> None:
        self.anchors, self.lang, self.path = anchors, lang, path
        self.findings: list[Diagnostic] = []
        self.seen: Counter[str] = Counter()
        # as their authors wrote them: a title that is quoted in a title that is quoted … would grow without bounds
        headers = [node for anchor in anchors.values() for node in (anchor.node, anchor.header) if node]
        self.titles = {id(node): self._quotable(node["c"][2]) for node in headers if node["t"] == "Header"}

    def inlines(self, content: list[Node]) -> list[Node]:
        result: list[Node] = []
        for node in content:
            if node["t"] != "Link":
                result.append(node)
            elif "ref" in classes(node) and "style" in attributes(node):
                result.append(self._reference(node, _word_before(result)))
            else:
                result.append(self._link(node))
        return result

    def _found(self, code: str, message: str, token: str, hint: str) -> None:
        self.seen[token] += 1
        self.findings.append(finding(code, message, Location(self.path, token=token, nth=self.seen[token]), hint))

    def _anchor(self, target: str) -> Anchor | None:
        name = target.removeprefix("#")
        for tried in (name, unquote(name), unquote(name).lower(), name.removeprefix("sec:")):
            if tried in self.anchors:
                return self.anchors[tried]
        return None

    # --- plain links --------------------------------------------------------------------------------------------

    def _link(self, node: Node) -> Node:
        target = node["c"][2][0]
        if not target.startswith("#"):
            return node
        anchor = self._anchor(target)
        if anchor is None:
            message = f"a link to {target}, which is nowhere in the text"
            self._found("X004", message, f"]({unquote(target)}", "Correct the target, or delete the link.")
            return _unlinked(node)
        node["c"][2][0] = f"#{anchor.id}"
        return node

    # --- cross-references ---------------------------------------------------------------------------------------

    def _reference(self, node: Node, before: str) -> Node:
        target = node["c"][2][0]
        given = attributes(node)
        anchor = self._anchor(target)
        if anchor is None:
            name = target.removeprefix("#")
            message = f"a reference to the label {name!r}, which nothing has"
            self._found("X002", message, given.get("written", name), self._advice(name))
            return _undefined(node, given.get("written", name))
        kind, words = self._words(anchor, given, before)
        attr(node)[2] = [[key, value] for key, value in attr(node)[2] if key not in ("style", "written", "template")]
        attr(node)[2].append(["kind", kind])
        node["c"][2][0] = f"#{anchor.id}"
        if not node["c"][1]:
            node["c"][1] = words
        return node

    def _advice(self, name: str) -> str:
        import difflib

        close = difflib.get_close_matches(name, list(self.anchors), n=1, cutoff=0.6)
        return f"Did you mean {close[0]!r}?" if close else "Give the figure, table, equation or heading that label."

    def _words(self, anchor: Anchor, given: dict[str, str], before: str) -> tuple[str, list[Node]]:
        """What kind of thing is referred to, and the words that do it."""
        node = anchor.node
        kind = kind_of(node)
        number = attributes(node).get("number", "") if kind else ""
        style = given["style"]
        if not number:
            words = self._section(node if node["t"] == "Header" else anchor.header, node, style, before)
            return "section", _around(given["template"], words) if style == "template" else words
        if style == "template":
            return kind, _around(given["template"], [string(number)])
        if style == "full" and not languages.names_kind(before, self.lang):
            return kind, [string(languages.reference(kind, number, self.lang))]
        return kind, [string(f"({number})" if kind == "equation" and style != "number" else number)]

    def _section(self, header: Node | None, node: Node, style: str, before: str) -> list[Node]:
        """A section has the number that its author gave it, or else its title."""
        if header is None:
            return [string(text(node).strip() or identifier(node))]
        title = text(header["c"][2]).strip()
        appendix = _APPENDIX.match(title) if "appendix" in classes(header) else None
        found = appendix or _OWN_NUMBER.match(title)
        if not found:
            return [{"t": "Quoted", "c": [{"t": "DoubleQuote"}, rewrite(self.titles[id(header)], lambda _: None)]}]
        number = found[1] or found[2]
        if style == "full" and not languages.names_kind(before, self.lang):
            return [string(languages.reference("appendix" if appendix else "section", number, self.lang))]
        return [string(number)]

    def _quotable(self, title: list[Node]) -> list[Node]:
        """A heading's words as another place may repeat them: without notes, links and ids. What refers to a heading
        has that heading's plain title."""

        def change(node: Node) -> list[Node] | None:
            if node["t"] == "Note":
                return []
            if node["t"] == "Link":
                anchor = None if node["c"][1] else self._anchor(node["c"][2][0])
                if anchor is None:
                    return list(node["c"][1])
                if kind_of(anchor.node) and "number" in attributes(anchor.node):
                    return self._words(anchor, attributes(node), "")[1]
                return [string(" ".join(text(anchor.node).split()) or identifier(anchor.node))]
            if has_attr(node):
                attr(node)[0] = ""
            return None

        return list(rewrite(title, change))


def _word_before(content: list[Node]) -> str:
    """The word that stands before the next node, at most one white space between; '' if something else does."""
    last = content[-1] if content else None
    if last and last["t"] in ("Space", "SoftBreak") and len(content) > 1:
        last = content[-2]
    if not last or last["t"] != "Str":
        return ""
    found = re.search(r"(\S+?)\u00a0?$", last["c"])
    return found[1] if found else ""


def _around(template: str, words: list[Node]) -> list[Node]:
    """The author's own words around what stands for `%s`."""
    before, _, after = template.partition("%s")
    return [*inlines(before), *words, *inlines(after)]


def _unlinked(node: Node) -> Node:
    return {"t": "Span", "c": [[identifier(node), classes(node), []], node["c"][1]]}


def _undefined(node: Node, written: str) -> Node:
    content = node["c"][1] or [string(written)]
    return {"t": "Span", "c": [["", ["undefined-reference"], []], content]}
