"""Licences: one SPDX identifier for every common spelling, its name and its address.

What has no identifier is no licence that this program knows: it stays the author's words, without an address.
"""

from __future__ import annotations

import difflib
import re
from functools import cache

from proceedings.identifiers import InvalidIdentifier

_PARTS = {"BY": "Attribution", "NC": "NonCommercial", "ND": "NoDerivatives", "SA": "ShareAlike"}
_MARKS = {**{name.lower(): mark for mark, name in _PARTS.items()}, **{mark.lower(): mark for mark in _PARTS},
          "noderivs": "ND", "cc": ""}  # fmt: skip
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-([\d.]+)")

_FURNITURE = re.compile(r"creative commons|licen[sc]e|international|unported|generic|public|\bdeed\b|^the\b", re.I)
_ZERO = re.compile(r"\W*(?:CC[- ]?0|zero|CC zero)(?:[- ]v?1\.0)?(?: universal)?\W*(?:\(CC0(?: 1\.0)?\))?\W*", re.I)
_PAGE = re.compile(r"https?://(?:www\.)?(?:spdx\.org|opensource\.org)/licenses?/([\w.-]+?)(?:\.html)?/?")


def spdx(text: str) -> str:
    """'CC-BY-4.0' from itself, 'CC BY 4.0', 'Creative Commons Attribution 4.0 International' or the address of the
    deed; 'MIT' from 'The MIT License'. InvalidIdentifier where no licence, or more than one, has this name."""
    found, clean = _found(text)
    if not found:
        raise InvalidIdentifier(f"{text!r} is not an SPDX licence identifier, such as CC-BY-4.0", _near(clean))
    return found


def recognised(text: str) -> str:
    """The identifier of a licence; where there is none, the words as they are."""
    return _found(text)[0] or text


def _found(text: str) -> tuple[str, str]:
    """The identifier of a licence, "" where there is none, and the name that was looked for."""
    clean = text.strip()
    address = re.match(
        r"(?:https?://)?(?:www\.)?creativecommons\.org/(?:licenses/([a-z-]+)/([\d.]+)|publicdomain/zero/([\d.]+))",
        clean.lower(),
    )
    if address:
        clean = f"CC-{address[1].upper()}-{address[2]}" if address[1] else f"CC0-{address[3]}"
    if page := _PAGE.fullmatch(clean):
        clean = page[1]
    return _identifiers().get(_key(_creative_commons(clean) or clean), ""), clean


def is_spdx(text: str) -> bool:
    """Whether a licence is an identifier, not somebody's words."""
    return bool(_CREATIVE_COMMONS.fullmatch(text)) or text in _identifiers().values()


def address_of(licence: str) -> str:
    """The canonical address of a licence: Creative Commons' own, else SPDX's page; '' for words."""
    if found := _CREATIVE_COMMONS.fullmatch(licence):
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    if licence == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return f"https://spdx.org/licenses/{licence}.html" if licence and is_spdx(licence) else ""


def name_of(licence: str) -> str:
    """A licence's full name in English; words stay as they are."""
    if found := _CREATIVE_COMMONS.fullmatch(licence):
        name = "-".join(_PARTS[part] for part in found[1].split("-"))
        return f"Creative Commons {name} {found[2]}{' International' if found[2] == '4.0' else ''}"
    return "Creative Commons Zero 1.0 Universal" if licence == "CC0-1.0" else licence


@cache
def _identifiers() -> dict[str, str]:
    """SPDX identifiers by what is alike in all their spellings."""
    from license_expression import get_spdx_licensing

    return {_key(name): name for name in sorted(get_spdx_licensing().known_symbols)}


def _key(text: str) -> str:
    """'The MIT License' → 'mit', 'Apache License, Version 2.0' → 'apache20'."""
    bare = re.sub(r"\b(?:the|licen[sc]e|version)\b|\bv(?=\d)", " ", text, flags=re.I)
    return re.sub(r"[\W_]", "", bare).lower()


def _creative_commons(text: str) -> str:
    """'Creative Commons Attribution 4.0 International (CC BY 4.0)' → 'CC-BY-4.0'; '' for what is no such name."""
    words = _FURNITURE.sub(" ", text)
    if _ZERO.fullmatch(words):
        return "CC0-1.0"
    versions = set(re.findall(r"\d\.\d", words))
    joined = re.sub(r"non[- ]commercial|no[- ]deriv(?:ative)?s|share[- ]alike",
                    lambda match: re.sub(r"[-\s]", "", match[0]), words, flags=re.I)  # fmt: skip
    found = [_MARKS.get(word) for word in re.split(r"[\W_]+", re.sub(r"v?\d\.\d", " ", joined).lower()) if word]
    marks = list(dict.fromkeys(mark for mark in found if mark))
    if len(versions) == 1 and "BY" in marks and None not in found:
        return f"CC-{'-'.join(marks)}-{versions.pop()}"
    return ""


def _near(text: str) -> str:
    """An identifier that a text begins, or is a slip for; '' where none is near."""
    key, known = _key(text), _identifiers()
    begun = [name for name in known if len(key) > 3 and name.startswith(key)]
    near = begun or difflib.get_close_matches(key, known, 5, 0.8)
    near.sort(key=lambda name: (not name.endswith("40"), len(name)))  # Creative Commons' current version
    return known[near[0]] if near else ""
