"""Repairs for pandoc's citeproc 0.13, of styles, items and output: each for one fault, told in its docstring."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from proceedings.bibliography import Item
from proceedings.citations import locales
from proceedings.citations.locales import CSL
from proceedings.document import SPACE, Node, attr, text

# --- of the style -----------------------------------------------------------------------------------------------


def repair(root: Any) -> None:
    """Mend a style's tree in place."""
    _names_before_label(root)
    _character_references(root)
    _straight_quotes(root)
    _whole_identifiers(root)


_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")


def _character_references(root: Any) -> None:
    """Affixes such as "&amp;#160;": some styles escape a no-break space twice, and pandoc prints "&#160;"."""

    def character(found: re.Match[str]) -> str:
        code = int(found.group(1), 16) if found.group(1) else int(found.group(2))
        return chr(code) if code >= 0x20 and code < 0xD800 else " "

    for element in root.iter():
        for name, value in element.attrib.items():
            if "&#" in value:
                element.set(name, _REFERENCE.sub(character, value))
        if element.text and "&#" in element.text:
            element.text = _REFERENCE.sub(character, element.text)


def _names_before_label(root: Any) -> None:
    """`<names>` with a label and no `<name>`: pandoc takes the label to come first ("editorsUmlauf K")."""
    from lxml import etree

    for names in root.iter(f"{{{CSL}}}names"):
        label = names.find(f"{{{CSL}}}label")
        if label is not None and names.find(f"{{{CSL}}}name") is None:
            names.insert(list(names).index(label), etree.Element(f"{{{CSL}}}name"))


STRAIGHT = "\ue010"  # an apostrophe that is to stay straight


def _straight_quotes(root: Any) -> None:
    """Affixes with a straight ' for a quotation mark: pandoc makes an apostrophe of the opening one (’Title’)."""
    for element in root.iter():
        for name in ("prefix", "suffix"):
            if "'" in element.get(name, ""):
                element.set(name, element.get(name).replace("'", STRAIGHT))


def _whole_identifiers(root: Any) -> None:
    """Identifiers keep their full stops, even where a style strips them: "doi:101103/…" leads nowhere."""
    for element in root.iter(f"{{{CSL}}}text"):
        if element.get("variable") in ("DOI", "URL", "ISBN", "ISSN", "PMID", "PMCID"):
            element.attrib.pop("strip-periods", None)


# --- of items ---------------------------------------------------------------------------------------------------


def item_changes(root: Any, target: str) -> Callable[[Item], Item]:
    """What the items need before they are printed in a style and a locale."""
    delimiter = locales.term(root, target, "page-range-delimiter") or "–"
    title_case = any(element.get("text-case") == "title" for element in root.iter())
    no_stops = _initials_without_stops(root)

    def change(item: Item) -> Item:
        changed = _formulas(_range_dashes(item, delimiter))
        if title_case:
            changed = _stop_words(changed, str(root.get("default-locale") or "en"))
        return _bare_suffixes(changed) if no_stops else changed

    return change


_RANGE = re.compile(r"(\d+)\s?-\s?(\d+)")


def _range_dashes(item: Item, delimiter: str) -> Item:
    """A double issue or volume with the locale's range delimiter: pandoc keeps the hyphen of "7-8".

    Only with an en dash: with French's U+2011 the value is no longer a number to pandoc, and is left out.
    """
    if delimiter != "–":
        return item
    changed = {
        name: _RANGE.sub(rf"\g<1>{delimiter}\g<2>", item[name])
        for name in ("issue", "volume")
        if isinstance(item.get(name), str) and _RANGE.fullmatch(item[name])
    }
    return {**item, **changed}


_FORMULA = re.compile(r"\$([^$<>]*[\\^_{][^$<>]*)\$")  # "$5 and $7" is money
GAP = "\ue012"  # a space in a formula


def _formulas(item: Item) -> Item:
    """Titles whose formulas ($x^2$) stay in one piece and in their case: CSL has no markup for them."""
    changed = {
        name: _FORMULA.sub(_travelling_formula, item[name]) for name in _TITLES if "$" in str(item.get(name) or "")
    }
    return {**item, **changed}


def _travelling_formula(found: re.Match[str]) -> str:
    return f'<span class="nocase">{found.group().replace(" ", GAP)}</span>'


def with_formulas(node: Node) -> list[Node]:
    """A Str of citeproc's output with the formulas in it as Math."""
    result: list[Node] = []
    for number, part in enumerate(_FORMULA.split(node["c"])):
        if number % 2:
            result.append({"t": "Math", "c": [{"t": "InlineMath"}, part.replace(GAP, " ")]})
        elif part:
            result.append({"t": "Str", "c": part})
    return result


def _initials_without_stops(root: Any) -> bool:
    """Whether a style makes initials and puts no full stop after any ("King ML")."""
    found = [value for element in root.iter() if (value := element.get("initialize-with")) is not None]
    return bool(found) and not any("." in value for value in found)


def _bare_suffixes(item: Item) -> Item:
    """Names with "Jr" for "Jr.": where initials have no full stop, the rank of the name has none either.

    Source: Citing Medicine, "Rules for authors": "King ML Jr". pandoc keeps the stop.
    """
    changed = {}
    for variable, value in item.items():
        if isinstance(value, list) and any(isinstance(name, dict) and "suffix" in name for name in value):
            changed[variable] = [
                {**name, "suffix": str(name["suffix"]).replace(".", "")} if "suffix" in name else name for name in value
            ]
    return {**item, **changed}


# Stop words of CSL 1.0.2 (stop-words.json of its schema) that pandoc's title case does not know, and so capitalises.
_STOP_WORDS = (
    "according to|across|afore|after|against|ahead of|along|alongside|amid|amidst|among|amongst|anenst|apart from|"
    "apropos|apud|around|as regards|aside|astride|athwart|atop|back to|barring|because of|before|behind|below|beneath|"
    "beside|besides|between|beyond|c|ca|circa|close to|despite|due to|during|et|except|far from|forenenst|given|inside|"
    "instead of|lest|like|modulo|near|next|notwithstanding|off|out|outside of|per|plus|prior to|pro|pursuant to|qua|"
    "rather than|regardless of|sans|since|such as|than|that of|through|throughout|thru|thruout|toward|towards|under|"
    "underneath|until|unto|upon|versus|vis-à-vis|where as|within|without"
)
# Not the first word, not after a colon, not the last word, not in a tag.
_STOP = re.compile(rf"(?<=[^\s:.?!>“\"‘(]\s)(?:{_STOP_WORDS})(?=\s[^<\s])(?![^<]*>)")
_TITLES = (
    "title",
    "container-title",
    "collection-title",
    "volume-title",
    "part-title",
    "event-title",
    "original-title",
)


def _stop_words(item: Item, style_language: str) -> Item:
    """Titles whose stop words keep their small letter in title case, as `nocase` says to pandoc."""
    language = str(item.get("language") or style_language)
    if not language.lower().startswith("en"):
        return item
    changed = {
        name: _STOP.sub(r'<span class="nocase">\g<0></span>', item[name])
        for name in _TITLES
        if isinstance(item.get(name), str) and "nocase" not in item[name]
    }
    return {**item, **changed}


# --- of the output ----------------------------------------------------------------------------------------------


def without_nocase(node: Node) -> list[Node] | None:
    """A change for `document.rewrite`: spans that only said `nocase` to pandoc go, their content stays."""
    if node["t"] == "Span" and attr(node) == ["", ["nocase"], []]:
        content: list[Node] = node["c"][1]
        return content
    return None


_DISPLAYED = frozenset(["csl-block", "csl-left-margin", "csl-right-inline", "csl-indent"])


def spaced(items: Sequence[Item]) -> Callable[[list[Node]], list[Node]]:
    """Spaces in a list of inlines where they belong.

    pandoc puts one after "al-" and "d’" where the style formats parts of names; and none between the parts that a
    style displays apart ("Smith, J." / "2020"), which outputs without such a display, and readers aloud, run together.
    """
    particled = _particled(items)

    def changed(inlines: list[Node]) -> list[Node]:
        result: list[Node] = []
        for number, node in enumerate(inlines):
            before = inlines[number - 1] if number else None
            after = inlines[number + 1] if number + 1 < len(inlines) else None
            if node["t"] == "Space" and before and after:
                start, end = text(before).casefold(), text(after).casefold()
                if any(start.endswith(particle) and end.startswith(family) for particle, family in particled):
                    continue
            if before and _displayed(node) and _displayed(before) and not text(before)[-1:].isspace():
                result.append(SPACE)
            result.append(node)
        return result

    return changed


def _displayed(node: Node | None) -> bool:
    return node is not None and node["t"] == "Span" and not _DISPLAYED.isdisjoint(attr(node)[1])


def _particled(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Each particle of a name that is written together with the next word, and the first word of the family name."""
    found = {
        (str(name.get(part)).casefold(), str(name.get("family") or "").casefold().split(" ")[0])
        for item in items
        for value in item.values()
        if isinstance(value, list)
        for name in value
        if isinstance(name, dict)
        for part in ("non-dropping-particle", "dropping-particle")
        if str(name.get(part) or "").endswith(("-", "'", "’"))
    }
    return sorted(pair for pair in found if pair[1])
