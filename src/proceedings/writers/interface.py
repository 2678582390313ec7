"""What a writer is: one output format, as a pure function from a small frozen view to bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from proceedings.diagnostics import Diagnostic
from proceedings.edition import Digest, Edition, Prepared, Store
from proceedings.model import Record


class Scope(StrEnum):
    CONTRIBUTION = "contribution"
    VOLUME = "volume"


class Need(StrEnum):
    """What must be made before a writer's view can be taken."""

    FRAGMENT = "fragment"  # the contribution as HTML
    PAGES = "pages"  # the layout of everything: page ranges
    COVER = "cover"  # the layout of the cover
    STAMPED = "stamped"  # pages with folios: offprint and segment


@dataclass(frozen=True)
class Artifact:
    """A file to be made: its path below build/ and its bytes, or their digest where the store has them already."""

    path: str
    data: bytes = b""
    digest: Digest = ""


def beside(prepared: Prepared, folder: str) -> list[Artifact]:
    """The figures of a contribution, and the files that go with it, in `folder`: the store has them already."""
    files = {asset.name: asset.digest for asset in prepared.images}
    files |= {asset.name: asset.digest for asset in prepared.files}
    return [Artifact(f"{folder}/{name}", digest=digest) for name, digest in files.items()]


@dataclass(frozen=True)
class Output:
    """What a writer gives back."""

    artifacts: tuple[Artifact, ...]
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class Writer:
    """One output. `view` says what the output may depend on: the hash of the view is the output's key, so a view
    holds no more than is needed. `write` sees the view and the store, no other file and no clock."""

    name: str
    summary: str
    scope: Scope
    view: Callable[[Edition, str], Record]  # the slug is "" for a volume
    write: Callable[[Any, Store], Output]
    needs: frozenset[Need] = frozenset()
    on_request: bool = False  # made only where it is asked for by name
    is_xml: bool = False  # its first file is XML, which official validators see in a worker
    main: str = ""  # the file below build/ that one opens first, where this output has one
