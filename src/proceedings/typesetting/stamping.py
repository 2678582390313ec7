"""A body and its place in the volume → the offprint and the segment: folios, running heads, filled slots,
metadata.

Only what depends on position is done here, so a contribution whose pages merely moved costs some
milliseconds.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from proceedings.typesetting import segments, trees
from proceedings.typesetting.body import Body, Slot
from proceedings.typesetting.labels import page_labels
from proceedings.typesetting.xmp import Metadata, information, packet, pdf_date

POINT = 0.75  # points in a CSS pixel
_BEGIN = b"\nQ /Artifact <</Type /Pagination>> BDC q\n"
_END = b"\nQ EMC\n"


class StampError(ValueError):
    """A slot or a page cannot be filled as asked; the message names it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one page gets: its folio, which fills the slots called `folio`, and the name of the furniture
    drawn on it."""

    folio: str
    furniture: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that offprint and volume carry along, as PDF/A-3 allows: its JATS, its data."""

    name: str
    data: bytes
    media_type: str
    relationship: str  # Source | Data | Alternative | Supplement (ISO 19005-3, 6.8)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Stamped:
    """The same pages as a file of their own and as a part of the volume (see `segments`)."""

    offprint: bytes
    segment: bytes


def stamp(
    body: Body,
    *,
    name: str,
    leaves: Sequence[Leaf],
    metadata: Metadata,
    blanks: Sequence[str] = (),
    slots: Mapping[str, str] | None = None,
    elsewhere: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
) -> Stamped:
    """Fill a body. `name` is the contribution's slug; `leaves` says what each page gets; `blanks` are the folios
    of empty pages that follow in the volume, but not in the offprint; `slots` gives the text of the other slots
    of the body and of the furniture (an absent one stays empty). `elsewhere` gives the addresses of other
    contributions for the links of the offprint; a link to one that is not there becomes plain text.

    Raises StampError where the number of leaves is not that of the pages, where furniture is unknown, or
    where a text does not fit its slot or has a character that is not in the slot's alphabet.
    """
    if len(leaves) != body.pages:
        raise StampError(f"{name}: {len(leaves)} folios for {body.pages} pages")
    with Pdf.open(io.BytesIO(body.pdf)) as pdf:
        _fill(pdf, body, leaves, slots or {})
        _describe(pdf, leaves, metadata)
        for _ in blanks:
            pdf.add_blank_page(page_size=_size(pdf))
        files = {
            file.name: _specification(pdf, file, metadata) for file in sorted(attachments, key=lambda one: one.name)
        }
        segment = segments.emit(pdf, body, name, [*(leaf.folio for leaf in leaves), *blanks], metadata, files)
        del pdf.pages[body.pages :]
        _lead_elsewhere(pdf, name, elsewhere or {})
        if files:
            _attach(pdf, files, metadata)
        return Stamped(_saved(pdf), segment)


def _size(pdf: Pdf) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in pdf.pages[-1].mediabox)
    return right - left, top - bottom


def _fill(pdf: Pdf, body: Body, leaves: Sequence[Leaf], texts: Mapping[str, str]) -> None:
    """Fill the slots, draw the furniture on the pages and remove the pages of furniture."""
    pages = [page.obj for page in pdf.pages]
    parts = [list(_contents(page)) for page in pages]
    places: dict[int, list[Slot]] = {}
    for slot in body.slots:
        places.setdefault(slot.page, []).append(slot)
    unknown = {leaf.furniture for leaf in leaves if leaf.furniture} - set(body.furniture)
    if unknown:
        raise StampError(f"unknown furniture: {', '.join(sorted(unknown))}")

    open_, begin, end = (pdf.make_indirect(Stream(pdf, data)) for data in (b"q\n", _BEGIN, _END))
    for index, leaf in enumerate(leaves):
        values = {**texts, "folio": leaf.folio}
        _move_links(pages[index], places.get(index, ()), values)
        content = _filled(pdf, parts[index], places.get(index, ()), values)
        if leaf.furniture is not None:
            page = body.pages + body.furniture.index(leaf.furniture)
            adornment = _filled(pdf, parts[page], places.get(page, ()), values)
            content = [open_, *content, begin, *adornment, end]
        pages[index].Contents = Array(content)
    for _ in body.furniture:
        del pdf.pages[body.pages]


def _contents(page: pikepdf.Object) -> Sequence[pikepdf.Object]:
    contents = page.Contents
    return list(contents) if isinstance(contents, Array) else [contents]


def _filled(
    pdf: Pdf, parts: Sequence[pikepdf.Object], slots: Sequence[Slot], texts: Mapping[str, str]
) -> list[pikepdf.Object]:
    filled, moved = list(parts), _moved(slots, texts)
    for part, way in moved.items():
        filled[part] = pdf.make_indirect(Stream(pdf, b"q 1 0 0 1 %.3f 0 cm\n%s\nQ" % (way, parts[part].read_bytes())))
    for slot in slots:
        shown = drawing(slot, texts.get(slot.name, ""), moved.get(slot.part, 0.0))
        filled[slot.part] = pdf.make_indirect(Stream(pdf, shown))
    return filled


def _moved(slots: Sequence[Slot], texts: Mapping[str, str]) -> dict[int, float]:
    """By how much what follows slots in their lines moves up to what they are filled with, by its content stream."""
    moved: dict[int, float] = {}
    for slot in slots:
        room = slot.width - _width(slot, texts.get(slot.name, "")) if slot.tail else 0.0
        for part in slot.tail:
            moved[part] = moved.get(part, 0.0) + (room if slot.align == "right" else -room)
    return moved


def _move_links(page: pikepdf.Object, slots: Sequence[Slot], texts: Mapping[str, str]) -> None:
    """Put the links of slots that have moved where they are now."""
    height, moved = float(page.MediaBox[3]), _moved(slots, texts)
    for slot in slots:
        if slot.part not in moved and not slot.tail:
            continue
        middle, base = (slot.left + slot.width / 2) * POINT, height - slot.baseline * POINT
        for link in page.get("/Annots", ()):
            left, top, right, bottom = (float(edge) for edge in link.Rect)
            around = left <= middle <= right and bottom - 1 <= base <= top
            if around and abs(right - left - slot.width * POINT) <= 1:
                width = _width(slot, texts.get(slot.name, "")) * POINT
                start = right - width if slot.align == "right" else left
                way = moved.get(slot.part, 0.0) * POINT
                link.Rect = Array([round(start + way, 3), top, round(start + width + way, 3), bottom])


def _width(slot: Slot, text: str) -> float:
    return sum(slot.glyphs[character].advance for character in text if character in slot.glyphs) * slot.size / 1000


def drawing(slot: Slot, text: str, moved: float = 0.0) -> bytes:
    """The operations that set `text` in a slot, which itself has `moved`."""
    absent = sorted(set(text) - set(slot.glyphs))
    if absent:
        message = f"slot {slot.name!r} cannot show {' '.join(absent)} of {text!r}: extend its alphabet"
        raise StampError(message)
    room = slot.width - _width(slot, text)
    if room < -0.5:
        message = f"slot {slot.name!r} is {-room:.1f} px too narrow for {text!r}: widen it in the style"
        raise StampError(message)
    left = slot.left + moved + room * {"left": 0.0, "center": 0.5, "right": 1.0}[slot.align]
    shown, font = [], ""
    for character in text:
        glyph = slot.glyphs[character]
        if glyph.font != font:
            shown.append(f"/{glyph.font} {slot.size:g} Tf")
            font = glyph.font
        shown.append(f"<{glyph.code}> Tj")
    return f"BT 1 0 0 -1 {left:.3f} {slot.baseline:.3f} Tm {' '.join(shown)} ET".encode()


def _describe(pdf: Pdf, leaves: Sequence[Leaf], metadata: Metadata) -> None:
    stream = Stream(pdf, packet(metadata))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    root = pdf.Root
    root.Metadata = pdf.make_indirect(stream)
    root.Lang = String(metadata.language)
    root.PageLabels = Dictionary(Nums=page_labels([leaf.folio for leaf in leaves]))
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary({key: String(value) for key, value in information(metadata).items()})
    )


def _lead_elsewhere(pdf: Pdf, name: str, addresses: Mapping[str, str]) -> None:
    """Point links into other contributions at their addresses; drop those that have none."""
    parents = pdf.Root.StructTreeRoot.ParentTree.Nums
    for page in pdf.pages:
        for link in list(page.obj.get("/Annots", [])):
            slug = str(link.get("/Dest", "")).partition("#")[0]
            if slug in ("", name):
                continue
            if slug in addresses:
                link.A = Dictionary(S=Name.URI, URI=String(addresses[slug]))
                del link.Dest
            else:
                page.obj.Annots = Array([kept for kept in page.obj.Annots if kept.objgen != link.objgen])
                _unlink(parents, int(link.StructParent))


def _unlink(parents: pikepdf.Object, key: int) -> None:
    """Let the structure element of a removed annotation hold nothing but its text."""
    place = next(index for index in range(0, len(parents), 2) if int(parents[index]) == key)
    element = parents[place + 1]
    element.S = Name.Span
    held = trees.kids(element)
    element.K = Array([kid for kid in held if isinstance(kid, int) or kid.get("/Type") != Name.OBJR])
    del parents[place : place + 2]


def _specification(pdf: Pdf, attachment: Attachment, metadata: Metadata) -> pikepdf.Object:
    """A file and what is said of it (ISO 32000-1, 7.11)."""
    file = Stream(pdf, attachment.data)
    file.Type, file.Subtype = Name.EmbeddedFile, Name("/" + attachment.media_type)
    file.Params = Dictionary(Size=len(attachment.data))
    if date := pdf_date(metadata.modified or metadata.created):
        file.Params.ModDate = String(date)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(attachment.name),
            UF=String(attachment.name),
            Desc=String(attachment.description or attachment.name),
            AFRelationship=Name("/" + attachment.relationship),
            EF=Dictionary(F=pdf.make_indirect(file)),
        )
    )


def _attach(pdf: Pdf, files: Mapping[str, pikepdf.Object], metadata: Metadata) -> None:
    """Make files associated files of the document, which makes it PDF/A-3a."""
    names = [part for name, specification in files.items() for part in (String(name), specification)]
    pdf.Root.Names.EmbeddedFiles = Dictionary(Names=Array(names))
    pdf.Root.AF = Array(files.values())
    pdf.Root.Metadata.write(packet(metadata, attachments=True))


def _saved(pdf: Pdf) -> bytes:
    output = io.BytesIO()
    pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return output.getvalue()
