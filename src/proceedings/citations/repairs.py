"""Repairs for pandoc's citeproc 0.13, of styles, items and output: each for one fault, told in its docstring."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from proceedings.bibliography import Item
from proceedings.citations.locales import CSL
from proceedings.document import SPACE, Node, attr, text

# --- of the style -----------------------------------------------------------------------------------------------


def repair(root: Any) -> None:
    """Mend a style's tree in place."""
    _names_before_label(root)
    _character_references(root)
    _straight_quotes(root)
    _whole_identifiers(root)
    _date_delimiters(root)
    _labels_of_pages(root)
    _cased_macros(root)
    _no_break_initials(root)
    _short_years(root)
    _terms_for_names(root)


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


def _date_delimiters(root: Any) -> None:
    """A date's delimiter goes before the parts that follow the year: pandoc puts it before the suffix ("2020 a")."""
    for date in root.iter(f"{{{CSL}}}date"):
        parts = date.findall(f"{{{CSL}}}date-part")
        ordered = "variable" not in date.attrib or "form" not in date.attrib  # a locale's date, or one of its own
        if ordered and parts and parts[0].get("name") == "year":
            delimiter = date.attrib.pop("delimiter", "")
            for part in parts[1:]:
                part.set("prefix", delimiter + part.get("prefix", ""))


def _labels_of_pages(root: Any) -> None:
    """The word for a locator just before the pages is theirs ("S. 5–9"): citeproc-js, for which styles are written,
    prints it in a list, where no locator is; pandoc prints the bare numbers, at times as one with the year before.
    """
    for pages in root.iter(f"{{{CSL}}}text", f"{{{CSL}}}number"):
        label = pages.getprevious() if pages.get("variable") == "page" else None
        if label is not None and label.tag == f"{{{CSL}}}label" and label.get("variable") == "locator":
            label.set("variable", "page")
            label.set("plural", "never")


def _cased_macros(root: Any) -> None:
    """`text-case` on the call of a macro counts for nothing in citeproc-js, for which styles are written."""
    for call in root.iter(f"{{{CSL}}}text"):
        if call.get("macro"):
            call.attrib.pop("text-case", None)


NO_BREAK = "\u2062"  # a no-break space between initials


def _no_break_initials(root: Any) -> None:
    """Initials with a no-break space: pandoc leaves it also after the last of them ("Smith, J. ; Doe, A.")."""
    for element in root.iter():
        between = element.get("initialize-with") if isinstance(element.tag, str) else None
        if between and between.endswith("\u00a0"):
            element.set("initialize-with", between[:-1] + NO_BREAK)


SHORT_YEAR = "\u2064"  # before a year of two digits; collation ignores it


def _short_years(root: Any) -> None:
    """`<date-part name="year" form="short"/>`, which pandoc prints in full, says so by a mark before the year."""
    for part in root.iter(f"{{{CSL}}}date-part"):
        if part.get("name") == "year" and part.get("form") == "short":
            part.set("prefix", part.get("prefix", "") + SHORT_YEAR)


PRESENT = "\u2063"  # what the variable `present` prints; collation ignores it


def _terms_for_names(root: Any) -> None:
    """A word in the place of missing names ("Anon.") keeps its group: pandoc finds all its variables empty.

    Every item has the variable `present`, and each such word is put together with it.
    """
    from lxml import etree

    worded = {macro.get("name"): macro for macro in root.iter(f"{{{CSL}}}macro") if _only_words(macro)}
    for substitute in root.iter(f"{{{CSL}}}substitute"):
        for element in list(substitute):
            words = worded.get(element.get("macro")) is not None or (element.tag != _NAMES and _only_words(element))
            if words:
                group = etree.Element(f"{{{CSL}}}group")
                substitute.replace(element, group)
                etree.SubElement(group, f"{{{CSL}}}text", variable="present")
                group.append(element)


_NAMES = f"{{{CSL}}}names"


def _only_words(element: Any) -> bool:
    """Whether `element` prints terms and values, and depends on nothing of an item."""
    parts = [part for part in element.iter() if isinstance(part.tag, str) and part.tag != f"{{{CSL}}}group"]
    words = [part for part in parts if part.get("term") or part.get("value")]
    return bool(words) and len(words) == len([part for part in parts if part.tag != f"{{{CSL}}}macro"])


# --- of items ---------------------------------------------------------------------------------------------------


def item_changes(root: Any) -> Callable[[Item], Item]:
    """What the items need before they are printed in a style."""
    title_case = any(element.get("text-case") == "title" for element in root.iter())
    bare = _initials_without_stops(root)

    def change(item: Item) -> Item:
        changed = _formulas(_range_dashes(item))
        if title_case:
            changed = _stop_words(changed, str(root.get("default-locale") or "en"))
        return {**_bare_suffixes(changed, bare), "present": PRESENT}

    return change


_RANGE = re.compile(r"(\d+)\s?[-–]\s?(\d+)")
_NUMBERS = ("issue", "volume", "page")


def _range_dashes(item: Item) -> Item:
    """A double issue or volume with an en dash: pandoc keeps the hyphen of "7-8"."""
    changed = {
        name: _RANGE.sub(r"\g<1>–\g<2>", item[name])
        for name in ("issue", "volume")
        if isinstance(item.get(name), str) and _RANGE.fullmatch(item[name])
    }
    return {**item, **changed}


def delimited(items: Sequence[Item], delimiter: str) -> dict[str, Callable[[str], str]]:
    """key → a change of the text printed for it: its ranges with the locale's own delimiter (French "7‑8").

    An item cannot have this delimiter from the start: to pandoc the value would be no number.
    """
    changes: dict[str, Callable[[str], str]] = {}
    for item in items if delimiter != "–" else ():
        found = [match for name in _NUMBERS if (match := _RANGE.fullmatch(str(item.get(name, ""))))]
        if found:
            changes[str(item["id"])] = _delimiting([f"{match[1]}–{match[2]}" for match in found], delimiter)
    return changes


def _delimiting(ranges: Sequence[str], delimiter: str) -> Callable[[str], str]:
    pattern = re.compile(rf"(?<!\d)(?:{'|'.join(ranges)})(?!\d)")

    def change(value: str) -> str:
        return pattern.sub(lambda match: match.group().replace("–", delimiter), value)

    return change


FORMULA = re.compile(r"\$([^$<>]*[\\^_{][^$<>]*)\$")  # "$5 and $7" is money
GAP = "\ue012"  # a space in a formula


def _formulas(item: Item) -> Item:
    """Titles whose formulas ($x^2$) stay in one piece and in their case: CSL has no markup for them."""
    changed = {
        name: FORMULA.sub(_travelling_formula, item[name]) for name in _TITLES if "$" in str(item.get(name) or "")
    }
    return {**item, **changed}


def _travelling_formula(found: re.Match[str]) -> str:
    return f'<span class="nocase">{found.group().replace(" ", GAP)}</span>'


def with_formulas(node: Node) -> list[Node]:
    """A Str of citeproc's output with the formulas in it as Math."""
    result: list[Node] = []
    for number, part in enumerate(FORMULA.split(node["c"])):
        if number % 2:
            result.append({"t": "Math", "c": [{"t": "InlineMath"}, part.replace(GAP, " ")]})
        elif part:
            result.append({"t": "Str", "c": part})
    return result


def _initials_without_stops(root: Any) -> frozenset[str]:
    """The name variables of which a style makes initials, without a full stop wherever it does so ("King ML")."""
    found: dict[str, list[bool]] = {}
    for names in root.iter(_NAMES):
        inherited = names.iterancestors(f"{{{CSL}}}substitute")
        owners = [names, *(substitute.getparent() for substitute in inherited)]
        name = next((child for owner in owners if (child := owner.find(f"{{{CSL}}}name")) is not None), None)
        options = [] if name is None else [name, *root.iter(f"{{{CSL}}}bibliography"), root]
        if name is not None and name.get("form", "long") != "long":
            continue  # no given names, so no rank either
        between = next((value for part in options if (value := part.get("initialize-with")) is not None), None)
        for variable in str(names.get("variable")).split():
            found.setdefault(variable, []).append(between is not None and "." not in between)
    return frozenset(variable for variable, bare in found.items() if all(bare))


def _bare_suffixes(item: Item, variables: frozenset[str]) -> Item:
    """Names with "Jr" for "Jr.": where initials have no full stop, the rank of the name has none either.

    Source: Citing Medicine, "Rules for authors": "King ML Jr". pandoc keeps the stop.
    """
    changed = {}
    for variable in variables:
        names = item.get(variable)
        if isinstance(names, list) and any(isinstance(name, dict) and "suffix" in name for name in names):
            changed[variable] = [
                {**name, "suffix": str(name["suffix"]).replace(".", "")} if "suffix" in name else name for name in names
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


_LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_RAISED = re.compile(f"([{_LETTERS}]+)")
_PLAIN = str.maketrans(_LETTERS, "abcdefghijklmnoprstuvwxyz")


def raised(node: Node) -> list[Node]:
    """A Str of citeproc's output with small raised letters ("nᵒ") as superscript: many fonts do not have them."""
    return [
        {"t": "Superscript", "c": [{"t": "Str", "c": part.translate(_PLAIN)}]}
        if number % 2
        else {"t": "Str", "c": part}
        for number, part in enumerate(_RAISED.split(node["c"]))
        if part
    ]


_SHORT = re.compile(rf"{SHORT_YEAR}(?:\d\d(?=\d\d(?!\d)))?")


def unmarked(value: str) -> str:
    """`value` without what repairs of the style left in it."""
    value = re.sub(rf"{NO_BREAK}(?=\w)", "\u00a0", value).replace(NO_BREAK, "")
    return _SHORT.sub("", value.replace(STRAIGHT, "'").replace(PRESENT, ""))


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
            if before and _apart(before, node) and _words(text(before)[-1:], text(node)[:1]):
                result.append(SPACE)
            result.append(node)
        return result

    return changed


def _displayed(node: Node | None) -> bool:
    return node is not None and node["t"] == "Span" and not _DISPLAYED.isdisjoint(attr(node)[1])


def _apart(before: Node, node: Node) -> bool:
    """Whether two neighbours are displayed apart: two such parts, or a block and what comes before or after it."""
    blocks = any(one["t"] == "Span" and "csl-block" in attr(one)[1] for one in (before, node))
    return blocks or (_displayed(node) and _displayed(before))


def _words(end: str, start: str) -> bool:
    """Whether two parts that end and start with these characters want a space between them."""
    return not (end.isspace() or start.isspace() or start in ",.;:")


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
