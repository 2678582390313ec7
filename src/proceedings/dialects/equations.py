"""Labelled display formulas, in whatever way their label is written → Span.equation#id."""

from __future__ import annotations

import re

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import INLINES, Document, Node, attributes, classes, identifier, nodes, sequences, string

# LaTeX's display environments → what stands for them inside a formula; '' where the content stands alone.
ENVIRONMENTS = {
    "equation": "", "displaymath": "", "math": "", "dmath": "", "subequations": "",
    "align": "aligned", "flalign": "aligned",
    "alignat": "aligned", "gather": "gathered", "multline": "multline", "eqnarray": "array",
}  # fmt: skip
_WHOLE = re.compile(r"^\s*\\begin\s*\{(\w+)\*?\}(.*)\\end\s*\{\1\*?\}\s*$", re.S)
_LABEL = re.compile(r"[ \t]*\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\s*\\tag\*?\s*\{([^{}]*)\}")
_BRACES = re.compile(r"^\{#([\w:.-]+)\s*[^}]*\}(.*)$", re.S)
_BACKTICKS = re.compile(r"^`(.*)`$", re.S)
_PARENTHESES = re.compile(r"^\(([\w:.-]+)\)$")


def rewrite(document: Document, path: str, wanted: set[str]) -> tuple[list[Diagnostic], dict[str, str]]:
    """Make the equations of a document, in place. `wanted` are the labels that the text refers to.

    Returns findings, and which labels share the number of another: {second label of a formula: its first}.
    """
    findings: list[Diagnostic] = []
    shared: dict[str, str] = {}
    _from_github(document)
    for found in sequences([document["blocks"], document.get("meta", {})]):
        if found[0]["t"] in INLINES and any(_is_display(node) or node["t"] == "Span" for node in found):
            found[:] = _equations(found, path, wanted, findings, shared)
    return findings, shared


def _from_github(document: Document) -> None:
    """GitHub's and GitLab's ways of writing formulas: $`…`$, and a code block of the language math."""
    for formula in nodes([document["blocks"], document.get("meta", {})], "Math"):
        formula["c"][1] = _BACKTICKS.sub(r"\1", formula["c"][1])
    for block in list(nodes(document["blocks"], "CodeBlock")):
        if classes(block) == ["math"]:
            formula = {"t": "Math", "c": [{"t": "DisplayMath"}, block["c"][1]]}
            block.update({"t": "Para", "c": [formula]})


def _is_display(node: Node) -> bool:
    return bool(node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath")


def _equations(
    content: list[Node], path: str, wanted: set[str], findings: list[Diagnostic], shared: dict[str, str]
) -> list[Node]:
    result: list[Node] = []
    number = 0
    while number < len(content):
        node = content[number]
        number += 1
        formula, given = _formula(node)
        if formula is None:
            result.append(node)
            continue
        written = formula["c"][1]
        tex, labels, tag = normalised(written)
        after, rest, skipped = _label_after(content, number, wanted) if not given else ("", [], 0)
        labels = [name for name in (given, after, *labels) if name]
        number += skipped
        if len(labels) > 1:
            findings.append(
                finding("X016", f"a formula has {len(labels)} labels ({', '.join(labels)}), which share its number",
                        Location(path, token=labels[1]), "Give each line a formula of its own if it needs a number.")
            )  # fmt: skip
            shared.update(dict.fromkeys(labels[1:], labels[0]))
        math = {"t": "Math", "c": [{"t": "DisplayMath"}, tex]}
        if labels or tag:
            pairs = [["tag", tag]] if tag else []
            result.append({"t": "Span", "c": [[labels[0] if labels else "", ["equation"], pairs], [math]]})
        else:
            result.append(math)
        result.extend(rest)
    return result


def _formula(node: Node) -> tuple[Node | None, str]:
    """The display formula that a node is, and the label that a span around it gives."""
    if _is_display(node):
        return node, ""
    if (
        node["t"] == "Span"
        and len(node["c"][1]) == 1
        and _is_display(node["c"][1][0])
        and "equation" not in classes(node)
    ):
        return node["c"][1][0], identifier(node) or attributes(node).get("label", "")
    return None, ""


def _label_after(content: list[Node], start: int, wanted: set[str]) -> tuple[str, list[Node], int]:
    """A label written behind a formula, `{#eq:x}` or `(eq-x)`: the label, what follows it in the same word, and how
    many nodes it takes up."""
    skipped = 0
    while start + skipped < len(content) and content[start + skipped]["t"] in ("Space", "SoftBreak"):
        skipped += 1
    if start + skipped >= len(content) or content[start + skipped]["t"] != "Str":
        return "", [], 0
    word = content[start + skipped]["c"]
    if found := _BRACES.match(word):
        return found[1], [string(found[2])] if found[2] else [], skipped + 1
    if (found := _PARENTHESES.match(word)) and (found[1] in wanted or re.match(r"^eqn?[:_-]", found[1])):
        return found[1], [], skipped + 1
    return "", [], 0


def normalised(tex: str) -> tuple[str, list[str], str]:
    """TeX without LaTeX's own numbering: the formula, its labels, and the number that \\tag gives it."""
    labels = [name.strip() for name in _LABEL.findall(tex)]
    tags = _TAG.findall(tex)
    tex = _TAG.sub("", _LABEL.sub("", tex))
    tex = re.sub(r"\\(?:nonumber|notag)(?![A-Za-z])", "", tex)
    while (found := _WHOLE.match(tex)) and found[1] in ENVIRONMENTS:
        inner = ENVIRONMENTS[found[1]]
        body = found[2]
        if found[1] == "alignat":
            body = re.sub(r"^\s*\{\d+\}", "", body)
        arguments = "{rcl}" if inner == "array" else ""
        tex = f"\\begin{{{inner}}}{arguments}{body}\\end{{{inner}}}" if inner else body.strip()
        if inner == found[1]:
            break
    return tex, labels, tags[0] if len(tags) == 1 else ""
