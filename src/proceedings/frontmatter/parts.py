"""Parts of the record that MyST keeps in the text: `+++ {"part": "abstract"}` and what stands below it."""

from __future__ import annotations

import json
import re

from proceedings.frontmatter.fields import own_fields, vocabulary
from proceedings.source import Map, Scalar, Source

_PART = re.compile(
    r"^\+\+\+[ \t]*(?P<about>\{[^\n]*\})[ \t]*\n(?P<text>.*?)(?:^\+\+\+[ \t]*\n|(?=^\+\+\+[ \t]*\{)|\Z)", re.M | re.S
)


def take(data: Map, text: Source) -> str:
    """Add the parts of the text that are fields of the record and are not given in `data`; the body without them."""
    body = text.body
    known = {vocabulary().find(key) for key in data}
    for found in _PART.finditer(text.text, text.body_start):
        name = _name(found["about"])
        if vocabulary().find(name) not in own_fields() - known or not found["text"].strip():
            continue
        place = text.place(found.start("text"))
        data[Scalar.of(name, place)] = Scalar.of(found["text"].strip() + "\n", place)
        known.add(vocabulary().find(name))
        body = body.replace(found[0], "", 1)
    return body


def _name(about: str) -> str:
    try:
        part = json.loads(about).get("part")
    except (ValueError, AttributeError):
        return ""
    return part if isinstance(part, str) else ""
