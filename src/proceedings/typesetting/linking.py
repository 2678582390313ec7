"""Segments → one volume, as ld links object files: copy each, add a constant to its numbers, write the roots.

One segment is in memory at a time; what stays are some bytes for each object (the cross-reference table) and
the names of destinations.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from pikepdf import Dictionary, String

from proceedings.typesetting.labels import page_labels
from proceedings.typesetting.segments import FIRST, Node, Root, Segment
from proceedings.typesetting.xmp import Metadata, information, packet

PER_OBJECT_STREAM = 500
_ENTRY = struct.Struct(">BQH")  # cross-reference stream: type, offset or object stream, generation or index


class LinkError(ValueError):
    """The segments do not make a volume; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A bookmark of the volume. `target` names a segment, whose headings follow under it, or `SLUG#id`; a
    section without a page of its own has none and leads to its first entry."""

    title: str
    target: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """The volume as it was written. `broken` are links whose target is in no segment: (segment, target)."""

    pages: int
    objects: int
    broken: tuple[tuple[str, str], ...]


def link(segments: Iterable[bytes], output: BinaryIO, *, outline: Sequence[Entry] = (), metadata: Metadata) -> Linked:
    """Write a volume of `segments`, in this order, to a binary file that is at its beginning.

    Without `outline` every segment is a bookmark. Raises LinkError if there are no segments, two have one
    name, or the outline leads to none.
    """
    volume = _Volume(output)
    for packed in segments:
        volume.add(packed)
    if not volume.parts:
        raise LinkError("a volume needs a segment")
    entries = outline or [Entry(part.segment.title, part.segment.name) for part in volume.parts]
    return volume.finish(entries, metadata)


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment that has been copied: `offset` was added to its numbers, `key` to its parent tree keys."""

    segment: Segment
    offset: int
    key: int


@dataclass
class _Volume:
    output: BinaryIO
    parts: list[_Part] = field(default_factory=list)
    _table: bytearray = field(default_factory=lambda: bytearray(FIRST * _ENTRY.size))
    _position: int = 0
    _digest: hashlib._Hash = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))
    _keys: int = 0
    _roles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    # --- segments -------------------------------------------------------------------------------------------

    def add(self, packed: bytes) -> None:
        segment, texts, data = Segment.unpack(packed)
        if any(part.segment.name == segment.name for part in self.parts):
            raise LinkError(f"two segments are called {segment.name}")
        part = _Part(segment, self._next - FIRST, self._keys)
        self.parts.append(part)
        self._keys += segment.keys
        objects = self._relocated(part, texts).split(b"\0")
        objects[Node.PARENTS - FIRST] = _number_leaf(part, objects[Node.PARENTS - FIRST])
        self._table.extend(bytes(len(objects) * _ENTRY.size))

        lengths = dict(segment.streams)
        position, compact = 0, []
        for number, text in enumerate(objects, FIRST):
            if number in lengths:
                end = position + lengths[number]
                self._object(number + part.offset, text + b"\nstream\n", data[position:end], b"\nendstream")
                position = end
            else:
                compact.append((number + part.offset, text))
        self._pack(compact)

    def _relocated(self, part: _Part, texts: bytes) -> bytes:
        """Move the numbers of a segment to where it now stands."""
        moved = part.segment.moved(texts, part.offset, part.key)
        for role, meaning in part.segment.roles.items():
            if self._roles.setdefault(role, meaning) != meaning:
                other = f"{role}.{part.segment.name}"
                self._roles[other] = meaning
                old = rb"/S %s(?=[\s/>])" % re.escape(role.encode())
                moved = re.sub(old, b"/S " + other.encode(), moved)
        return moved

    # --- writing --------------------------------------------------------------------------------------------

    @property
    def _next(self) -> int:
        return len(self._table) // _ENTRY.size

    def _write(self, *chunks: bytes | memoryview) -> None:
        for chunk in chunks:
            self.output.write(chunk)
            self._digest.update(chunk)
            self._position += len(chunk)

    def _object(self, number: int, *chunks: bytes | memoryview) -> None:
        if number == self._next:
            self._table.extend(bytes(_ENTRY.size))
        _ENTRY.pack_into(self._table, number * _ENTRY.size, 1, self._position, 0)
        self._write(b"%d 0 obj\n" % number, *chunks, b"\nendobj\n")

    def _stream(self, number: int, dictionary: bytes, data: bytes, *, deflate: bool = True) -> None:
        if deflate:
            data = zlib.compress(data, 6)
            dictionary += b" /Filter /FlateDecode"
        header = b"<<%s /Length %d>>\nstream\n" % (dictionary, len(data))
        self._object(number, header, data, b"\nendstream")

    def _pack(self, objects: Sequence[tuple[int, bytes]]) -> None:
        """Write objects that are no streams, some hundred in one object stream."""
        for start in range(0, len(objects), PER_OBJECT_STREAM):
            chunk = objects[start : start + PER_OBJECT_STREAM]
            holder, heads, position = self._next, [], 0
            for index, (number, text) in enumerate(chunk):
                heads.append(b"%d %d" % (number, position))
                position += len(text) + 1
                _ENTRY.pack_into(self._table, number * _ENTRY.size, 2, holder, index)
            head = b" ".join(heads) + b"\n"
            content = head + b"\n".join(text for _, text in chunk)
            self._stream(holder, b"/Type /ObjStm /N %d /First %d" % (len(chunk), len(head)), content)

    # --- roots ----------------------------------------------------------------------------------------------

    def finish(self, entries: Sequence[Entry], metadata: Metadata) -> Linked:
        xmp = packet(metadata, attachments=bool(self._attachments()))
        self._stream(Root.METADATA, b"/Type /Metadata /Subtype /XML", xmp, deflate=False)
        outline = _Outline(self.parts, self._next)
        outline.build(entries)
        self._table.extend(bytes(len(outline.objects) * _ENTRY.size))
        pages = sum(len(part.segment.pages) for part in self.parts)
        by_name = sorted(self.parts, key=lambda part: part.segment.name)
        roots = {
            Root.CATALOG: self._catalog(metadata),
            Root.PAGES: b"<</Type /Pages /Count %d /Kids %s>>" % (pages, _kids(self.parts, Node.PAGES)),
            Root.STRUCTURE: self._structure(),
            Root.DOCUMENT: b"<</Type /StructElem /S /Document /P %d 0 R /K %s>>"
            % (Root.STRUCTURE, _kids(self.parts, Node.ELEMENT)),
            Root.PARENTS: b"<</Kids %s>>" % _kids(self.parts, Node.PARENTS),
            Root.IDENTIFIERS: b"<</Kids %s>>"
            % _kids([part for part in by_name if part.segment.has_identifiers], Node.IDENTIFIERS),
            Root.DESTINATIONS: b"<</Kids %s>>" % _kids(by_name, Node.DESTINATIONS),
            Root.OUTLINES: outline.root,
            Root.INFORMATION: _dictionary(information(metadata)),
        }
        self._pack([*roots.items(), *outline.objects])
        self._cross_references()
        known = {name for part in self.parts for name in part.segment.destinations}
        links = ((part.segment.name, target) for part in self.parts for target in part.segment.links)
        return Linked(pages, self._next, tuple(link for link in links if link[1] not in known))

    def _catalog(self, metadata: Metadata) -> bytes:
        folios = [folio for part in self.parts for folio in part.segment.folios]
        intents = (p.segment.intent + p.offset for p in self.parts if p.segment.intent is not None)
        intent = next(intents, None)
        files = self._attachments()
        names = b" ".join(b"%s %d 0 R" % (String(name).unparse(), number) for name, number in files)
        embedded = b" /EmbeddedFiles <</Names [%s]>>" % names if files else b""
        return b" ".join((
            b"<</Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R" % (Root.PAGES, Root.STRUCTURE),
            b"/Outlines %d 0 R /PageMode /UseOutlines" % Root.OUTLINES,
            b"/Metadata %d 0 R /Lang %s" % (Root.METADATA, String(metadata.language).unparse()),
            b"/MarkInfo <</Marked true>> /ViewerPreferences <</DisplayDocTitle true>>",
            b"/Names <</Dests %d 0 R%s>>" % (Root.DESTINATIONS, embedded),
            b"/AF [%s]" % b" ".join(b"%d 0 R" % number for _, number in files) if files else b"",
            b"/PageLabels <</Nums %s>>" % page_labels(folios).unparse(),
            b"/OutputIntents [%d 0 R]" % intent if intent else b"",
            b">>",
        ))  # fmt: skip

    def _attachments(self) -> list[tuple[str, int]]:
        """Files that the segments carry along: name, object number of the specification."""
        return sorted((name, number + part.offset) for part in self.parts for name, number in part.segment.attachments)

    def _structure(self) -> bytes:
        roles = " ".join(f"{role} {meaning}" for role, meaning in sorted(self._roles.items()))
        return (
            f"<</Type /StructTreeRoot /K [{Root.DOCUMENT} 0 R] /ParentTree {Root.PARENTS} 0 R"
            f" /ParentTreeNextKey {self._keys} /IDTree {Root.IDENTIFIERS} 0 R /RoleMap <<{roles}>>>>"
        ).encode()

    def _cross_references(self) -> None:
        """The cross-reference stream, deflated after PNG's Up filter: neighbours differ little."""
        number, start = self._next, self._position
        self._table.extend(_ENTRY.pack(1, start, 0))
        _ENTRY.pack_into(self._table, 0, 0, 0, 65535)
        rows = _lowered(self._table, _ENTRY.size)
        identifier = self._digest.hexdigest().encode()
        dictionary = (
            b"/Type /XRef /Size %d /W [1 8 2] /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>]"
            b" /DecodeParms <</Predictor 12 /Columns %d>>"
            % (number + 1, Root.CATALOG, Root.INFORMATION, identifier, identifier, _ENTRY.size)
        )
        self._stream(number, dictionary, rows)
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)


def _lowered(table: bytes | bytearray, width: int) -> bytes:
    """Rows of `width` bytes after PNG's Up filter: its mark (2), and each byte less the one above it, modulo 256.

    All bytes at once, as two large numbers: the high bit of each byte is set before and put right after, so that no
    byte borrows from its neighbour.
    """
    high = int.from_bytes(b"\x80" * len(table), "big")
    row, above = (int.from_bytes(data, "big") for data in (table, bytes(width) + table[:-width]))
    less = (((row | high) - (above & ~high)) ^ ((row ^ ~above) & high)).to_bytes(len(table), "big")
    rows = bytearray(b"\2" * (len(table) // width * (width + 1)))
    for column in range(width):
        rows[column + 1 :: width + 1] = less[column::width]
    return bytes(rows)


class _Outline:
    """The bookmarks of a volume as objects that are numbered from `first` on."""

    def __init__(self, parts: Sequence[_Part], first: int) -> None:
        self._parts = {part.segment.name: part for part in parts}
        self._names = {name for part in parts for name in part.segment.destinations}
        self._first = first
        self.objects: list[tuple[int, bytes]] = []
        self.root = b""

    def build(self, entries: Sequence[Entry]) -> None:
        children = self._level([self._resolved(entry) for entry in entries], Root.OUTLINES)
        self.root = b"<</Type /Outlines%s /Count %d>>" % (children, len(entries))

    def _resolved(self, entry: Entry) -> _Item:
        items = [self._resolved(inner) for inner in entry.entries]
        part = self._parts.get(entry.target)
        if part is not None:
            items = _headings(part) + items
        if entry.target and entry.target not in self._names:
            raise LinkError(f"the outline leads to {entry.target}, which is in no segment")
        if not entry.target and not items:
            raise LinkError(f"the outline's entry {entry.title!r} leads nowhere")
        target = String(entry.target).unparse() if entry.target else items[0].target
        return _Item(entry.title, target, items)

    def _level(self, items: Sequence[_Item], parent: int) -> bytes:
        """Write the items of one level; return what their parent says of them."""
        if not items:
            return b""
        first = self._first + len(self.objects)
        self.objects.extend((first + index, b"") for index in range(len(items)))
        for index, item in enumerate(items):
            number = first + index
            inner = self._level(item.items, number)
            title = String(item.title).unparse()
            text = b"<</Title %s /Dest %s /Parent %d 0 R" % (title, item.target, parent)
            text += b" /Prev %d 0 R" % (number - 1) if index else b""
            text += b" /Next %d 0 R" % (number + 1) if index < len(items) - 1 else b""
            text += inner + b" /Count -%d" % len(item.items) if inner else b""
            self.objects[number - self._first] = (number, text + b">>")
        return b" /First %d 0 R /Last %d 0 R" % (first, first + len(items) - 1)


@dataclass(slots=True)
class _Item:
    title: str
    target: bytes  # a destination, as PDF text
    items: list[_Item]


def _headings(part: _Part) -> list[_Item]:
    """The bookmarks of a segment as a tree. Its title, as the only heading of the first level, is the entry
    itself."""
    root = _Item("", b"", [])
    path: list[tuple[int, _Item]] = [(0, root)]
    for level, text, page, left, top in part.segment.headings:
        target = b"[%d 0 R /XYZ %g %g 0]" % (part.segment.pages[page] + part.offset, left, top)
        item = _Item(text, target, [])
        while path[-1][0] >= level:
            path.pop()
        path[-1][1].items.append(item)
        path.append((level, item))
    alone = root.items[0] if len(root.items) == 1 else None
    return alone.items if alone is not None else root.items


def _number_leaf(part: _Part, values: bytes) -> bytes:
    lines = values.split(b"\n") if values else []
    entries = b" ".join(b"%d %s" % (part.key + index, value) for index, value in enumerate(lines))
    return b"<</Limits [%d %d] /Nums [%s]>>" % (part.key, part.key + len(lines) - 1, entries)


def _kids(parts: Iterable[_Part], node: Node) -> bytes:
    return b"[%s]" % b" ".join(b"%d 0 R" % (node + part.offset) for part in parts)


def _dictionary(values: Mapping[str, str]) -> bytes:
    return Dictionary({key: String(value) for key, value in values.items()}).unparse()
