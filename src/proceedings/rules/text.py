"""Checks on a contribution's text: what is empty, unclosed, forgotten or written twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from proceedings import document as tree
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.rules.draft import Draft, home
from proceedings.source import NOTE_MARK, NOTE_TEXT, Source


def empty_links(draft: Draft) -> Iterator[Diagnostic]:
    for node in tree.nodes(draft.document, "Link"):
        target = node["c"][2][0]
        label = tree.text(node["c"][1]).strip()
        if "ref" in tree.classes(node):
            continue
        if not target.strip():
            yield finding(
                "X201",
                f"the link “{label[:50]}” goes nowhere",
                Location(draft.source.path, token=f"[{label}]"[:60]),
                "Give it an address, or take the brackets away.",
            )
        elif not label and not any(True for _ in tree.nodes(node["c"][1], "Image")):
            yield finding(
                "X202",
                f"the link to {target[:60]} has no text",
                Location(draft.source.path, token=f"]({target}"),
                "Write what it leads to between the brackets.",
            )


def unclosed_maths(draft: Draft) -> Iterator[Diagnostic]:
    from proceedings import maths

    body = draft.source.prose[draft.source.body_start :]
    for offset, what in maths.unclosed(body):
        place = draft.source.place(draft.source.body_start + offset)
        yield finding(
            "X203",
            f"{what} opens a formula that is never closed",
            place,
            "Close it, or write \\$ for a dollar sign.",
        )


def unclosed_fence(draft: Draft) -> Iterator[Diagnostic]:
    """A ``` or ~~~ without an end swallows the rest of the text. (For ::: see X023.)"""
    opened: list[tuple[str, int]] = []
    lines = draft.source.body.split("\n")
    first = draft.source.text.count("\n", 0, draft.source.body_start) + 1
    for number, line in enumerate(lines):
        match = re.match(r"[ ]{0,3}(`{3,}|~{3,})(.*)$", line)
        if not match:
            continue
        mark, rest = match[1], match[2].strip()
        if opened and mark[0] == opened[-1][0][0] and len(mark) >= len(opened[-1][0]) and not rest:
            opened.pop()
        elif not opened and not (mark[0] == "`" and "`" in rest):
            opened.append((mark, number))
    for mark, number in opened:
        if re.match(r"\{[A-Za-z]", lines[number].strip().removeprefix(mark)):
            continue  # a directive, which is told where it is read (X017)
        yield finding(
            "X204",
            f"the code block that {mark} opens is never closed",
            draft.source.place_of_line(first + number),
            f"Write {mark} on a line of its own where the code ends.",
        )


def stray_fences(draft: Draft) -> Iterator[Diagnostic]:
    """A ::: that closes nothing is text to pandoc."""
    seen: Counter[str] = Counter()
    for content in tree.sequences(draft.document["blocks"]):
        for node in content:
            if node["t"] == "Str" and re.fullmatch(r":{3,}", node["c"]):
                seen[node["c"]] += 1
                yield finding(
                    "X023",
                    f"this {node['c']} closes nothing and is printed as it stands",
                    _stray(draft.source, seen[node["c"]]),
                    "Delete it, or write the ::: {…} that it is to close.",
                )


def _stray(text: Source, nth: int) -> Location:
    """The nth line of colons that nothing is open for."""
    depth = 0
    for found in re.compile(r"^[ \t]*:{3,}(.*)$", re.M).finditer(text.prose, text.body_start):
        depth += 1 if found[1].strip(" :") else -1
        if depth < 0:
            nth, depth = nth - 1, 0
            if not nth:
                return text.place(found.start() + len(found[0]) - len(found[0].lstrip()))
    return Location(text.path, 1, 1, near=True)


_EMPTY_HEADING = re.compile(r"^#{1,6}[ \t]*#*[ \t]*(?:\{[^}\n]*\})?[ \t]*$", re.M)


def notes_and_marks(draft: Draft) -> Iterator[Diagnostic]:
    """A mark without its note is printed as it stands; a note without a mark vanishes."""
    text, start = draft.source, draft.source.body_start
    texts = {match[1]: match for match in NOTE_TEXT.finditer(text.prose, start)}
    marks = {match[1]: match for match in NOTE_MARK.finditer(text.text)}
    for label, match in marks.items():
        if label not in texts and text.prose[match.start() : match.end()] == match[0] and match.start() >= start:
            yield finding(
                "X209",
                f"there is no note for the mark [^{label}]",
                text.place(match.start()),
                f"Write `[^{label}]: …`.",
            )
    for node in tree.nodes(draft.document.get("meta", {}), "Str"):
        for match in NOTE_MARK.finditer(node["c"]):
            at = text.text.find(match[0], 0, start)
            message = f"the mark {match[0]} in the metadata has no note: those of the text do not belong to it"
            place = text.place(at) if at >= 0 else home(draft)
            yield finding("X209", message, place, "Write `^[…]` in its place.")
    for label, match in texts.items():
        if label not in marks:
            place = text.place(match.start() + match[0].index("["))
            yield finding(
                "X210",
                f"no mark leads to the note [^{label}]; it is not printed",
                place,
                f"Put [^{label}] into the text.",
            )


def empty_headings(draft: Draft) -> Iterator[Diagnostic]:
    text = draft.source
    places = (text.place(match.start()) for match in _EMPTY_HEADING.finditer(text.prose, text.body_start))
    for node in tree.nodes(draft.document["blocks"], "Header"):
        if not tree.text(node["c"][2], notes=True).strip():
            yield finding("X205", "a heading without text", next(places, home(draft)), "Delete it, or write its text.")


def tables_without_heads(draft: Draft) -> Iterator[Diagnostic]:
    for node in tree.nodes(draft.document["blocks"], "Table"):
        head, bodies = node["c"][3], node["c"][4]
        if any(row[1] for row in head[1]) or any(first or between for _, first, between, _ in bodies):
            continue
        caption, cells = (tree.text(part).split() for part in (node["c"][1], bodies))
        if cells:
            place = Location(draft.source.path, token=" ".join(caption[:3]) or cells[0])
            shown = " ".join((caption or cells)[:6])
            yield finding("A003", f"the table with “{shown}” has no heads", place, "Name its columns.")


_CAPTION = re.compile(r"^(?:[Tt]able)?:$")


def orphan_captions(draft: Draft) -> Iterator[Diagnostic]:
    """`: Caption {#tbl:x}` away from its table is a paragraph to pandoc."""
    for node in tree.nodes(draft.document["blocks"], "Para"):
        words = tree.text(node["c"]).split()
        if len(words) > 2 and _CAPTION.match(words[0]) and any(word.startswith("{#") for word in words):
            place = Location(draft.source.path, token=" ".join(words[:3]))
            message = f"the caption “{' '.join(words[1:6])}” belongs to no table and is printed as it stands"
            yield finding("X219", message, place, "Put it above or below its table, with an empty line between.")


_PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX+|TK ?TK|lorem ipsum)\b")


def placeholders(draft: Draft) -> Iterator[Diagnostic]:
    start = draft.source.body_start
    for match in _PLACEHOLDER.finditer(draft.source.prose, start):
        yield finding(
            "T201",
            f"“{match[0]}” looks like a note to yourself",
            draft.source.place(match.start()),
            "Finish it, or delete it.",
        )


TEMPLATE = (
    "given: Given",
    "family: Family",
    "University of Somewhere",
    "city: Somewhere",
    "country: Country",
    "What was done, how, and what was found, in 150 to 250 words.",
    "first keyword",
    "second keyword",
    "Title of the work",
    "Title of the book",
    "Name of the author",
    "10.5555/example",
    "Text.",
)  # what `proceedings new` writes for an author to write over
BEGUN = ("family: Example",)  # the author of the first paper, which `proceedings init` writes
_TEMPLATE = re.compile(rf"(?:{'|'.join(map(re.escape, (*TEMPLATE[:-1], *BEGUN)))})(?!\w)|^Text\.$", re.M)


def template_texts(draft: Draft) -> Iterator[Diagnostic]:
    for match in _TEMPLATE.finditer(draft.source.text):
        yield finding(
            "T203",
            f"“{match[0]}” is what the template says, not yet what you say",
            draft.source.place(match.start()),
            "Write your own in its place, or delete it.",
        )


_TWICE = re.compile(r"(?<![\w\\$])([^\W\d_]{2,})\s+\1(?!\w)")
_MAY_REPEAT = {
    "that",
    "had",
    "wish",
    "bye",
    "sous",
    "nous",
    "vous",
    "is",
    "do",
    "very",
    "so",
    "long",
    "ha",
    "bora",
}


def repeated_words(draft: Draft) -> Iterator[Diagnostic]:
    """“the the”: only where both stand in the prose with the same letters, so that verse and names are left alone."""
    prose = re.sub(
        r"\$[^$\n]*\$|\{[^}\n]*\}|\]\([^)\n]*\)|^[ \t]*[|+].*$",
        lambda m: " " * len(m[0]),
        draft.source.prose,
        flags=re.M,
    )
    for match in _TWICE.finditer(prose, draft.source.body_start):
        written = draft.source.text[match.start() : match.end()]  # nothing between them, blanked code neither
        is_twice = written.split() == [match[1], match[1]] and "\n\n" not in written
        if is_twice and match[1].lower() == match[1] and match[1] not in _MAY_REPEAT:
            yield finding(
                "T202",
                f"“{match[1]}” stands twice in a row",
                draft.source.place(match.start()),
                "Delete one.",
            )
