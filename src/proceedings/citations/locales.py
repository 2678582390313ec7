"""CSL locales: which one a language gets, its terms, and the Kazakh one that CSL's repository does not have."""

from __future__ import annotations

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
