"""Reading PDF name trees and number trees (ISO 32000-1, 7.9.6 and 7.9.7) and walking structure trees."""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object


def numbers(node: Object) -> Iterator[tuple[int, Object]]:
    """The entries of a number tree, in its order."""
    pairs = node.get("/Nums", Array())
    for index in range(0, len(pairs), 2):
        yield int(pairs[index]), pairs[index + 1]
    for kid in node.get("/Kids", Array()):
        yield from numbers(kid)


def names(node: Object) -> Iterator[tuple[bytes, Object]]:
    """The entries of a name tree, in its order."""
    pairs = node.get("/Names", Array())
    for index in range(0, len(pairs), 2):
        yield bytes(pairs[index]), pairs[index + 1]
    for kid in node.get("/Kids", Array()):
        yield from names(kid)


def kids(element: Object) -> list[Object]:
    """What a structure element holds: elements, object references, marked-content references and integers."""
    held = element.get("/K")
    if held is None:
        return []
    return list(held) if isinstance(held, Array) else [held]


def is_element(thing: object) -> bool:
    """Whether a kid is a structure element. /Type is optional for these; /S is not."""
    if not isinstance(thing, Dictionary) or "/S" not in thing:
        return False
    return bool(thing.get("/Type", Name.StructElem) == Name.StructElem)


def elements(top: Object) -> Iterator[Object]:
    """A structure element and all below it, in reading order."""
    waiting = [top]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(reversed([kid for kid in kids(element) if is_element(kid)]))
