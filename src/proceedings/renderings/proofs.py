"""Authors' proofs: the pages of a contribution with numbered lines, a watermark, and findings in a wide margin.

Lines and pages break where they do in the volume: the sheet is wider, the page on it is not, and notes take no room of
the text. They are set twice: where each belongs, which tells how high it is, and then one under the other. What the
margin of a page cannot hold comes at the end. A proof has no folios of the volume, which depend on the other
contributions, and is neither archival nor deposited.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic
from proceedings.model import Record
from proceedings.renderings.article import terms
from proceedings.renderings.html import close_empty
from proceedings.renderings.pages import (
    DATA,
    LayoutView,
    StampView,
    composed,
    furniture,
    lost,
    metadata,
    set_pages,
    watermark,
    whole_page,
)

if TYPE_CHECKING:
    from proceedings.typesetting import Body, Place

WIDER = 60  # millimetres that the sheet is wider than the page
NOTE = 58  # millimetres: the width of a note
MILLIMETRE = 96 / 25.4  # CSS pixels
FROM_TEXT = 8 * MILLIMETRE
APART = 5.0  # CSS pixels between two notes
LIFTED = 1000  # CSS pixels by which notes stand too high at first, so that the foot of a page cuts none


class Note(Record):
    """A finding as it is printed beside its place."""

    code: str
    grade: str
    message: str
    hint: str = ""
    where: str = ""  # line of the author's file, or file and line
    before: str = ""  # that line up to the fault
    after: str = ""  # and from it on
    token: str = ""


class Proof(Record):
    """That a proof was made, of how many pages."""

    pages: int


class ProofView(Record):
    """What a proof depends on."""

    layout: LayoutView
    notes: tuple[Note, ...] = ()


def notes_of(findings: Iterable[Diagnostic], path: str, text: str) -> tuple[Note, ...]:
    """The findings of one contribution as notes; `text` is that of its file, at `path`."""
    return tuple(
        Note(
            code=item.code,
            grade=item.severity.label,
            message=item.message,
            hint=item.hint,
            where=_where(item, path),
            before=before,
            after=after,
            token=item.location.token if item.location.path == path else "",
        )
        for item in findings
        for before, after in [_line(text, item) if item.location.path == path else ("", "")]
    )


def _where(item: Diagnostic, path: str) -> str:
    line = f":{item.location.line}" if item.location.line else ""
    return line.lstrip(":") if item.location.path == path else item.location.path.rpartition("/")[2] + line


def _line(text: str, item: Diagnostic) -> tuple[str, str]:
    """The line of the author's file, cut where the fault begins."""
    lines = text.split("\n")
    number, column = item.location.line or 0, (item.location.column or 1) - 1
    return (lines[number - 1][:column], lines[number - 1][column:]) if 0 < number <= len(lines) else ("", "")


def proof(view: ProofView, shop: Workshop) -> Result:
    """proof/SLUG.pdf. What shows only when pages are laid out is found here, and printed too."""
    layout = view.layout
    item = layout.prepared.contribution
    content, resources, findings = composed(layout, shop, placed=False)
    notes = view.notes
    body = _laid_out(view, notes, content, resources, shop)
    told = [*findings, *lost(body, layout.path, item.lang)]
    if told:
        notes = (*notes, *notes_of(told, layout.path, ""))
        body = _laid_out(view, notes, content, resources, shop)
    if notes:
        body = _laid_out(view, notes, content, resources, shop, stacked(body.places))
    data = _stamped(body, view)
    return Result(Proof(pages=body.pages), ((f"proof/{item.slug}.pdf", shop.store.put(data)),), tuple(told))


def _laid_out(
    view: ProofView,
    notes: tuple[Note, ...],
    content: str,
    resources: Mapping[str, bytes],
    shop: Workshop,
    moves: Moves | None = None,
) -> Body:
    layout = view.layout
    item = layout.prepared.contribution
    words = terms(item.lang)
    page = whole_page(annotated(content, notes, words, moves), item.lang, layout.prepared.title, "contribution")
    heads = {name: head + watermark(words["proof"]) for name, head in furniture(item, layout).items()}
    sheet = (DATA / "templates" / "proofs.css").read_text(encoding="utf-8")
    sheet = sheet.replace("NOTE_WIDTH", f"{NOTE}mm").replace("LIFTED", f"{LIFTED}px")
    return set_pages(page, resources, layout.setting, shop, heads, extra=sheet, locate_lines=True)


def _stamped(body: Body, view: ProofView) -> bytes:
    from proceedings import typesetting

    layout = view.layout
    item = layout.prepared.contribution
    names = ["first", *("left" if index % 2 else "right" for index in range(1, body.pages))]
    facts = StampView(
        name=item.slug, body="", folios=(), title=layout.prepared.title, lang=item.lang, volume=layout.volume
    )
    made = typesetting.stamp(
        body,
        name=item.slug,
        leaves=[typesetting.Leaf(str(number), name) for number, name in enumerate(names, 1)],
        metadata=metadata(facts),
    )
    return typesetting.widened(typesetting.number_lines(made.offprint, body.lines), WIDER)


# --- notes beside their places ----------------------------------------------------------------------------

Moves = Mapping[str, tuple[float, float]]  # name of a note → CSS pixels to the right and down


def stacked(places: Iterable[Place]) -> dict[str, tuple[float, float]]:
    """How far each note moves from the passage that it is about into the margin, so that none covers another or leaves
    the page. A note for which there is no room has no move."""
    pages: dict[int, list[Place]] = {}
    for place in places:
        pages.setdefault(place.page, []).append(place)
    moves: dict[str, tuple[float, float]] = {}
    for notes in pages.values():
        notes.sort(key=lambda note: note.top)  # stable: notes of one passage keep their order
        room = notes[0].area_bottom - notes[0].area_top + APART
        while sum(note.height + APART for note in notes) > room:
            notes.pop()
        for note, top in zip(notes, _tops(notes), strict=True):
            moves[note.name] = (round(note.area_right + FROM_TEXT - note.left, 2), round(top - note.top, 2))
    return moves


def _tops(notes: list[Place]) -> list[float]:
    """Each note as near to its passage as those above it allow, and all above the foot of the page."""
    tops: list[float] = []
    floor = 0.0
    for note in notes:
        tops.append(max(note.top + LIFTED, note.area_top, floor))
        floor = tops[-1] + note.height + APART
    ceiling = notes[0].area_bottom if notes else 0.0
    for at in range(len(notes) - 1, -1, -1):
        tops[at] = min(tops[at], ceiling - notes[at].height)
        ceiling = tops[at] - APART
    return tops


_BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "figcaption", "caption", "td", "th", "pre")
_WHOLE = ("table",)  # a note stands before these, not in them: a table may be turned
_SHORTEST = 6  # letters by which a place is known
_MARKUP = re.compile(r"\]\([^)]*\)?|\{[^}]*\}|\[@[^\]]*\]|@[\w:-]+|`")


def annotated(content: str, notes: Iterable[Note], words: Mapping[str, str], moves: Moves | None = None) -> str:
    """An article with its notes: each at the passage that its line of source has become, or else at the title; of those
    that say the same of one passage, one. `moves` are known: those without one come at the end."""
    from lxml import etree
    from lxml import html as lxml_html

    root: Any = lxml_html.fragment_fromstring(content, create_parent="div")
    blocks = list(root.iter(*_BLOCKS))
    texts = [_squeezed(element.text_content()) for element in blocks]
    heading = next(root.iter("h1"))
    rest = lxml_html.fragment_fromstring('<section class="proof-rest" lang="en" dir="ltr"/>')
    rest.append(lxml_html.fragment_fromstring("<p>There was no room in the margin for these:</p>"))
    said: dict[tuple[Any, str, str], list[Note]] = {}
    for note in notes:
        at = next((texts.index(text) for wanted in _wanted(note) for text in texts if wanted in text), None)
        said.setdefault((at, note.code, note.message), []).append(note)
    for number, ((at, *_), same) in enumerate(said.items()):
        name = str(number)
        if moves is None or name in moves:
            _insert(blocks[at] if at is not None else heading, _markup(same, words, name, (moves or {}).get(name)))
        else:
            rest.append(_markup(same, words))
    if len(rest) > 1:
        root.append(rest)
    close_empty(root)
    return "".join(etree.tostring(child, encoding="unicode", method="xml") for child in root)


def _wanted(note: Note) -> Iterator[str]:
    """By what a passage may be known, the surest first: the line from the fault on, up to it, and the token itself."""
    cells = (max(text.split("|"), key=len) for text in (note.after, note.before, note.token))
    after, before, token = (_squeezed(_MARKUP.sub(" ", cell)) for cell in cells)
    line = _squeezed(_MARKUP.sub(" ", max((note.before + note.after).split("|"), key=len)))
    yield from (piece for piece in (line,) if len(piece) >= _SHORTEST)
    for length in (60, 30, 15):
        yield from (piece for piece in (after[:length], before[-length:]) if len(piece) >= length)
    yield from (piece for piece in (after, before, token) if len(piece) >= _SHORTEST)


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _markup(
    notes: list[Note], words: Mapping[str, str], name: str = "", move: tuple[float, float] | None = None
) -> Any:
    """Notes that say the same as one element: beside the text where it has a name, and moved."""
    from lxml import html as lxml_html

    note = notes[0]
    wheres = dict.fromkeys(one.where for one in notes if one.where)
    times = f"{len(notes)} ×" if len(notes) > len(wheres) > 0 and len(notes) > 1 else ""
    line = f"{words['line']} {', '.join(wheres)}" if note.where.isdigit() else ", ".join(wheres)
    hint = f'<span class="hint">{html.escape(note.hint)}</span>' if note.hint else ""
    head = " · ".join(part for part in (f"{note.grade} {note.code}", line, times) if part)
    style = f' style="transform: translate({move[0]}px, {move[1]}px)"' if move else ""
    place = f' data-place="{name}"' if name else ""
    return lxml_html.fragment_fromstring(
        f'<span class="proof-note{" beside" if name else ""} grade-{note.grade}" lang="en" dir="ltr"{place}{style}>'
        f'<span class="head-of-note">{html.escape(head)}</span><span>{html.escape(note.message)}</span>{hint}</span>'
    )


def _insert(block: Any, note: Any) -> None:
    """Put a note before what a block says, behind the notes that are there."""
    whole = next((up for up in (block, *block.iterancestors()) if up.tag in _WHOLE), None)
    if block.tag in ("li", "dd") and (inner := block.find("p")) is not None:
        block = inner
    if whole is None:
        before = [child for child in block if "proof-note" in child.get("class", "")]
        if before:
            note.tail, before[-1].tail = before[-1].tail, None
        else:
            note.tail, block.text = block.text, None
        block.insert(len(before), note)
        return
    parent = whole.getparent()
    if parent.get("class", "").startswith("table"):
        whole, parent = parent, parent.getparent()
    note.tag = "div"
    parent.insert(parent.index(whole), note)
