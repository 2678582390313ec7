"""Given names that pandoc must not touch: it makes an initial with a dot of a one-character Chinese name (李明.).

pandoc leaves a given name alone that is all in lower case, as it does for a particle. So the characters of such a
name travel as lower-case letters of the Deseret alphabet, which no name has, and come back afterwards.
"""

from __future__ import annotations

import re
from typing import Any

from proceedings.bibliography import Item
from proceedings.document import Node

_BASE = 0x10428  # DESERET SMALL LETTER LONG I; 40 letters follow
_UPPER = 0x10400
_TRAVELLING = re.compile(r"[\U00010400-\U0001044f]{4}")
# Scripts without case and without initials: Han, kana, hangul, Bopomofo.
_UNCASED = re.compile(
    r"[\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def sent(item: Item) -> Item:
    """`item` with the given names of uncased scripts travelling."""
    changed = dict(item)
    for variable, value in item.items():
        if isinstance(value, list) and value and all(isinstance(name, dict) for name in value):
            changed[variable] = [_sent_name(name) for name in value]
    return changed


def _sent_name(name: dict[str, Any]) -> dict[str, Any]:
    family, given = str(name.get("family", "")), str(name.get("given", ""))
    if not (_UNCASED.search(family) and _UNCASED.search(given)):
        return name
    return {**name, "given": "".join(_encoded(character) for character in given)}


def _encoded(character: str) -> str:
    code, letters = ord(character), []
    for _ in range(4):
        code, digit = divmod(code, 40)
        letters.append(chr(_BASE + digit))
    return "".join(reversed(letters))


def _decoded(found: re.Match[str]) -> str:
    code = 0
    for letter in found.group():
        code = code * 40 + (ord(letter) - (_BASE if ord(letter) >= _BASE else _UPPER))
    return chr(code) if code < 0x110000 else found.group()


def returned(node: Node) -> Node | None:
    """A change for `document.rewrite` that brings the names back."""
    if node["t"] == "Str" and _TRAVELLING.search(node["c"]):
        return {"t": "Str", "c": _TRAVELLING.sub(_decoded, node["c"])}
    return None
