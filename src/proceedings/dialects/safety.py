"""What no output may carry: attributes that run code or restyle the page, unsafe addresses, other formats' raw text,
control characters that an entity names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from proceedings import source
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, attr, classes, has_attr, identifier, sequences, walk

# What an author may say of an element; everything else is this or that program's own, or presentation.
ALLOWED = frozenset(
    "alt title width height lang dir start startfrom credit holder licence decorative label style written template tag "
    "wrapper cites entry-spacing line-spacing".split()
)
Found = Callable[[str, str, str, str], None]  # code, message, token, hint
UNSAFE = re.compile(r"^\s*(?:javascript|vbscript|data):", re.I)


def rewrite(document: Document, path: str) -> list[Diagnostic]:
    """Clean the attributes, links and raw nodes of a document, in place."""
    findings: list[Diagnostic] = []
    seen: Counter[str] = Counter()

    def found(code: str, message: str, token: str, hint: str) -> None:
        seen[token] += 1
        findings.append(finding(code, message, Location(path, token=token, nth=seen[token]), hint))

    scope = [document["blocks"], document.get("meta", {})]
    for node in walk(scope):
        if node["t"] == "Str":
            for control in source.CONTROL.findall(node["c"]):  # &#xFFFE;
                message = f"the control character U+{ord(control):04X} is left out"
                found("S003", message, f"&#x{ord(control):X}", "Delete the character.")
            node["c"] = source.CONTROL.sub("", node["c"])
        if has_attr(node) and attr(node)[2]:
            for key, value in attr(node)[2]:
                if key.lower().startswith("on"):
                    found("X006", f"the event handler {key} is left out", f'{key}="{value}"', "Delete it.")
            is_ours = node["t"] == "Link" and "ref" in classes(node)
            attr(node)[2] = [pair for pair in attr(node)[2] if _is_allowed(pair[0], is_ours)]
    for sequence in sequences(scope):
        if any(node["t"] in ("Link", "RawInline", "RawBlock") for node in sequence):
            sequence[:] = [made for node in sequence for made in _cleaned(node, found)]
    return findings


def _is_allowed(key: str, is_reference: bool) -> bool:
    return key.lower() in ALLOWED and (is_reference or key not in ("style", "written", "template"))


def _cleaned(node: Node, found: Found) -> list[Node]:
    if node["t"] == "Link" and UNSAFE.match(node["c"][2][0]):
        address = node["c"][2][0]
        message = f"a link to a {address.strip().split(':')[0].lower()}: address is left out, its text is kept"
        found("X019", message, address, "Link to a page or a file.")
        return [{"t": "Span", "c": [[identifier(node), classes(node), []], node["c"][1]]}]
    if node["t"] in ("RawInline", "RawBlock"):
        name = node["c"][0]
        if name != "comment":
            message = f"raw text for the format {name!r} is left out: the other outputs could not carry it"
            found("X007", message, f"{{={name}}}", "Write it in Markdown.")
        return []
    return [node]
