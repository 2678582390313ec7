"""Schemas and rules that no package registry has: the folder that --schemas or $PROCEEDINGS_SCHEMAS names."""

from __future__ import annotations

import os
from pathlib import Path

from proceedings.validators.interface import Missing

VARIABLE = "PROCEEDINGS_SCHEMAS"
UNNAMED = Missing(
    "no package has their rules",
    "where to get them: `proceedings rule O003`",
)


def locate(folder: str, file: str) -> Path | Missing:
    """The file of that name somewhere in `folder` of the named folder."""
    named = os.environ.get(VARIABLE)
    if not named:
        return UNNAMED
    found = sorted((Path(named) / folder).rglob(file))
    return found[0] if found else Missing(f"{named} has no {folder}/ with {file}", UNNAMED.advice)


def libxml2() -> str:
    """The library in this process that reads and validates XML."""
    from lxml import etree

    return f"libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))}"
