"""Cross-references that are written as citations, roles or links; and CiTO relations."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from proceedings.dialects.constructs import citation, is_reference, kind_of, reference
from proceedings.document import (
    INLINES,
    Document,
    Node,
    attr,
    classes,
    has_attr,
    identifier,
    sequences,
    string,
    text,
    walk,
)

# The properties of CiTO, the Citation Typing Ontology (http://purl.org/spar/cito), that say why a work is cited.
CITO = frozenset(
    """agreesWith cites citesAsAuthority citesAsDataSource citesAsEvidence citesAsMetadataDocument
    citesAsPotentialSolution citesAsRecommendedReading citesAsRelated citesAsSourceDocument citesForInformation
    compiles confirms containsAssertionFrom corrects credits critiques derides describes disagreesWith discusses
    disputes documents extends includesExcerptFrom includesQuotationFrom linksTo obtainsBackgroundFrom
    obtainsSupportFrom parodies plagiarizes qualifies refutes repliesTo retracts reviews ridicules speculatesOn
    supports updates usesConclusionsFrom usesDataFrom usesMethodIn""".split()
)  # fmt: skip
_CITO_BY_NAME = {name.lower(): name for name in CITO} | {"citation": "cites", "methodin": "usesMethodIn"}
# pandoc-crossref's prefixes, which no citation key has.
_DOI = re.compile(r"^(?:doi:|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/\S+)$")  # MyST's `[](doi:10…)` cites
_UNMISTAKABLE = re.compile(r"^(?:fig|tbl|tab|eq|sec|lst|thm|alg):", re.I)


def labels(document: Document) -> dict[str, Node]:
    """Every id in the document and the node that has it (the first, if several)."""
    found: dict[str, Node] = {}
    for node in walk(document["blocks"]):
        name = identifier(node) if has_attr(node) else ""
        if name:
            found.setdefault(name, node)
            if node["t"] == "Header":
                found.setdefault(f"sec:{name}", node)  # pandoc-crossref's autoSectionLabels
    return found


def wanted(document: Document) -> set[str]:
    """Every label that the text refers to, in whatever way."""
    found: set[str] = set()
    for node in walk([document["blocks"], document.get("meta", {})]):
        if node["t"] == "Link":
            found.add(node["c"][2][0].removeprefix("#"))
        elif node["t"] == "Cite":
            found.update(item["citationId"] for item in node["c"][0])
    return found


def _separate(cite: Node) -> None:
    """Keys with a comma between, [@a, @b], as if a semicolon stood there: pandoc takes the second for words behind the
    first, and no mark would name that."""
    parts: list[Any] = []
    for part in cite["c"][0]:
        parts.append({**part, "citationSuffix": []})
        for node in part["citationSuffix"]:
            if node["t"] != "Cite":
                parts[-1]["citationSuffix"].append(node)
                continue
            between = parts[-1]["citationSuffix"]
            is_page = any(character.isdigit() for character in text(between))  # of the work before
            parts[-1]["citationSuffix"] = _without_comma(between[::-1])[::-1] if is_page else []
            first, *others = node["c"][0]
            words = [] if is_page else _without_comma(between)
            parts += [{**first, "citationPrefix": [*words, *first["citationPrefix"]]}, *others]
            for one in parts[-1 - len(others) :]:
                one["citationMode"] = part["citationMode"]
    cite["c"][0] = parts


def _without_comma(content: list[Node]) -> list[Node]:
    """Words without the punctuation and the spaces before them; none where there are no letters."""
    words = list(content)
    while words and not text(words[0]).strip(" ,;&"):
        words.pop(0)
    if words and words[0]["t"] == "Str":
        words[0] = string(words[0]["c"].strip(",;"))
    return words if any(character.isalpha() for character in text(words)) else []


def rewrite(document: Document, aliases: dict[str, str]) -> None:
    """Turn cross-references into Link.ref and split CiTO relations from keys, in place."""
    known = labels(document)
    relations: dict[str, list[str]] = {}
    for found in sequences([document["blocks"], document.get("meta", {})]):
        if found[0]["t"] not in INLINES:
            continue
        if any(node["t"] in ("Cite", "Link") for node in found):
            for node in found:
                if node["t"] == "Cite":
                    _separate(node)
            _bind(found)
            found[:] = [made for node in found for made in _rewritten(node, known, aliases, relations)]
    if relations:
        document.setdefault("meta", {})["cito"] = {
            "t": "MetaMap",
            "c": {key: {"t": "MetaString", "c": " ".join(names)} for key, names in sorted(relations.items())},
        }


def _bind(content: list[Node]) -> None:
    """TeX's `Figure~\\ref{x}`: a tilde before a reference or citation is a space that does not break."""
    for before, node in pairwise(content):
        if before["t"] == "Str" and before["c"].endswith("~") and node["t"] in ("Cite", "Link"):
            before["c"] = before["c"][:-1] + "\u00a0"


def _rewritten(
    node: Node, known: dict[str, Node], aliases: dict[str, str], relations: dict[str, list[str]]
) -> list[Node]:
    if node["t"] == "Cite":
        _take_relations(node, relations)
        return _citation(node, known, aliases)
    if node["t"] == "Link":
        cited = None if text(node["c"][1]).strip() else _DOI.match(node["c"][2][0])
        return [citation([f"doi:{cited[1]}"], "AuthorInText") if cited else _link(node, known, aliases)]
    return [node]


def _take_relations(node: Node, relations: dict[str, list[str]]) -> None:
    """`@citesAsAuthority:key` → `@key`; the relation is noted. There may be several before one key."""
    for item in node["c"][0]:
        names, key = _relations(item["citationId"])
        if not names:
            continue
        _respell(node["c"][1], f"@{item['citationId']}", f"@{key}")
        item["citationId"] = key
        noted = relations.setdefault(key, [])
        noted += [name for name in names if name not in noted]


def _relations(key: str) -> tuple[list[str], str]:
    """'extends:usesDataFrom:key' → the relations and the key."""
    names: list[str] = []
    while ":" in key:
        prefix, _, rest = key.partition(":")
        name = _CITO_BY_NAME.get(prefix.replace("_", "").lower())
        if not name or not rest:
            break
        names.append(name)
        key = rest
    return names, key


def _respell(content: list[Node], old: str, new: str) -> None:
    for node in walk(content):
        if node["t"] == "Str" and old in node["c"]:
            node["c"] = node["c"].replace(old, new)


def _citation(node: Node, known: dict[str, Node], aliases: dict[str, str]) -> list[Node]:
    """A Cite node, or the references that it is."""
    items = node["c"][0]
    refers = [_refers(item["citationId"], known, aliases) for item in items]
    if not any(refers):
        return [node]
    result: list[Node] = []
    citations: list[Node] = []
    for item, is_ref in zip(items, refers, strict=True):
        if not is_ref:
            citations.append(item)
            continue
        if result:
            result += [string(","), {"t": "Space"}]
        result += _reference(item, aliases)
    if citations:
        rest = {"t": "Cite", "c": [citations, [string("; ".join(f"@{item['citationId']}" for item in citations))]]}
        return [*result, {"t": "Space"}, rest]
    return result


def _refers(key: str, known: dict[str, Node], aliases: dict[str, str]) -> bool:
    """Whether a citation key is a label: one that an element has, or one that no citation key can be."""
    for name in (key, key[:1].lower() + key[1:]):
        target = aliases.get(name, name)
        if target in known and (known[target]["t"] != "Header" or name in aliases or kind_of(name)):
            return True
    return bool(_UNMISTAKABLE.match(key))


def _reference(item: dict[str, Any], aliases: dict[str, str]) -> list[Node]:
    key = str(item["citationId"])
    if kind_of(key) and key[:1].isupper():
        key = key[:1].lower() + key[1:]
    style = "number" if item["citationMode"]["t"] == "SuppressAuthor" else "full"
    before, after = list(item["citationPrefix"]), list(item["citationSuffix"])
    made = reference(aliases.get(key, key), style, f"@{item['citationId']}")
    if before and before[-1]["t"] != "Space":
        before.append({"t": "Space"})
    if after and after[0]["t"] not in ("Space", "Str"):
        after.insert(0, {"t": "Space"})
    return [*before, made, *after]


def _link(node: Node, known: dict[str, Node], aliases: dict[str, str]) -> Node:
    """A link: empty ones to a label of this text are references; a label's other name is replaced."""
    target = node["c"][2][0]
    name = target.removeprefix("#")
    if not target.startswith("#") and name not in known and name not in aliases:
        return node
    name = aliases.get(name, name)
    node["c"][2][0] = f"#{name}"
    if is_reference(node):
        return node
    words = text(node["c"][1]).strip()
    if not words:
        made = reference(name, "full", f"]({target})")
    elif "%s" in words or "{number}" in words:
        made = reference(name, "template", f"]({target})", template=words.replace("{number}", "%s"))
    else:
        return node
    attr(made)[0], attr(made)[1] = identifier(node), [*classes(node), "ref"]
    return made
