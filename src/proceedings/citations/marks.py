"""The one function that resolves citations: marks and reference list into the tree, undefined keys made visible."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from proceedings import bibliography, pandoc
from proceedings.bibliography import Entry, Item
from proceedings.bibliography.checks import alike
from proceedings.citations import given_names, locales, locators, names, order, repairs
from proceedings.citations.styles import Style
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, attr, identifier, nodes, rewrite, span, string, text

# What in a document's metadata would steer pandoc's citeproc: the caller decides these, never a submission.
_STEERING = frozenset(
    (
        "bibliography references csl citation-style citation-abbreviations lang nocite link-citations link-bibliography"
        " suppress-bibliography reference-section-title notes-after-punctuation"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A document whose marks and reference list are made. `references` are the items of the list as printed."""

    document: Document
    findings: tuple[Diagnostic, ...]
    references: tuple[Item, ...]


def cite(
    document: Document,
    items: Sequence[Entry],
    style: Style,
    lang: str = "",
    *,
    path: str = "",
    nocite: Iterable[str] = (),
) -> Cited:
    """Resolve the citations of `document` from `items` in `style`, with the terms of `lang` (else the style's own).

    The list is Div#refs (where the document has one, else at its end) with a div.csl-entry#ref-KEY for each reference.
    A mark is a Cite in Span#cite-N; an entry's `cited-by` attribute names its marks. Keys that no item has are printed
    as `[@key?]` in a span.undefined-citation and are findings. `nocite` are keys to list without a mark, `*` for all.
    """
    from lxml import etree

    library = {entry.key: entry.item for entry in items}
    wanted = [*nocite, *_nocite(document)]
    findings = _undefined_findings(document, wanted, library, path)
    blocks = rewrite(document["blocks"], lambda node: _defined_only(node, library))
    meta = {
        name: rewrite(value, lambda node: _defined_only(node, library))
        for name, value in document["meta"].items()
        if name not in _STEERING
    }
    extra = [key for key in (library if "*" in wanted else dict.fromkeys(wanted)) if key in library]
    cited = [key for key in dict.fromkeys([*_keys(meta), *_keys(blocks), *extra]) if key in library]
    tree = {**document, "meta": meta, "blocks": blocks}
    if cited:
        root = etree.fromstring(style.text)
        target, missing = _locale(root, lang, style.locale, path)
        words = locators.Words(root, target, locales.resolved(lang))
        tree, unknown = _translated(tree, words, path)
        findings += [*missing, *unknown]
        works = [library[key] for key in cited]
        findings += [_by_cite(len(works), path)] if given_names.eased(root, works) else []
        try:
            tree = _run(tree, works, style, target, extra, root)
        except pandoc.PandocTimeout:  # parts of it would take as long again
            raise
        except pandoc.PandocError as error:
            return _uncitable(document, items, style, lang, path, wanted, error)
    kept = {name: value for name, value in document["meta"].items() if name in _STEERING}
    tree = _anchored(tree)
    listed = tuple(library[key] for key in _listed(tree, cited))
    findings += _unprinted(tree, cited, style, path)
    return Cited({**tree, "meta": {**tree["meta"], **kept}}, tuple(findings), listed)


def _by_cite(works: int, path: str) -> Diagnostic:
    message = f"{works:,} works are too many for the style's rule about given names: only marks that are alike get them"
    hint = "Look whether the marks of people who share a family name are clear."
    return finding("C027", message, Location(path, 1, 1, near=True), hint)


def _uncitable(
    document: Document,
    items: Sequence[Entry],
    style: Style,
    lang: str,
    path: str,
    nocite: Sequence[str],
    error: Exception,
) -> Cited:
    """The result without the items that citeproc refuses even alone, each of which is a finding; else `error` again."""
    known = {entry.key: entry for entry in items}
    refused = bibliography.refused(list(known), lambda keys: _refusal([known[key] for key in keys], style))
    if not refused:
        raise error
    findings = [
        finding("C003", f"the reference '{key}' cannot be printed: {reason}", known[key].location, "Correct the entry.")
        for key, reason in refused.items()
    ]
    rest = [entry for entry in items if entry.key not in refused]
    done = cite(document, rest, style, lang, path=path, nocite=nocite)
    return Cited(done.document, (*findings, *done.findings), done.references)


def _refusal(entries: Sequence[Entry], style: Style) -> str:
    """Why citeproc refuses some items together, or ''."""
    from lxml import etree

    empty: Document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": []}
    keys, items = [entry.key for entry in entries], [entry.item for entry in entries]
    root = etree.fromstring(style.text)
    given_names.eased(root, items)
    try:
        _run(empty, items, style, style.locale or "en-US", keys, root)
    except pandoc.PandocError as error:
        return " ".join(str(error).split())
    return ""


def cited_keys(document: Document) -> list[str]:
    """The keys that a document cites, in reading order, each once; those of `nocite` are not among them."""
    return list(dict.fromkeys(_keys(document["blocks"])))


def anchor(key: str) -> str:
    """The id of a reference: pandoc's own `ref-KEY`, each character that no NCName has written `·hex·`.

    No two keys have the same id, because `·` is itself written so.
    """
    return "ref-" + _NOT_IN_NAME.sub(lambda found: f"·{ord(found.group()):x}·", key)


# NameChar of XML 1.0 (fifth edition) without the colon (Namespaces in XML) and without U+00B7.
_NOT_IN_NAME = re.compile(
    "[^-._0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)


def _keys(node: Any) -> list[str]:
    return [part["citationId"] for mark in nodes(node, "Cite") for part in mark["c"][0]]


def _nocite(document: Document) -> list[str]:
    """The keys of the document's own `nocite:`, read as Markdown by the parser or left as text."""
    value = document["meta"].get("nocite")
    if value is None:
        return []
    keys = _keys(value)
    return keys or re.findall(r"@\{?([^\s,;{}\]]+|\*)", text(value))


# --- undefined keys ---------------------------------------------------------------------------------------------


def _undefined_findings(
    document: Document, nocite: Sequence[str], library: Mapping[str, Item], path: str
) -> list[Diagnostic]:
    """One finding for every mark of an unknown key; the place is the nth `@key` of the text."""
    found, seen = [], Counter[str]()
    known = list(library)
    for key in [*_keys(document["blocks"]), *_keys(_rich(document)), *nocite]:
        seen[key] += 1
        if key in library or key == "*":
            continue
        if re.match(r"(?:doi|arxiv|isbn):", key, re.I):
            place = Location(path, token=f"@{key}", nth=seen[key])
            found.append(finding("C025", f"'{key}' is not in the lock file", place, "Run `proceedings refs --lock`."))
            continue
        place = Location(path, token=f"@{key}", nth=seen[key])
        found.append(finding("C001", f"no library has the reference '{key}'", place, _what_was_meant(key, known)))
    return found


def _what_was_meant(key: str, known: Sequence[str]) -> str:
    """What to write in place of an unknown key."""
    address = re.match(r"https?://(?:dx\.)?doi\.org/(10\..+)", key)
    if address:
        return f"Write [@doi:{address[1]}], or add the reference to the paper's library."
    cut = next(
        (whole for whole in known if whole.startswith(key) and not re.match(r"[\w:.#$%&+?<>~/-]", whole[len(key)])), ""
    )
    if cut:
        return f"Write the key in braces: @{{{cut}}}."
    near = alike(key, known)
    return f"Did you mean @{' or @'.join(near)}?" if near else "Add the reference to the paper's library."


def _rich(document: Document) -> list[Any]:
    return [value for name, value in document["meta"].items() if name not in _STEERING]


def _defined_only(node: Node, library: Mapping[str, Item]) -> Node | list[Node] | None:
    """A mark without its unknown keys, which follow it as marked text."""
    if node["t"] != "Cite":
        return None
    citations = node["c"][0]
    unknown = [part["citationId"] for part in citations if part["citationId"] not in library]
    if not unknown:
        return None
    marked = [span([string(f"[@{key}?]")], classes=["undefined-citation"]) for key in unknown]
    known = [part for part in citations if part["citationId"] in library]
    if not known:
        return marked
    return [{"t": "Cite", "c": [known, node["c"][1]]}, {"t": "Space"}, *marked]


# --- language ---------------------------------------------------------------------------------------------------


def _locale(root: Any, lang: str, default: str, path: str) -> tuple[str, list[Diagnostic]]:
    """The CSL locale to print in; its terms go into the style, which is how pandoc can have them."""
    target = locales.resolved(lang) or locales.resolved(default) or "en-US"
    findings = []
    if lang and not locales.resolved(lang):
        message = f"CSL has no terms for the language '{lang}'; those of {target} are used"
        findings.append(finding("C022", message, Location(path, token="lang:"), "Check the language's tag."))
    locales.complete(root, target)
    return target, findings


def _translated(tree: Document, words: locators.Words, path: str) -> tuple[Document, list[Diagnostic]]:
    """`tree` with every locator in words that pandoc knows; a note for each that nobody knows."""
    findings, seen = [], Counter[str]()

    def change(node: Node) -> Node | None:
        if node["t"] != "Cite":
            return None
        parts = []
        for part in node["c"][0]:
            seen[part["citationId"]] += 1
            suffix, unknown = locators.translated(part["citationSuffix"], words)
            parts.append({**part, "citationSuffix": suffix})
            if unknown:
                place = Location(path, token=f"@{part['citationId']}", nth=seen[part["citationId"]])
                message = f"'{unknown}' is not known as the word for one kind of place in a work"
                findings.append(finding("C024", message, place, "Write p. 5, chap. 2 or the like."))
        return {"t": "Cite", "c": [parts, node["c"][1]]}

    changed = {part: rewrite(tree[part], change) for part in ("blocks", "meta")}
    return {**tree, **changed}, findings


# --- the run ----------------------------------------------------------------------------------------------------


def _run(
    tree: Document, items: Sequence[Item], style: Style, target: str, nocite: Sequence[str], root: Any
) -> Document:
    """`tree` after pandoc's citeproc, in locale `target`, its metadata without what steered it."""
    from lxml import etree

    change = repairs.item_changes(root)
    items = [names.sent(change(_plain(item))) for item in items]
    if order.needed(root, items, target):
        items = order.ordered(root, items, target)
    meta: dict[str, Any] = {
        "link-citations": {"t": "MetaBool", "c": True},
        "lang": {"t": "MetaString", "c": target},
    }
    if nocite:
        meta["nocite"] = {"t": "MetaInlines", "c": [_silent(key) for key in nocite]}
    source = {**tree, "meta": {**tree["meta"], **meta}}
    output, _ = pandoc.run(
        json.dumps(source, ensure_ascii=False),
        ["-f", "json", "-t", "json", "--citeproc"],
        files={
            "--bibliography": ("references.json", json.dumps(items, ensure_ascii=False)),
            "--csl": ("style.csl", etree.tostring(root, encoding="unicode")),
        },
    )
    done: Document = json.loads(output)
    done["meta"] = {name: value for name, value in done["meta"].items() if name not in _STEERING}
    inside = style.notes and locales.punctuation_in_quote(root, target)
    delimiter = locales.term(root, target, "page-range-delimiter") or "–"
    mended = _mending(items, inside, delimiter)
    return {**done, **{part: rewrite(done[part], mended) for part in ("meta", "blocks")}}


def _mending(items: Sequence[Item], stop_inside: bool, delimiter: str) -> Callable[[Node], Node | None]:
    """The change that mends each mark and each reference that citeproc printed."""
    spaced = repairs.spaced(items)
    ranges = repairs.delimited(items, delimiter)

    def inline(node: Node) -> Node | list[Node] | None:
        if stop_inside and node["t"] == "Note":
            return _stop_inside(node)
        if node["t"] == "Str":
            node = string(repairs.unmarked(node["c"]))
            if "$" in node["c"]:
                return repairs.with_formulas(node)
            if len(parts := repairs.raised(node)) != 1 or parts[0]["t"] != "Str":
                return parts
        return repairs.without_nocase(node) or names.returned(node) or node

    def lists(value: Any) -> Any:
        """`value` with the spaces of every list of inlines in it mended."""
        if isinstance(value, dict):
            return {name: lists(part) for name, part in value.items()}
        if isinstance(value, list):
            parts = [lists(part) for part in value]
            return spaced(parts) if len(parts) > 1 and all(isinstance(p, dict) and "t" in p for p in parts) else parts
        return value

    def printed(content: list[Node], keys: Iterable[str]) -> Any:
        for change in (ranges[key] for key in keys if key in ranges):
            content = rewrite(content, partial(_changed, change))
        return lists(rewrite(content, inline))

    def mended(node: Node) -> Node | None:
        if node["t"] == "Cite":
            return {"t": "Cite", "c": [node["c"][0], printed(node["c"][1], _keys(node))]}
        if node["t"] == "Div" and "csl-entry" in attr(node)[1]:
            return {"t": "Div", "c": [attr(node), printed(node["c"][1], [identifier(node).removeprefix("ref-")])]}
        return None

    return mended


def _changed(change: Callable[[str], str], node: Node) -> Node | None:
    return string(change(node["c"])) if node["t"] == "Str" else None


def _stop_inside(note: Node) -> Node | None:
    """The full stop that pandoc adds to a note goes before a closing quotation mark, where the locale has it so."""
    blocks = note["c"]
    if not blocks or blocks[-1]["t"] not in ("Para", "Plain") or not blocks[-1]["c"]:
        return None
    content = list(blocks[-1]["c"])
    if content[-1]["t"] == "Str" and content[-1]["c"].endswith(("”.", "’.")):
        content[-1] = string(f"{content[-1]['c'][:-2]}.{content[-1]['c'][-2]}")
    elif len(content) > 1 and content[-1] == string(".") and text(content[-2]).endswith(("”", "’")):
        content[-2:] = [_before_quote(content[-2])]
    return {"t": "Note", "c": [*blocks[:-1], {"t": blocks[-1]["t"], "c": content}]}


def _before_quote(node: Node) -> Node:
    """`node` with a full stop before the quotation mark that ends it."""
    if node["t"] == "Str":
        return string(f"{node['c'][:-1]}.{node['c'][-1]}")
    if node["t"] in ("Link", "Span", "Quoted"):
        first, content, *rest = node["c"]
        inner = [*content, string(".")] if node["t"] == "Quoted" else _stopped(content)
        return {"t": node["t"], "c": [first, inner, *rest]}
    return {"t": node["t"], "c": _stopped(node["c"])}


def _stopped(content: Sequence[Node]) -> list[Node]:
    return [*content[:-1], _before_quote(content[-1])]


def _silent(key: str) -> Node:
    mode = {"t": "NormalCitation"}
    part = {"citationId": key, "citationPrefix": [], "citationSuffix": [], "citationMode": mode}
    return {"t": "Cite", "c": [[{**part, "citationNoteNum": 0, "citationHash": 0}], []]}


def _plain(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "custom"}


# --- after it ---------------------------------------------------------------------------------------------------


def _anchored(tree: Document) -> Document:
    """`tree` with an id on every mark, harmless ids on references, and each reference naming its marks."""
    marks: dict[str, list[str]] = {}
    number = itertools.count(1)

    def numbered(node: Node) -> Node | None:
        if node["t"] == "Cite":
            name = f"cite-{next(number)}"
            for part in node["c"][0]:
                marks.setdefault(part["citationId"], []).append(name)
            return span([node], id=name)
        if node["t"] == "Link" and node["c"][2][0].startswith("#ref-"):
            target = "#" + anchor(node["c"][2][0].removeprefix("#ref-"))
            return {"t": "Link", "c": [node["c"][0], node["c"][1], [target, node["c"][2][1]]]}
        return None

    def named(node: Node) -> Node | None:
        if node["t"] != "Div" or "csl-entry" not in attr(node)[1]:
            return None
        key = identifier(node).removeprefix("ref-")
        pairs = [pair for pair in attr(node)[2] if pair[0] != "cited-by"]
        if key in marks:
            pairs.append(["cited-by", " ".join(dict.fromkeys(marks[key]))])
        return {"t": "Div", "c": [[anchor(key), attr(node)[1], [*pairs, ["key", key]]], node["c"][1]]}

    blocks = rewrite(rewrite(tree["blocks"], numbered), named)
    return {**tree, "blocks": blocks}


def _unprinted(tree: Document, cited: Sequence[str], style: Style, path: str) -> list[Diagnostic]:
    """A note for each cited work for which the style prints no reference; its marks then link to nothing."""
    if not style.listed:
        return []
    printed = {
        identifier(node) for node in nodes(tree["blocks"], "Div") if "csl-entry" in attr(node)[1] and text(node).strip()
    }
    hint = "Check the work's type, if the style does not leave such works out on purpose."
    return [
        finding("C023", f"the style prints no reference for '{key}'", Location(path, token=f"@{key}"), hint)
        for key in cited
        if anchor(key) not in printed
    ]


def _listed(tree: Document, cited: Sequence[str]) -> list[str]:
    """The keys of the printed list in its order."""
    known = {anchor(key): key for key in cited}
    entries = (node for node in nodes(tree["blocks"], "Div") if "csl-entry" in attr(node)[1])
    return [known[identifier(node)] for node in entries if identifier(node) in known]
