"""XML documents whose ids are known as ids, for rules that follow references and would find none without the DTD."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

_DOCTYPE = re.compile(rb"<!DOCTYPE\s[^\[>]*(?:\[[^\]]*\]\s*)?>")
_TYPES = {"id": "ID", "rid": "IDREFS"}


def source(path: Path) -> bytes:
    """The document with a DOCTYPE of our own, which names no file and declares the ids that are there; every line
    stays where it is. Raises etree.XMLSyntaxError."""
    data = path.read_bytes()
    root = etree.fromstring(data, _parser())
    found = _DOCTYPE.search(data)
    start, end = found.span() if found else (data.index(b"?>") + 2 if data.startswith(b"<?xml") else 0,) * 2
    doctype = f"<!DOCTYPE {_name(root)} [{''.join(_declarations(root))}]>".encode()
    return data[:start] + doctype + b"\n" * data.count(b"\n", start, end) + data[end:]


def tree(data: bytes) -> Any:
    """The tree of such a document."""
    return etree.fromstring(data, _parser())


def reading_only() -> Any:
    """What a stylesheet of somebody else's may do: read the files that belong to it."""
    return etree.XSLTAccessControl(
        read_file=True,
        write_file=False,
        create_dir=False,
        read_network=False,
        write_network=False,  # type: ignore[call-arg]  # the stubs lack it
    )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def _declarations(root: Any) -> list[str]:
    typed = {
        (_name(element), attribute)
        for element in root.iter(etree.Element)
        for attribute in _TYPES
        if element.get(attribute)
    }
    return [f"<!ATTLIST {name} {attribute} {_TYPES[attribute]} #IMPLIED>" for name, attribute in sorted(typed)]


def _name(element: Any) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local
