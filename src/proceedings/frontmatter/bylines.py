"""One author's line as it is typed: a name with marks, notes, links and addresses beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
EMAIL = r"[^\s@<>()\[\],;]+@[^\s@<>()\[\],;]+\.[^\s@<>()\[\],;]+"
_SUPERSCRIPT = re.compile(
    r"\^(?P<caret>[^\^\[\]\s]+)\^|<sup>(?P<html>.*?)</sup>|\\(?:textsuperscript|inst|thanksref)\{(?P<tex>[^{}]*)\}"
    r"|\$\^\{?(?P<maths>[^{}$]*)\}?\$|(?P<raised>[⁰¹²³⁴-⁹][⁰¹²³⁴-⁹,⋅·]*)|\[\^(?P<note>[^\]]+)\]"
)


@dataclass
class Byline:
    """What one line says of its author."""

    name: str
    references: list[str] = field(default_factory=list)  # marks that name affiliations: 1, a
    symbols: str = ""  # marks without words: *, †
    note: str = ""
    email: str = ""
    orcid: str = ""
    url: str = ""
    flags: set[str] = field(default_factory=set)  # corresponding, equal-contribution


def read_byline(text: str) -> Byline:
    """'**[Ana Li](https://…)**^1,\\*^' → the name, and apart from it what stood there."""
    line = Byline(text)
    rest = _take_notes(_linked(str(text)), line)
    rest = _SUPERSCRIPT.sub(lambda match: _take_mark(match, line), rest)
    rest = re.sub(
        r"!?\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)(?:\{[^}]*\})?", lambda match: _take_link(match, line), rest
    )
    rest = re.sub(rf"[<(\[]?(?:mailto:)?({EMAIL})[>)\]]?", lambda match: _take("email", match[1], line), rest)
    rest = re.sub(r"<?(https?://orcid\.org/[\dX-]+/?)>?", lambda match: _take("orcid", match[1], line), rest)
    rest = re.sub(r"\s\(([^()]*)\)\s*$", lambda match: _take("note", match[1], line), rest)
    rest = re.sub(r"\*\*(.+?)\*\*|(?<![\w*])[*_]([^*_]+)[*_](?![\w*])", lambda match: match[1] or match[2], rest)
    found = re.search(r"[\s,]*([*†‡§¶#✉^\\]+)\s*$", rest)
    if found:
        line.symbols += re.sub(r"[\\^]", "", found[1])
        rest = rest[: found.start()]
    line.name = " ".join(re.sub(r"<[^<>]*>", "", rest).split()).strip(" ,;")
    return line


def _linked(text: str) -> str:
    """TeX's `\\href{address}{name}` as a link of Markdown; `\\footnotemark[1]` as the mark that it prints."""
    text = re.sub(r"\\href\{([^{}\s]+)\}\{([^{}]*)\}", r"[\2](\1)", text)
    return re.sub(r"\s*\\footnotemark\[(\d{1,2})\]", r"^\1^", text)


def _take_notes(text: str, line: Byline) -> str:
    """Cut out ^[notes], \\thanks{notes} and what follows a line break."""
    text, _, below = re.sub(r"\s*(?:\\\\|\\newline\b|<br\s*/?>|\|\s)\s*", "\0", text).partition("\0")
    notes = [below.replace("\0", ", ")] if below.strip() else []
    while found := re.search(r"\^\[|\\(?:thanks|footnote)\{", text):
        end = _closing(text, found.end())
        notes.append(text[found.end() : end])
        text = text[: found.start()] + text[end + 1 :]
    for note in (note.strip() for note in notes):
        _sort_note(note, line)
    return text


def _closing(text: str, start: int) -> int:
    """The offset of the bracket that closes what was opened before `start`, or the end."""
    pairs = {"[": "]", "{": "}"}
    opening = text[start - 1]
    depth = 1
    for offset in range(start, len(text)):
        depth += (text[offset] == opening) - (text[offset] == pairs[opening])
        if depth == 0:
            return offset
    return len(text)


def _sort_note(note: str, line: Byline) -> None:
    """A note that is an address and nothing else is that; any other stays a note."""
    if found := re.fullmatch(rf"(?:e-?mail:?\s*)?<?(?:mailto:)?({EMAIL})>?\.?", note, re.I):
        _take("email", found[1], line)
    elif found := re.fullmatch(
        r"(?:orcid:?\s*)?<?((?:https?://orcid\.org/)?\d{4}-\d{4}-\d{4}-\d{3}[\dX])>?\.?", note, re.I
    ):
        _take("orcid", found[1], line)
    elif re.fullmatch(r"\d{1,2}(?:\s*,\s*\d{1,2})*", note):
        line.references += re.split(r"\s*,\s*", note)
    elif found := re.fullmatch(rf"\W*corresponding authors?\W*(?:e-?mail\W*)?({EMAIL})?\W*", note, re.I):
        line.flags.add("corresponding")
        _take("email", found[1] or "", line)
    elif re.fullmatch(
        r"\W*(?:(?:these )?authors? |have )*contributed equally(?: to this (?:work|paper))?\W*|co-first authors?\W*",
        note,
        re.I,
    ):
        line.flags.add("equal-contribution")
    elif note:
        _take("note", note, line)


def _take(where: str, value: str, line: Byline) -> str:
    old = getattr(line, where)
    setattr(line, where, f"{old}; {value}" if old and where == "note" else old or value)
    return ""


def _take_mark(match: re.Match[str], line: Byline) -> str:
    if match["note"]:
        line.symbols += match[0]
        return ""
    text = next(group for group in match.groups() if group is not None).translate(_RAISED)
    for mark in filter(None, re.split(r"[\s,;⋅·]+", text.replace("\\", ""))):
        word = re.match(r"[0-9A-Za-z]+", mark)
        if word and len(word[0]) <= 2:
            line.references.append(word[0])
            mark = mark[word.end() :]
        line.symbols += mark
    return ""


def _take_link(match: re.Match[str], line: Byline) -> str:
    """A linked name keeps its text; the address is the person's page, ORCID iD or e-mail."""
    label, target = match[1], match[2]
    if "orcid.org/" in target:
        _take("orcid", target, line)
        return "" if re.search(r"orcid|img|^\W*$", label, re.I) else label
    _take("email" if target.startswith("mailto:") else "url", target.removeprefix("mailto:"), line)
    return "" if match[0].startswith("!") else label
