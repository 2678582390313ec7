"""Parts of the record that stand in the text: what MyST writes below `+++ {"part": "abstract"}`; the title, the
abstract and the keywords at its top."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.frontmatter.fields import own_fields, vocabulary
from proceedings.source import Map, Scalar, Source

Span = tuple[int, int]  # offsets into the whole text

HEADING = re.compile(
    r"^(?P<marks>#{1,6})[ \t]+(?P<title>.+?)[ \t]*#*[ \t]*(?:\{[^}\n]*\})?[ \t]*$"
    r"|^(?P<setext>(?=.*\w)\S.*)\n(?:=+|(?P<second>-+))[ \t]*$",
    re.M,
)
_PART = re.compile(
    r"^\+\+\+[ \t]*(?P<about>\{[^\n]*\})[ \t]*\n(?P<text>.*?)(?:^\+\+\+[ \t]*\n|(?=^\+\+\+[ \t]*\{)|\Z)", re.M | re.S
)
_TOP = 5  # so many headings are looked at: title, authors, abstract, keywords and what follows
_FEW = 60  # words: more are no list of keywords
# What belongs to the text around it: images, notes, links by reference, tables, code, HTML.
_BOUND = re.compile(r"!\[|\[\^|\]\[|^ {0,3}(?:\[[^\]\n]+\]:|\||\+[-=]|-{3}|:::|```|~~~|<[a-z/])", re.M | re.I)
_RULE = re.compile(r"\n[ \t]*\n {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})\s*\Z")  # before a section
_LABELLED = re.compile(
    r"^(?P<mark>\*\*|__|[*_]|)(?P<label>[^\W\d_][\w -]{2,20}?)(?:[ \t]*[:.—][ \t]*(?P=mark)|(?P=mark)[ \t]*[:.—])[ \t]*"
    r"(?P<text>[^\n]+(?:\n[^\n]+)*)\s*\Z",
    re.M,
)


def take(data: Map, text: Source) -> list[Span]:
    """Add MyST's parts of the text that are fields of the record and are not given in `data`; where they stand."""
    spans: list[Span] = []
    known = _given(data)
    for found in _PART.finditer(text.text, text.body_start):
        name = _name(found["about"])
        if vocabulary().find(name) not in own_fields() - known or not found["text"].strip():
            continue
        _add(data, name, found["text"], text, found.start("text"))
        known.add(vocabulary().find(name))
        spans.append(found.span())
    return spans


def take_sections(data: Map, text: Source) -> tuple[list[Span], list[Diagnostic]]:
    """Add abstract and keywords that are sections at the top of the text, or keywords that end the abstract's, where
    `data` has none; where they stand, and a note for each."""
    spans, findings = [], []
    known = _given(data)
    headings = list(islice(HEADING.finditer(text.prose, text.body_start), _TOP))
    for heading, following in pairwise(headings):
        name = vocabulary().find(_title(heading))
        if name in known or name not in ("abstract", "keywords") or not _stands_alone(text, heading, following):
            continue
        begin, end = _content(text, heading, following)
        listed = _labelled(text.text[begin:end]) if name == "abstract" and "keywords" not in known else None
        if listed:
            _add(data, "keywords", _in_one_line(listed["text"]), text, begin + listed.start("text"))
            known.add("keywords")
            end = begin + listed.start()
        content = text.text[begin:end]
        if not content.strip() or (name == "keywords" and not _is_list(content)):
            continue
        written = _in_one_line(content) if name == "keywords" else content
        _add(data, name, written, text, end - len(content.lstrip()))
        known.add(name)
        spans.append((heading.start(), following.start()))
        message = f"the section '{_title(heading)}' is taken as the {name}"
        hint = f"Write it as `{name}:` in the metadata to say so."
        findings.append(finding("M029", message, text.place(heading.start()), hint))
    return spans, findings


def take_title(record: Map, text: Source, taken: Iterable[Span]) -> tuple[list[Span], list[Diagnostic]]:
    """Take the first heading that is not `taken` as title; where it stands, and a note, or that there is none."""
    headings = HEADING.finditer(text.prose, text.body_start)
    match = next((one for one in headings if not any(begin <= one.start() < end for begin, end in taken)), None)
    if not match:
        message = "there is no title: neither a `title:` field nor a heading"
        return [], [finding("M003", message, Location(text.path, 1, 1), "Add `title: …`.")]
    begin, end = match.span("title" if match["title"] else "setext")
    title, place = text.text[begin:end].strip(), text.place(begin)
    record[Scalar.of("title", place)] = Scalar.of(title, place)
    message = f"the first heading is taken as the title: {title!r}"
    return [match.span()], [finding("M009", message, place, "Add a `title:` field to say so.")]


def without_repeated(title: str, body: str) -> str:
    """The body without a heading at its top that says the title again, as a page of a web site needs it."""
    found = re.match(rf"\s*(?:{HEADING.pattern})", body, re.M)
    if not found:
        return body
    heading = found["title"] or found["setext"]
    said, again = (re.sub(r"[*_`\s]+", " ", text).strip().casefold() for text in (title, heading))
    return body[found.end() :] if said == again else body


def _given(data: Map) -> set[str | None]:
    return {vocabulary().find(key) for key in data}


def _add(data: Map, name: str, content: str, text: Source, at: int) -> None:
    place = text.place(at)
    data[Scalar.of(name, place)] = Scalar.of(content.strip() + "\n", place)


def _content(text: Source, heading: re.Match[str], following: re.Match[str]) -> Span:
    """Where a section's text stands, without the rule that parts it from the next section."""
    content = text.text[heading.end() : following.start()]
    return heading.end(), heading.end() + len(_RULE.sub("", content))


def _stands_alone(text: Source, heading: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a section can be read without the rest of the text: no sections below it, nothing that points outside."""
    if _level(following) > _level(heading) and vocabulary().find(_title(following)) != "keywords":
        return False
    begin, end = _content(text, heading, following)
    content = text.text[begin:end]
    return not _BOUND.search(content) and not any(
        re.search(rf"^ {{0,3}}\[{re.escape(label)}\]:", text.text, re.M) for label in _labels(content)
    )


def _title(heading: re.Match[str]) -> str:
    return (heading["title"] or heading["setext"]).strip("*_: \t")


def _level(heading: re.Match[str]) -> int:
    return len(heading["marks"]) if heading["marks"] else 2 if heading["second"] else 1


def _labels(content: str) -> Iterator[str]:
    """What may be the short form of a link by reference: `[label]`."""
    return (found[1] for found in re.finditer(r"\[([^\]\[@\n]+)\](?![({:])", content))


def _labelled(content: str) -> re.Match[str] | None:
    """The last paragraph of an abstract, if it is `**Keywords:** this, that`."""
    begin = content.rstrip().rfind("\n\n") + 2
    found = _LABELLED.match(content, begin) if begin > 1 else None
    return found if found and vocabulary().find(found["label"]) == "keywords" and _is_list(found["text"]) else None


def _is_list(listed: str) -> bool:
    """Whether a text can be a list of keywords."""
    return len(listed.split()) <= _FEW and "\n\n" not in listed.strip()


def _in_one_line(listed: str) -> str:
    """Keywords as a list of the text or as a line → a line."""
    items = re.split(r"^[ \t]*[-*+][ \t]+", listed, flags=re.M)
    return "; ".join(" ".join(item.split()) for item in items if item.strip()).rstrip(".")


def _name(about: str) -> str:
    try:
        part = json.loads(about).get("part")
    except (ValueError, AttributeError):
        return ""
    return part if isinstance(part, str) else ""
