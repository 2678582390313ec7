"""Source files as text, data that know where they stand, and the search for a token's place.

Every scalar, mapping and sequence carries its Location, so that a record may be rearranged and still be pointed at.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from proceedings.diagnostics import Diagnostic, Location, finding

MAX_BYTES = 1024 * 1024  # of a text: 170,000 words, set in a minute; the longest real paper seen has 0.3 MB
MAX_DATA_BYTES = 4 * 1024 * 1024  # of a library of references, or of other data
DATA = (".bib", ".ris", ".json", ".yaml", ".yml")


class Scalar(str):
    """A YAML scalar: its text, and where it stands."""

    __slots__ = ("location",)
    location: Location

    @classmethod
    def of(cls, value: str, location: Location) -> Scalar:
        made = cls(value)
        made.location = location
        return made


class Map(dict[str, Any]):
    """A YAML mapping, and where it stands. Its keys are Scalars."""

    location: Location

    @classmethod
    def of(cls, items: Mapping[str, Any] | Iterable[tuple[str, Any]], location: Location) -> Map:
        made = cls(items)
        made.location = location
        return made


class Seq(list[Any]):
    """A YAML sequence, and where it stands."""

    location: Location

    @classmethod
    def of(cls, items: Iterable[Any], location: Location) -> Seq:
        made = cls(items)
        made.location = location
        return made


def location_of(value: Any, default: Location) -> Location:
    found = getattr(value, "location", default)
    return found if isinstance(found, Location) else default


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, each still where it was; keys stay."""
    if isinstance(value, Map):
        return Map.of(((key, mapped(item, change)) for key, item in value.items()), value.location)
    if isinstance(value, Seq):
        return Seq.of((mapped(item, change) for item in value), value.location)
    if isinstance(value, Scalar):
        made = change(value)
        return value if made == value else Scalar.of(made, value.location)
    return value


def key_location(record: Mapping[str, Any], key: str, default: Location) -> Location:
    """Where the key itself is written."""
    for found in record:
        if found == key:
            return location_of(found, default)
    return default


# --- text -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a text, and the file and line in which it is written."""

    text: str
    path: str
    number: int


@dataclass(frozen=True)
class Source:
    """A text: what the author wrote, its metadata block and its body. A text may be put together from several files;
    then `written` has the file and the number of each of its lines."""

    path: str
    text: str
    findings: tuple[Diagnostic, ...] = field(default=())
    written: tuple[tuple[str, int], ...] = field(default=())

    @classmethod
    def of_lines(cls, path: str, lines: Sequence[Line], findings: Iterable[Diagnostic]) -> Source:
        text = "\n".join(line.text for line in lines)
        return cls(path, text, tuple(findings), tuple((line.path, line.number) for line in lines))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\n", self.text))]

    def place(self, offset: int) -> Location:
        """The file, line and column of a character, counted in code points."""
        line = bisect_right(self._starts, offset)
        path, number = self.written[line - 1] if self.written else (self.path, line)
        return Location(path, number, offset - self._starts[line - 1] + 1)

    def place_of_line(self, number: int) -> Location:
        """Where the line with this number in the whole text begins."""
        return self.place(self._starts[number - 1])

    @cached_property
    def _block(self) -> tuple[str, int, int]:
        """The metadata block's text, its first line, and the offset at which the body begins. A comment may stand above
        it, and a cell that computes something for it."""
        above = max((end for _, end in self.title_block.values()), default=-1) + 1
        found = _METADATA.match(self.text, above)
        if not found or (found["block"] and not _FIELD.search(found["block"].rstrip("\n"))):
            return "", 1, min(above, len(self.text))
        return found["block"], self.text.count("\n", 0, found.start("block")) + 1, found.end()

    @cached_property
    def title_block(self) -> dict[str, tuple[int, int]]:
        """Where pandoc's title block has `title`, `authors` and `date`: offsets of begin and end; {} without one."""
        found = _TITLE_BLOCK.match(self.text)
        return {name: found.span(name) for name in _TITLE_BLOCK.groupindex if found[name]} if found else {}

    @property
    def metadata(self) -> tuple[str, int]:
        """The YAML between the `---` lines and the number of its first line; ('', 1) without a block."""
        return self._block[0], self._block[1]

    @property
    def body(self) -> str:
        """The text without its metadata block."""
        return self.body_without(())

    def body_without(self, spans: Iterable[tuple[int, int]]) -> str:
        """The text without its metadata block and other parts: the offsets at which they begin and end."""
        found = _METADATA.match(self.text) if self.body_start and not self.title_block else None
        kept, at = found["above"] if found else "", self.body_start
        for begin, end in sorted(spans):
            kept, at = kept + self.text[at:begin], end
        return kept + self.text[at:]

    @property
    def body_start(self) -> int:
        """The offset of the body in the text."""
        return self._block[2]

    @cached_property
    def prose(self) -> str:
        """The text with code, comments and escapes blanked out, of the same length: what tokens are searched in."""
        return _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)

    def find(self, token: str, nth: int = 1, *, in_metadata: bool = False) -> Location | None:
        """Where the nth occurrence of `token` stands: in the body first, or in the metadata; outside of code and
        comments first, as whole words first; else where something stands that begins like it. A token that begins with
        `](` is an address: it is looked for where links, images and files are named."""
        address = token.removeprefix("](")
        patterns = [re.compile(_ADDRESSED % re.escape(address), re.M)] if address != token else []
        for written in _spellings(address) if address else ():
            patterns += [_whole(written), re.compile(re.escape(written))]
        for pattern in patterns:
            for text in (self.prose, self.text):
                found = next(islice(self._offsets(pattern, text, in_metadata), nth - 1, None), None)
                if found is not None:
                    return self.place(found)
        for part in _beginnings(address) if address else ():
            offset = next(self._offsets(_whole(part), self.text, in_metadata), None)
            if offset is not None:
                return replace(self.place(offset), near=True)
        return None

    def _offsets(self, pattern: re.Pattern[str], text: str, in_metadata: bool) -> Iterator[int]:
        """Where a pattern is found in the body and in the metadata, or the other way round."""
        body, head = (self.body_start, len(text)), (0, self.body_start)
        for start, end in (head, body) if in_metadata else (body, head):
            for found in pattern.finditer(text, start, end):
                yield found.start(found.lastgroup or 0)


# An address in Markdown's links and their definitions, TeX's arguments, HTML's attributes and behind a directive.
_ADDRESSED = r"(?:\]\(\s*<?|^\[[^\]\n]+\]:\s*<?|\{|=\s*[\"']?|\}[ \t]+|<)(?P<address>%s)(?=[\s)>\"'}?#]|$)"


def _whole(token: str) -> re.Pattern[str]:
    """A token that is no part of a longer word; `@key` must end where the key ends."""
    before = r"(?<![^\W_])" if token[:1].isalnum() else ""
    after = r"(?![^\W_])" if token[-1:].isalnum() else ""
    after = r"(?![\w]|[:.#$%&+?<>~/-]\w)" if token.startswith("@") else after
    return re.compile(before + re.escape(token) + after)


_METADATA = re.compile(
    r"(?P<above>(?:[ \t]*\n|<!--(?:(?!-->).)*-->|```+[ \t]*\{[^\n]*\}[ \t]*\n(?:(?!```)[^\n]*\n)*```+[ \t]*\n)*)"
    r"---[ \t]*\n(?P<block>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|$)",
    re.S,
)
_TITLE_BLOCK = re.compile(
    r"(?P<title>%[^\n]*(?:\n[ \t]+\S[^\n]*)*)"
    r"(?:\n(?P<authors>%[^\n]*(?:\n[ \t]+\S[^\n]*)*)(?:\n(?P<date>%[^\n]*))?)?(?=\n|$)"
)
_FIELD = re.compile(r"^\s*(?:[\w\"'$.-]+[\w \"'$.-]*:|#|\{|$)", re.M)
_CODE = re.compile(
    r"^(```+|~~~+)[^\n]*\n.*?^\1[`~]*[ \t]*$|<!--.*?-->|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)"
    r"|\\begin\{comment\}.*?\\end\{comment\}",
    re.S | re.M,
)

# A footnote's mark and the beginning of its text, in Markdown.
NOTE_MARK = re.compile(r"(?<!\\)\[\^([^\]\s]+)\](?!:)")
NOTE_TEXT = re.compile(r"^[ ]{0,3}\[\^([^\]\s]+)\]:", re.M)


def _spellings(token: str) -> Iterator[str]:
    """A token, and how else the same may be written: an ORCID iD without hyphens, with spaces, with a small x."""
    yield token
    if re.fullmatch(r"(?:\d{4}-){3}\d{3}[\dX]", token):
        for joint in ("", " ", "-"):
            yield token.replace("-", joint)
            yield token.replace("-", joint).lower()


def _beginnings(token: str) -> Iterator[str]:
    """What to look for where a token is not found as it is: a key that a role or link cites has no @, a formula may
    have lost its label and its line ends."""
    yield token
    if token.startswith("@"):
        yield token[1:]
        return
    for part in (token.split("\n")[0], token[:40], token[:16], *token.split()[:1]):
        if len(part.strip()) > 8:
            yield part.strip()


def decode(data: bytes, path: str) -> Source:
    """Bytes of a text file → Source in NFC with \\n line ends. What had to be changed is a finding; what cannot be read
    is a fatal one (S001, S002)."""
    what, limit = ("data", MAX_DATA_BYTES) if path.endswith(DATA) else ("a text", MAX_BYTES)
    if len(data) > limit:
        message = f"the file has {len(data) / 1048576:.1f} MB; {what} may have {limit // 1048576} MB"
        return Source(path, "", (finding("S002", message, Location(path, 1, 1), "Is it a text? Move data out of it."),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Source(path, "", (_undecodable(data, path, error),))
    findings: list[Diagnostic] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, told = printable(text, path)
    findings += told
    normal = unicodedata.normalize("NFC", text)
    if normal != text:
        findings.append(_not_normal(text, path))
    return Source(path, normal, tuple(findings))


def _undecodable(data: bytes, path: str, error: UnicodeDecodeError) -> Diagnostic:
    line = data.count(b"\n", 0, error.start) + 1
    column = error.start - data.rfind(b"\n", 0, error.start)
    hint = "Save the file as UTF-8."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "The file is UTF-16; save it as UTF-8."
    byte = f"0x{data[error.start]:02X}"
    return finding(
        "S001", f"the file is not UTF-8: byte {byte} begins no character", Location(path, line, column), hint
    )


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str, place: Location | str) -> tuple[str, list[Diagnostic]]:
    """A text without the control characters that no output can hold, and what is told of them. `place` is where it
    stands, or the path of the file whose text it is."""
    control = CONTROL.search(text)
    if not control:
        return text, []
    count = len(CONTROL.findall(text))
    more = f" ({count} times)" if count > 1 else ""
    message = f"the control character U+{ord(control[0]):04X} is left out{more}"
    at = place if isinstance(place, Location) else Source(place, text).place(control.start())
    return CONTROL.sub("", text), [finding("S003", message, at, "Delete the character.")]


def _not_normal(text: str, path: str) -> Diagnostic:
    for number, line in enumerate(text.split("\n"), 1):
        composed = unicodedata.normalize("NFC", line)
        if composed != line:
            column = (
                next((i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), len(composed)) + 1
            )
            word = next((m[0] for m in re.finditer(r"\w+", composed) if m.end() >= column), composed.strip())
            return finding(
                "S004",
                f"letters with separate accents (not Unicode NFC) in {word!r}; they are composed",
                Location(path, number, column),
                "Save the file in NFC: uconv -x any-nfc, or your editor's Unicode normalisation.",
            )
    return finding("S004", "the file is not in Unicode NFC; it is composed", Location(path, 1, 1))


_OF_METADATA = "MIV"  # the families of rules that are about metadata


def resolve(item: Diagnostic, sources: Mapping[str, Source]) -> Diagnostic:
    """Give a finding that names a token the line on which the token stands."""
    place = item.location
    source = sources.get(place.path)
    if place.line is not None or source is None:
        return item
    found = source.find(place.token, place.nth, in_metadata=item.code[0] in _OF_METADATA)
    return item.at(found or replace(place, line=1, column=1, near=True))
