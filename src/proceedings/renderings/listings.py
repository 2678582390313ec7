"""Numbers beside the lines of code whose author asks for them: shown, and no part of the code.

Each is an empty element at the head of its line, which style sheets fill: it is not read aloud, copied or found.
"""

from __future__ import annotations

import re
from typing import Any

from proceedings.dialects.constructs import NUMBERED


def numbered(root: Any) -> None:
    """Put numbers before the lines of code, in an lxml tree of HTML."""
    for block in root.iter("pre"):
        code = block.find("code")
        if NUMBERED in block.get("class", "").split() and code is not None:
            start = block.attrib.pop("data-startfrom", "")
            _number(code, int(start) if re.fullmatch("[0-9]{1,6}", start) else 1)


def _number(code: Any, first: int) -> None:
    from lxml import etree

    lines = re.findall(r"[^\n]*\n|[^\n]+", code.text or "")
    code.text = ""
    for number, line in enumerate(lines, first):
        mark = etree.SubElement(code, "span", {"class": "line-number", "aria-hidden": "true", "data-line": str(number)})
        mark.tail = line
