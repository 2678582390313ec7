"""CSL locales: which one a language gets, its terms, and the Kazakh one that CSL's repository does not have."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

CSL = "http://purl.org/net/xbiblio/csl"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
OWN = {"kk": "kk-KZ"}  # languages whose locale is ours, in data/


def resolved(lang: str) -> str:
    """The CSL locale for a BCP 47 tag: itself, its language's primary dialect, or '' if CSL has no terms for it."""
    if not lang:
        return ""
    primary, _, rest = lang.replace("_", "-").partition("-")
    primary = primary.lower()
    if primary in OWN:
        return OWN[primary]
    if primary == "no":
        primary = "nb"
    parts = [part.title() if len(part) == 4 else part.upper() for part in rest.split("-") if len(part) in (2, 4)]
    known, dialects = _known()
    for candidate in (
        "-".join([primary, *parts]),
        "-".join([primary, *parts[-1:]]),
        dialects.get(primary, ""),
        primary,
    ):
        if candidate in known:
            return candidate
    return ""


@cache
def _known() -> tuple[frozenset[str], dict[str, str]]:
    from citeproc import LOCALES_PATH

    folder = Path(LOCALES_PATH)
    listed = json.loads((folder / "locales.json").read_text(encoding="utf-8"))
    names = frozenset(path.stem.removeprefix("locales-") for path in folder.glob("locales-*.xml"))
    dialects: dict[str, str] = listed.get("primary-dialects", {})
    return names, dialects


@cache
def locale(name: str) -> Any:
    """The root of a locale file, parsed; None where there is none."""
    from citeproc import LOCALES_PATH
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    if name in OWN.values():
        return etree.fromstring(own(name).encode(), parser)
    path = Path(LOCALES_PATH) / f"locales-{name}.xml"
    return etree.parse(str(path), parser).getroot() if path.exists() else None


def own(name: str) -> str:
    """The text of a locale that this program brings along."""
    return (files("proceedings") / "data" / f"locales-{name}.xml").read_text(encoding="utf-8")


def applying(style_root: Any, name: str) -> Iterator[Any]:
    """The cs:locale elements that count for locale `name` in a style, strongest first: the style's, then the file's."""
    inside = {str(node.get(_LANG) or ""): node for node in style_root.iter(f"{{{CSL}}}locale")}
    for tag in (name, name.partition("-")[0], ""):
        if tag in inside:
            yield inside[tag]
    file = locale(name)
    if file is not None:
        yield file


def punctuation_in_quote(style_root: Any, name: str) -> bool:
    """Whether a full stop goes inside a closing quotation mark in locale `name`."""
    for node in applying(style_root, name):
        for options in node.iter(f"{{{CSL}}}style-options"):
            if options.get("punctuation-in-quote"):
                return bool(options.get("punctuation-in-quote") == "true")
    return False


def term(style_root: Any, name: str, term_name: str) -> str:
    """The long singular form of a term in locale `name`, '' where it has none."""
    for node in applying(style_root, name):
        for element in node.iter(f"{{{CSL}}}term"):
            if element.get("name") == term_name and element.get("form") in (None, "long"):
                single = element.find(f"{{{CSL}}}single")
                return (single.text if single is not None else element.text) or ""
    return ""


def complete(style_root: Any, name: str) -> None:
    """Put the terms of locale `name` into the style, those that it defines itself excepted.

    pandoc brings its own copy of CSL's locales, which is older ("sine loco" in Portuguese, Serbian in the wrong
    script), and none for our own languages; what a style says for a locale, it believes.
    """
    source = locale(name)
    if source is None or name in ("en-US", "en-GB"):  # the same in pandoc
        return
    ours = name in OWN.values()
    inside = [node for node in applying(style_root, name) if node is not source]
    defined = {_identity(term) for node in inside for term in node.iter(f"{{{CSL}}}term")}
    ordinals = any(identity[0].startswith(("ordinal", "long-ordinal")) for identity in defined)
    exact = next((node for node in inside if node.get(_LANG) == name), None)
    if exact is None:
        exact = _added_locale(style_root, name)
    for part in source if ours else ():
        if part.tag != f"{{{CSL}}}terms" and not any(_same_part(part, other) for node in inside for other in node):
            exact.insert(0, copy.deepcopy(part))
    terms = exact.find(f"{{{CSL}}}terms")
    if terms is None:
        terms = _child(exact, "terms")
    for term in source.iter(f"{{{CSL}}}term"):
        ordinal = str(term.get("name")).startswith(("ordinal", "long-ordinal"))
        if _identity(term) not in defined and not (ordinal and (ordinals or not ours)):
            terms.append(copy.deepcopy(term))


def _identity(term: Any) -> tuple[str, str, str, str]:
    form = str(term.get("form") or "long")
    return str(term.get("name")), form, str(term.get("gender") or ""), str(term.get("gender-form") or "")


def _same_part(part: Any, other: Any) -> bool:
    """Whether both are the same date form, or both the options, of two locales."""
    return bool(part.tag == other.tag and part.get("form") == other.get("form"))


def _added_locale(style_root: Any, name: str) -> Any:
    """A new cs:locale in its place behind cs:info."""
    added = _child(style_root, "locale")
    added.set(_LANG, name)
    info = style_root.find(f"{{{CSL}}}info")
    style_root.insert(list(style_root).index(info) + 1 if info is not None else 0, added)
    return added


def _child(parent: Any, name: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, f"{{{CSL}}}{name}")
