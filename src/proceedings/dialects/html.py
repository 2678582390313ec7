"""Raw HTML that has an equivalent → nodes of the tree.

Every list of nodes with raw HTML in it is written out as balanced HTML, in which its other nodes are numbered holes;
pandoc's own HTML reader reads all of them in one call, and the nodes go back into their holes.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from html.parser import HTMLParser

from proceedings import pandoc
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects.safety import UNSAFE
from proceedings.document import INLINES, Document, Node, attr, attributes, nodes, sequences, text

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements that end by themselves.
SELF_ENDING = frozenset("p li dt dd tr td th thead tbody tfoot colgroup option rp rt".split())
# Programs, embedded pages, forms and metadata: left out with a finding. The text of the first group goes with them.
SILENCED = frozenset("script style iframe svg template head title".split())
LEFT_OUT = frozenset(
    "form input button select option textarea label fieldset legend link meta base param track map area audio video "
    "object embed applet canvas noscript".split()
)
# Elements without an equivalent of their own whose content says all: the element is left out.
TRANSPARENT = frozenset("html body center font main nav wbr bdo bdi time data ruby hgroup tt big".split())
RENAMED = {"cite": "em", "var": "em", "tt": "code", "samp": "code", "strike": "s", "big": "strong", "acronym": "abbr"}
PHRASING = frozenset(
    "a abbr b br code del em font i img ins kbd mark q s small span strike strong sub sup tt u var cite dfn samp big "
    "acronym bdo bdi time data wbr".split()
)
KNOWN = (
    PHRASING
    | TRANSPARENT
    | frozenset(
        "p h1 h2 h3 h4 h5 h6 table caption colgroup col thead tbody tfoot tr td th ul ol li dl dt dd blockquote pre hr "
        "div section article aside header footer address figure figcaption picture details summary".split()
    )
)
# Where text cannot stand, so that an anchor has to wait for the next place where it can.
STRUCTURAL = frozenset("table thead tbody tfoot tr colgroup col ul ol dl picture".split())
KEPT_ATTRIBUTES = frozenset(
    "id href title src alt width height colspan rowspan start type reversed align class lang dir credit holder licence "
    "license decorative".split()
)
# Attributes that may stand without a value.
_BARE_ATTRIBUTES = KEPT_ATTRIBUTES | frozenset(
    "allowfullscreen async autofocus autoplay checked compact controls default defer disabled download hidden inert "
    "ismap itemscope loop multiple muted nomodule noshade novalidate nowrap open playsinline readonly required "
    "selected name style target rel border".split()
)
_OWN_ID = frozenset("div span h1 h2 h3 h4 h5 h6 img figure section td th".split())


def rewrite(document: Document, path: str) -> list[Diagnostic]:
    """Turn the raw HTML of a document into nodes, in place."""
    parts: list[_Part] = []
    findings: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for found in sequences([document["blocks"], document.get("meta", {})]):
        if any(_is_html(node) for node in found):
            part = _Part(found, path, seen)
            findings += part.findings
            if part.is_bare():
                found[:] = [node for node in found if not _is_html(node)]
            else:
                parts.append(part)
    if parts:
        _read(parts, path, findings)
    return findings


def _is_html(node: Node) -> bool:
    return node["t"] in ("RawInline", "RawBlock") and node["c"][0] in ("html", "html5", "html4")


class _Part(HTMLParser):
    """One list of nodes as balanced HTML with holes."""

    def __init__(self, content: list[Node], path: str, seen: Counter[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.content, self.path, self.seen = content, path, seen
        self.is_inline = content[0]["t"] in INLINES
        self.findings: list[Diagnostic] = []
        self.holes: list[list[Node]] = []
        self.out: list[str] = []
        self.open: list[tuple[str, int, str]] = []  # open elements, where in `out` they begin, and as they are written
        self.silenced: list[str] = []
        self.anchors: list[str] = []
        self.token = ""
        self._write(content)
        self.close()
        self._close_down_to(0)
        self._anchors()

    def html(self) -> str:
        return "".join(self.out)

    # --- nodes ------------------------------------------------------------------------------------------------

    def _write(self, content: list[Node]) -> None:
        run: list[Node] = []
        for node in content:
            if not _is_html(node) and not self._is_html_code(node):
                run.append(node)
                continue
            self._holes(run)
            run = []
            self.token = node["c"][1].strip().split("\n")[0]
            self.feed(node["c"][1])
        self._holes(run)

    def _is_html_code(self, node: Node) -> bool:
        """Indented HTML inside a table or list, which Markdown takes for code."""
        inside = any(name in ("table", "ul", "ol", "dl", "tr") for name, _, _ in self.open)
        return inside and node["t"] == "CodeBlock" and not any(attr(node)) and node["c"][1].lstrip().startswith("<")

    def _holes(self, run: list[Node]) -> None:
        """Leave holes for nodes that are no raw HTML: one for all, except for blocks inside of an element."""
        if not run or self.silenced:
            return
        if any(name in ("code", "kbd", "pre", "math") for name, _, _ in self.open):
            self.out.append(escape(text(run)))
        elif self.is_inline or not self.open:
            self._hole(run, "span" if self.is_inline else "div")
        else:
            for node in run:
                self._hole([node], "span" if node["t"] in ("Plain", "Para") else "div")

    def _hole(self, run: list[Node], element: str) -> None:
        if element == "span" and any(node["t"] not in ("Space", "SoftBreak", "LineBreak") for node in run):
            self._anchors()
        self.holes.append(run)
        mark = f'<{element} data-hole="{len(self.holes) - 1}"></{element}>'
        self.out.append(f"<p>{mark}</p>" if run[0]["t"] == "Para" and element == "span" else mark)

    def is_bare(self) -> bool:
        """Whether nothing but comments was raw."""
        return not any(
            re.match(r"<(?!(?:span|div) data-hole|/)", piece) or piece.strip()[:1] not in ("", "<")
            for piece in self.out
        )

    def _anchors(self) -> None:
        for anchor in self.anchors:
            self.out.append(f'<span id="{escape(anchor)}"></span>')
        self.anchors = []

    # --- what the parser finds ----------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silenced:
            if tag in SILENCED and tag not in VOID:
                self.silenced.append(tag)
            return
        if attrs and all(value is None and name not in _BARE_ATTRIBUTES for name, value in attrs):
            written = self.get_starttag_text() or ""
            self._found(
                "X007", f"“{written}” is no HTML and is printed as it stands", "Write \\< for the sign.", written
            )
            self.handle_data(written)
            return
        if tag == "source" and not any(name == "picture" for name, _, _ in self.open):
            self._address(dict(attrs))
            return
        if tag in SILENCED or tag in LEFT_OUT:
            self._left_out(tag, attrs)
            return
        if tag not in KNOWN and not self._is_maths(tag):
            self._found(
                "X007", f"the HTML element <{tag}> has no equivalent; its text is kept", "Write it in Markdown."
            )
            return
        kept = self._attributes(tag, attrs)
        tag = RENAMED.get(tag, tag)
        anchor = kept.get("id", "")
        if anchor and tag not in _OWN_ID:
            self.anchors.append(kept.pop("id"))
        if tag in TRANSPARENT:
            return
        if tag in ("details", "summary"):
            kept["class"] = f"{tag} {kept.get('class', '')}".strip()
            tag = "div"
        if tag in PHRASING:
            self._anchors()
        if tag not in VOID:
            self.open.append((tag, len(self.out), self.token))
        written = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
        self.out.append(f"<{tag}{written}>")
        if tag not in STRUCTURAL and tag not in VOID:
            self._anchors()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and tag not in ("p", "li"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silenced:
            if tag == self.silenced[-1]:
                self.silenced.pop()
            return
        tag = RENAMED.get(tag, tag)
        tag = "div" if tag in ("details", "summary") else tag
        if tag == "br":
            self.out.append("<br>")
            return
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth][0] == tag:
                self._close_down_to(depth + 1)
                self.open.pop()
                self.out.append(f"</{tag}>")
                return

    def _close_down_to(self, depth: int) -> None:
        """End the open elements from `depth` on: those that end by themselves are left to the reader, the tags of the
        others are taken back, since nobody says how far they were to reach."""
        while len(self.open) > depth:
            tag, place, written = self.open.pop()
            if tag not in SELF_ENDING:
                message = f"<{tag}> is never closed; it is left out, its content is kept"
                self._found("X020", message, f"Write </{tag}>.", written)
                self.out[place] = ""

    def handle_data(self, data: str) -> None:
        if not self.silenced:
            if data.strip():
                self._anchors()
            self.out.append(escape(data))

    def _is_maths(self, tag: str) -> bool:
        return tag == "math" or any(name == "math" for name, _, _ in self.open)

    # --- what is left out ---------------------------------------------------------------------------------------

    def _left_out(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENCED and tag not in VOID:
            self.silenced.append(tag)
        source = dict(attrs).get("src") or ""
        if tag in ("audio", "video", "source") and source and not re.match(r"[a-z][a-z0-9+.-]+:|//", source, re.I):
            words = dict(attrs).get("aria-label") or dict(attrs).get("title") or ""
            self.out.append(f'<img src="{escape(source)}" data-alt="{escape(words)}">')  # attachments make it a player
            return
        if tag in ("iframe", "embed", "object", "audio", "video"):
            self._address(dict(attrs))
        text = "" if tag in VOID else ", with its text" if tag in SILENCED else "; its text is kept"
        message = f"<{tag}> is left out{text}: no output may carry it"
        self._found("X006", message, "Describe its content, or link to it.")

    def _address(self, attrs: dict[str, str | None]) -> None:
        """Where a thing that cannot be shown is to be found, under the words that its author gave it."""
        address = attrs.get("src") or attrs.get("data") or ""
        words = attrs.get("title") or attrs.get("alt") or ""
        if address.startswith(("https://", "http://")):
            self.out.append(f'<a href="{escape(address)}">{escape(words or address)}</a> ')
        elif words:
            self.out.append(f"{escape(words)} ")

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for key, given in attrs:
            value = given or ""
            if key.startswith("on"):
                self._found("X006", f"the event handler {key} of <{tag}> is left out", "Delete it.")
            elif key in ("href", "src") and UNSAFE.match(value):
                self._found(
                    "X019", f"<{tag} {key}> leads to a program or to data and is left out", "Link to a page or file."
                )
            elif key == "name" and tag == "a":
                kept.setdefault("id", value)
            elif key in KEPT_ATTRIBUTES or self._is_maths(tag):
                kept[key] = value
        if tag == "img" and "alt" in kept:
            kept["data-alt"] = kept.pop("alt")
        return kept

    def _found(self, code: str, message: str, hint: str, written: str = "") -> None:
        token = written or self.token
        self.seen[token] += 1
        place = Location(self.path, token=token, nth=self.seen[token])
        self.findings.append(finding(code, message, place, hint))


# --- reading --------------------------------------------------------------------------------------------------


def _read(parts: list[_Part], path: str, findings: list[Diagnostic]) -> None:
    """Read all parts in one call and put the results into the document's lists."""
    written = "\n".join(f'<div data-part="{number}">{part.html()}</div>' for number, part in enumerate(parts))
    try:
        output = pandoc.read(written, "html-auto_identifiers")
        read = {attributes(node).get("part"): node["c"][1] for node in output["blocks"] if node["t"] == "Div"}
    except pandoc.PandocError as error:
        read = {}
        findings.append(
            finding("X007", f"the HTML cannot be read: {error}", Location(path, 1, 1), "Write it in Markdown.")
        )
    for number, part in reversed(list(enumerate(parts))):  # the inner before the outer, which take their content over
        made = _filled(part, read.get(str(number), []))
        if made is None:
            findings.append(
                finding("X007", "HTML whose elements do not fit into one another is left out; its text is kept",
                        Location(path, token=part.token), "Check that every element is closed, and in order.")
            )  # fmt: skip
            made = [node for node in part.content if not _is_html(node)]
        part.content[:] = made


def _filled(part: _Part, made: list[Node]) -> list[Node] | None:
    """What pandoc read, with the holes filled; None if one of them is missing."""
    _mend(made)
    filled: set[int] = set()
    for sequence in sequences(made):
        result: list[Node] = []
        for node in sequence:
            number = attributes(node).get("hole") if node["t"] in ("Div", "Span") else None
            if number is None:
                result.append(node)
                continue
            filled.add(int(number))
            hole = part.holes[int(number)]
            if node["t"] == "Span" and hole[0]["t"] in ("Plain", "Para"):
                result.extend(hole[0]["c"])
            else:
                result.extend(hole)
        sequence[:] = result
    if len(filled) < len(part.holes):
        return None
    return _as_inlines(made) if part.is_inline else made


def _as_inlines(blocks: list[Node]) -> list[Node] | None:
    """The blocks of an inline part as inlines; None where a block has none."""
    result: list[Node] = []
    for block in blocks:
        if block["t"] in ("Plain", "Para"):
            result.extend(block["c"])
        elif block["t"] == "Header":
            result.extend(block["c"][2])
        else:
            return None
    return result


def _mend(made: list[Node]) -> None:
    """Descriptions back to `alt`; widths that nobody asked for away."""
    for node in nodes(made, "Image", "Table"):
        if node["t"] == "Image":
            attr(node)[2] = [["alt" if key == "data-alt" else key, value] for key, value in attr(node)[2]]
        else:
            node["c"][2] = [[alignment, {"t": "ColWidthDefault"}] for alignment, _ in node["c"][2]]
