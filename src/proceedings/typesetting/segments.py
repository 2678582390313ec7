"""A contribution as a part of a volume that can stand anywhere in it: the object file of the linker.

A segment holds every object of a tagged PDF, numbered from FIRST on; the linker adds a constant to these
numbers and another to the keys of the parent tree, which is all that depends on the place in the volume.
Numbers below FIRST are the objects that the volume has once. The first objects of each segment have fixed
numbers: see `Node`.

Layout of the bytes: one line of JSON (see `Segment`), the deflated texts of all objects with NUL between
them, and the data of the streams. The texts are a form for Python's `%`: a hole for each number that moves.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from operator import itemgetter
from urllib.parse import quote, unquote

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from proceedings.typesetting import trees
from proceedings.typesetting.body import Body
from proceedings.typesetting.xmp import Metadata

# Every character sorts after "#", so no name of a segment (SLUG, SLUG#id) stands between those of another.
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
VOLUME = "vol:"
_PLAIN = "!$&'()*+,-./:;=?@_~"
# A string is skipped; a reference or the key of a parent tree is what linking changes.
MOVING = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]*>|\b(\d+) 0 R\b|/StructParents? (\d+)", re.S)


class Root(IntEnum):
    """Numbers of the objects that a volume has once."""

    CATALOG = 1
    PAGES = 2
    STRUCTURE = 3
    DOCUMENT = 4
    PARENTS = 5
    IDENTIFIERS = 6
    DESTINATIONS = 7
    OUTLINES = 8
    METADATA = 9
    INFORMATION = 10


FIRST = 16


class Node(IntEnum):
    """Fixed numbers at the start of a segment: its node of each tree of the volume."""

    PAGES = FIRST
    ELEMENT = FIRST + 1
    PARENTS = FIRST + 2  # not yet a node: one value a line, for the keys 0, 1, 2 …
    IDENTIFIERS = FIRST + 3
    DESTINATIONS = FIRST + 4


class SegmentError(ValueError):
    """A PDF cannot become a part of a volume; the message says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The first line of a segment: what the linker must know before it copies the rest."""

    name: str
    title: str
    folios: tuple[str, ...]
    pages: tuple[int, ...]  # object numbers
    headings: tuple[tuple[int, str, int, float, float], ...]  # level, title, page index, left, top
    destinations: tuple[str, ...]  # names
    has_identifiers: bool
    keys: int  # of the parent tree
    roles: dict[str, str]
    links: tuple[str, ...]  # names of destinations in other segments
    intent: int | None  # object number of the output intent
    attachments: tuple[tuple[str, int], ...]  # name of a file, object number of its specification
    streams: tuple[tuple[int, int], ...]  # object number, length of its data
    moving: tuple[int, ...]  # what fills the holes of the texts: object numbers, and -1 - key of the parent tree
    texts: int  # length of the deflated texts

    def moved(self, texts: bytes, offset: int, key: int) -> bytes:
        """The texts as they are where `offset` is added to the segment's numbers and `key` to its keys."""
        return texts % tuple(
            number + offset if number >= FIRST else number if number >= 0 else key - number - 1
            for number in self.moving
        )

    def pack(self, texts: bytes, data: Sequence[bytes]) -> bytes:
        header = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()
        return b"".join((header, b"\n", texts, *data))

    @classmethod
    def unpack(cls, packed: bytes) -> tuple[Segment, bytes, memoryview]:
        """The header, the inflated texts (see `moved`) and the data of the streams."""
        end = packed.index(b"\n")
        header = cls(**json.loads(packed[:end]))
        data = memoryview(packed)[end + 1 + header.texts :]
        return header, zlib.decompress(packed[end + 1 : end + 1 + header.texts]), data


def emit(
    pdf: Pdf,
    body: Body,
    name: str,
    folios: Sequence[str],
    metadata: Metadata,
    files: Mapping[str, Object] | None = None,
) -> bytes:
    """Make a segment. Changes `pdf`: names of destinations and elements become unique in the volume, and
    links into other contributions (`vol:SLUG#id`) become links to named destinations. `files` are specifications
    of attached files, by name."""
    if not SLUG.fullmatch(name):
        raise SegmentError(f"{name!r} cannot name a segment: use letters, digits, '.', '_' and '-'")
    structure = pdf.Root.StructTreeRoot
    top = trees.kids(structure)[0]
    parents = _number_parents(pdf, structure)
    identifiers = _prefix_identifiers(structure, top, name)
    destinations = _prefix_destinations(pdf, name)
    links = _link_volume(pdf)

    relocation = _Relocation(pdf)
    relocation.fix(structure, Root.STRUCTURE)
    relocation.fix(top, Node.ELEMENT)
    relocation.fix(pdf.Root.Pages, Node.PAGES)
    pages = [relocation.number(page.obj) for page in pdf.pages]
    intents = pdf.Root.get("/OutputIntents")
    nodes = {
        Node.PAGES: b"<</Type /Pages /Parent %d 0 R /Count %d /Kids [%s]>>"
        % (Root.PAGES, len(pages), b" ".join(b"%d 0 R" % page for page in pages)),
        Node.ELEMENT: b"<</Type /StructElem /S /Part /P %d 0 R /T %s /Lang %s /K %s>>"
        % (
            Root.DOCUMENT,
            String(metadata.title).unparse(),
            String(metadata.language).unparse(),
            relocation.text(Array(trees.kids(top))),
        ),
        Node.PARENTS: b"\n".join(relocation.text(value) for value in parents),
        Node.IDENTIFIERS: relocation.names(identifiers),
        Node.DESTINATIONS: relocation.names(destinations),
    }
    intent = relocation.number(pdf.make_indirect(intents[0])) if intents else None
    attachments = tuple((file, relocation.number(specification)) for file, specification in (files or {}).items())
    texts, streams = relocation.drain()
    form, moving = _with_holes(b"\0".join([*(nodes[node] for node in Node), *texts]))
    deflated = zlib.compress(form, 6)
    segment = Segment(
        name=name,
        title=metadata.title,
        folios=tuple(folios),
        pages=tuple(pages),
        headings=tuple((h.level, h.title, h.page, h.left, h.top) for h in body.headings),
        destinations=tuple(key for key, _ in destinations),
        has_identifiers=bool(identifiers),
        keys=len(parents),
        roles={str(role): str(meaning) for role, meaning in structure.get("/RoleMap", Dictionary()).items()},
        links=links,
        intent=intent,
        attachments=attachments,
        streams=tuple((number, len(data)) for number, data in streams),
        moving=tuple(moving),
        texts=len(deflated),
    )
    return segment.pack(deflated, [data for _, data in streams])


def _with_holes(texts: bytes) -> tuple[bytes, list[int]]:
    """Texts with a hole for each number that moves, and the numbers: see Segment.moving."""
    moving: list[int] = []

    def hole(match: re.Match[bytes]) -> bytes:
        if match[1]:
            moving.append(int(match[1]))
            return b"%d 0 R"
        if match[2]:
            moving.append(-1 - int(match[2]))
            return match[0][: -len(match[2])] + b"%d"
        return match[0]

    return MOVING.sub(hole, texts.replace(b"%", b"%%")), moving


def destination(name: str, anchor: str = "") -> str:
    """The name that an element of a segment has in the volume; without anchor, that of the segment's first
    page.

    ASCII only: a name with other characters would be encoded in a way that sorts elsewhere (ISO 32000-1,
    7.9.6).
    """
    return f"{name}#{quote(unquote(anchor), safe=_PLAIN)}" if anchor else name


# --- unique names -------------------------------------------------------------------------------------------


def _number_parents(pdf: Pdf, structure: Object) -> list[Object]:
    """Give the parent tree the keys 0, 1, 2 … and return its values."""
    pages = {page.objgen for page in pdf.pages}
    owners = [
        (item, key)
        for item in pdf.objects
        if isinstance(item, (Dictionary, Stream)) and (item.get("/Type") != Name.Page or item.objgen in pages)
        for key in ("/StructParent", "/StructParents")
        if key in item
    ]
    used = {int(item[key]) for item, key in owners}
    entries = [entry for entry in trees.numbers(structure.ParentTree) if entry[0] in used]
    entries.sort(key=itemgetter(0))
    keys = {old: new for new, (old, _) in enumerate(entries)}
    for item, key in owners:
        item[key] = keys[int(item[key])]

    flat = Array()
    for new, (_, value) in enumerate(entries):
        flat.append(new)
        flat.append(value)
    structure.ParentTree = pdf.make_indirect(Dictionary(Nums=flat))
    structure.ParentTreeNextKey = len(entries)
    return [value for _, value in entries]


def _prefix_identifiers(structure: Object, top: Object, name: str) -> list[tuple[str, Object]]:
    """Make the identifiers of elements unique in the volume, and all that refer to them."""
    found: dict[str, Object] = {}
    for element in trees.elements(top):
        if "/ID" in element:
            identifier = f"{name}#{element.ID!s}"
            element.ID = String(identifier)
            found[identifier] = element
        attributes = element.get("/A", Array())
        for owner in attributes if isinstance(attributes, Array) else [attributes]:
            if isinstance(owner, Dictionary) and "/Headers" in owner:
                owner.Headers = Array([String(f"{name}#{header!s}") for header in owner.Headers])
    entries = sorted(found.items())
    if entries:
        structure.IDTree = Dictionary(Names=_flat(entries))
    return entries


def _prefix_destinations(pdf: Pdf, name: str) -> list[tuple[str, Object]]:
    """Make named destinations unique in the volume, and the links to them; the segment itself is one."""
    found: dict[str, Object] = {destination(name): Array([pdf.pages[0].obj, Name.Fit])}
    tree = pdf.Root.get("/Names", Dictionary()).get("/Dests")
    for key, target in trees.names(tree) if tree is not None else ():
        found[destination(name, str(String(key)))] = target
    for link in _links(pdf):
        if isinstance(link.get("/Dest"), String):
            link.Dest = String(destination(name, str(link.Dest)))
    entries = sorted(found.items())
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.Dests = Dictionary(Names=_flat(entries))
    return entries


def _link_volume(pdf: Pdf) -> tuple[str, ...]:
    """Turn links into other contributions into links to named destinations; return these names."""
    found = {}
    for link in _links(pdf):
        address = str(link.get("/A", Dictionary()).get("/URI", ""))
        if address.startswith(VOLUME):
            slug, _, anchor = address.removeprefix(VOLUME).partition("#")
            link.Dest = String(destination(slug, anchor))
            del link.A
            found[str(link.Dest)] = True
    return tuple(found)


def _links(pdf: Pdf) -> Iterator[Object]:
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", Array()):
            if annotation.get("/Subtype") == Name.Link:
                yield annotation


def _flat(entries: Sequence[tuple[str, Object]]) -> Array:
    flat = Array()
    for key, value in entries:
        flat.append(String(key))
        flat.append(value)
    return flat


# --- numbers ------------------------------------------------------------------------------------------------


class _Relocation:
    """Numbers the objects that a segment needs, in the order in which they are met."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._numbers: dict[int, int] = {}  # number in the file → number in the segment
        self._waiting: list[Object] = []

    def fix(self, item: Object, number: int) -> None:
        """Let `item` have a number that the segment's own text or the volume defines."""
        self._numbers[item.objgen[0]] = number

    def number(self, item: Object) -> int:
        return self._number(item.objgen[0])

    def text(self, item: Object) -> bytes:
        """An object as the segment writes it: itself if it is direct, a reference if it is not."""
        return MOVING.sub(self._moved, item.unparse()) if item is not None else b"null"

    def names(self, entries: Sequence[tuple[str, Object]]) -> bytes:
        """A leaf of a name tree."""
        if not entries:
            return b"null"
        limits = b"%s %s" % (String(entries[0][0]).unparse(), String(entries[-1][0]).unparse())
        pairs = b" ".join(String(key).unparse() + b" " + self.text(value) for key, value in entries)
        return b"<</Limits [%s] /Names [%s]>>" % (limits, pairs)

    def drain(self) -> tuple[list[bytes], list[tuple[int, bytes]]]:
        """The texts of all objects met, and of those that they lead to; the streams' data apart."""
        texts: list[bytes] = []
        streams: list[tuple[int, bytes]] = []
        while len(texts) < len(self._waiting):
            item = self._waiting[len(texts)]
            if isinstance(item, Stream):
                data = _data(item)
                streams.append((FIRST + len(Node) + len(texts), data))
                item = Dictionary({**dict(item.items()), "/Length": len(data)})
            text = b"null" if item is None else item.unparse(resolved=True)
            texts.append(MOVING.sub(self._moved, text))
        return texts, streams

    def _number(self, old: int) -> int:
        new = self._numbers.get(old)
        if new is None:
            new = self._numbers[old] = FIRST + len(Node) + len(self._waiting)
            self._waiting.append(self._pdf.get_object((old, 0)))
        return new

    def _moved(self, match: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % self._number(int(match[1])) if match[1] else match[0]


def _data(stream: Object) -> bytes:
    """The data of a stream, deflated if it is not filtered."""
    data = stream.read_raw_bytes()
    if "/Filter" not in stream:
        data = zlib.compress(data, 6)
        stream.write(data, filter=Name.FlateDecode)
    return data
