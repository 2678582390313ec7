"""Authors' proofs: the pages of a contribution with numbered lines, a watermark, and findings in a wide margin.

Lines and pages break where they do in the volume: the sheet is wider, the text is not. A proof has no folios of the
volume, which depend on the other contributions, and is neither archival nor deposited.
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
from proceedings.renderings.pages import (
    DATA,
    SIZES,
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
    from proceedings.typesetting import Body

MARGIN = 68  # millimetres that the sheet is wider for the notes


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
    body = _laid_out(view, view.notes, content, resources, shop)
    told = [*findings, *lost(body, layout.path, item.lang)]
    if told:
        body = _laid_out(view, (*view.notes, *notes_of(told, layout.path, "")), content, resources, shop)
    data = _stamped(body, view)
    return Result(Proof(pages=body.pages), ((f"proof/{item.slug}.pdf", shop.store.put(data)),), tuple(told))


def _laid_out(
    view: ProofView, notes: tuple[Note, ...], content: str, resources: Mapping[str, bytes], shop: Workshop
) -> Body:
    layout = view.layout
    item = layout.prepared.contribution
    words = terms(item.lang)
    page = whole_page(annotated(content, notes, words), item.lang, layout.prepared.title, "contribution proof")
    heads = {name: head + watermark(words["proof"]) for name, head in furniture(item, layout).items()}
    return set_pages(page, resources, layout.setting, shop, heads, extra=_sheet(view), locate_lines=True)


def _sheet(view: ProofView) -> str:
    width, height = SIZES[view.layout.setting.paper_size].split()
    css = (DATA / "templates" / "proofs.css").read_text(encoding="utf-8")
    return css.replace("PAGE_WIDTH", width).replace("PAGE_HEIGHT", height).replace("NOTES_WIDTH", f"{MARGIN}mm")


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
    return typesetting.number_lines(made.offprint, body.lines)


# --- notes beside their places ----------------------------------------------------------------------------

_BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "figcaption", "caption", "td", "th", "pre")
_WHOLE = ("table", "figure", "pre")  # a note stands before these, not in them
_SHORTEST = 6  # letters by which a place is known
_MARKUP = re.compile(r"\]\([^)]*\)?|\{[^}]*\}|\[@[^\]]*\]|@[\w:-]+|`")


def annotated(content: str, notes: Iterable[Note], words: Mapping[str, str]) -> str:
    """An article with its notes: each at the passage that its line of source has become, or else at the title."""
    from lxml import etree
    from lxml import html as lxml_html

    root: Any = lxml_html.fragment_fromstring(content, create_parent="div")
    blocks = list(root.iter(*_BLOCKS))
    texts = [_squeezed(element.text_content()) for element in blocks]
    heading = next(root.iter("h1"))
    for note in notes:
        at = next((texts.index(text) for wanted in _wanted(note) for text in texts if wanted in text), None)
        _insert(blocks[at] if at is not None else heading, _markup(note, words))
    return "".join(etree.tostring(child, encoding="unicode", method="xml") for child in root)


def _wanted(note: Note) -> Iterator[str]:
    """By what a passage may be known, the surest first: the line from the fault on, up to it, and the token itself."""
    cells = (max(text.split("|"), key=len) for text in (note.after, note.before, note.token))
    after, before, token = (_squeezed(_MARKUP.sub(" ", cell)) for cell in cells)
    for length in (60, 30, 15):
        yield from (piece for piece in (after[:length], before[-length:]) if len(piece) >= length)
    yield from (piece for piece in (after, before, token) if len(piece) >= _SHORTEST)


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _markup(note: Note, words: Mapping[str, str]) -> Any:
    from lxml import html as lxml_html

    line = f"{words['line']} {note.where}" if note.where.isdigit() else note.where
    hint = f'<span class="hint">{html.escape(note.hint)}</span>' if note.hint else ""
    head = " · ".join(part for part in (f"{note.grade} {note.code}", line) if part)
    return lxml_html.fragment_fromstring(
        f'<span class="proof-note grade-{note.grade}" lang="en" dir="ltr">'
        f'<span class="head-of-note">{html.escape(head)}</span><span>{html.escape(note.message)}</span>{hint}</span>'
    )


def _insert(block: Any, note: Any) -> None:
    whole = next((up for up in (block, *block.iterancestors()) if up.tag in _WHOLE), None)
    if whole is None:
        note.tail, block.text = block.text, None
        block.insert(0, note)
        return
    parent = whole.getparent()
    if parent.get("class", "").startswith("table"):
        whole, parent = parent, parent.getparent()
    note.tag = "div"
    parent.insert(parent.index(whole), note)
