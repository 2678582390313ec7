"""A paper in several files: MyST's `{include}`, `{literalinclude}` and `{csv-table}`, Quarto's `{{< include >}}`.

The other files' text is put in before anything is read, so that the rest of the program sees one text, every line of
which knows its own file. What cannot be put in stays as it is written, and is told where it is read (X009).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from proceedings.diagnostics import Diagnostic
from proceedings.dialects.fences import DIRECTIVE, FENCE, end_of, opens_comment, options_of
from proceedings.source import MAX_BYTES, Line, Source

Read = Callable[[str], Source]  # a path below the paper's folder → the file; OSError where it may not be read

MAX_DEPTH = 10  # files within files
MARKDOWN = (".md", ".markdown", ".qmd", ".rmd", ".txt")

_SHORTCODE = re.compile(r"^[ \t]*\{\{<[ \t]*include[ \t]+(?P<path>\S+)[ \t]*>\}\}[ \t]*$")
_SELECTING = frozenset("lines start-line end-line start-at start-after end-at end-before".split())
_LITERAL = frozenset("lang language literal".split())
_MENTION = re.compile(r"\{(?:(?:literal)?include|csv-table)\}|\{\{<[ \t]*include\b")


def include(text: Source, read: Read) -> Source:
    """The text with the files that it includes."""
    if not _MENTION.search(text.text):
        return text
    composer = _Composer(read)
    composer.add(text, text.text.split("\n"), 1, "", (text.path,))
    return Source.of_lines(text.path, composer.lines, (*text.findings, *composer.findings.values()))


class _Composer:
    """Puts lines together, each with the place where it is written."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.lines: list[Line] = []
        self.findings: dict[object, Diagnostic] = {}
        self.size = 0

    def keep(self, source: Source, lines: list[str], first: int) -> None:
        self.lines += [Line(line, source.path, first + number) for number, line in enumerate(lines)]
        self.size += sum(len(line) + 1 for line in lines)

    def add(self, source: Source, lines: list[str], first: int, folder: str, above: tuple[str, ...]) -> None:
        """The lines of a file, of which the first has the number `first`, with what they include."""
        number = 0
        in_comment = False
        while number < len(lines):
            end = number + 1
            line = lines[number]
            if in_comment or "<!--" in line:
                in_comment = opens_comment(line, in_comment)
            elif shortcode := _SHORTCODE.match(line):
                if self._put(shortcode["path"], {}, False, folder, above, (source, first + number)):
                    number = end
                    continue
            elif fence := FENCE.match(line):
                end = self._after(lines, number, fence)
                directive = DIRECTIVE.match(fence["info"])
                if directive and end > number + 1:
                    options, _ = options_of([line.strip() for line in lines[number + 1 : end - 1]])
                    if self._put_directive(directive, options, folder, above, (source, first + number)):
                        number = end
                        continue
            self.keep(source, lines[number:end], first + number)
            number = end

    def _after(self, lines: list[str], start: int, fence: re.Match[str]) -> int:
        """The line after a fence whose content is no matter of ours; the one below it for a division."""
        is_inclusion = re.match(r"\{(?:literal)?include\}", fence["info"])
        if fence["fence"][0] == ":" and not is_inclusion:
            return start + 1
        end = end_of(lines, start, fence["fence"])
        return start + 1 if end is None else end + 1

    def _put_directive(
        self,
        directive: re.Match[str],
        options: dict[str, str],
        folder: str,
        above: tuple[str, ...],
        place: tuple[Source, int],
    ) -> bool:
        """Put in what a directive takes from another file; False where it takes nothing, or that cannot be done."""
        name = directive["name"].lower()
        if name == "csv-table" and "file" in options:
            return self._put_rows(directive["argument"], options, folder, place)
        if name not in ("include", "literalinclude"):
            return False
        is_literal = name == "literalinclude" or not _LITERAL.isdisjoint(options)
        return self._put(directive["argument"], options, is_literal, folder, above, place)

    def _put(
        self,
        path: str,
        options: dict[str, str],
        is_literal: bool,
        folder: str,
        above: tuple[str, ...],
        place: tuple[Source, int],
    ) -> bool:
        """Put the lines of another file in; False where that cannot be done."""
        found = self._open(path.strip().strip("\"'"), folder)
        if found is None or len(above) > MAX_DEPTH or self.size + len(found[1].text) > MAX_BYTES:
            return False
        name, source = found
        if source.path in above or not (is_literal or name.lower().endswith(MARKDOWN)):
            return False
        first, lines = _selected(source.text.split("\n"), options)
        self.findings |= {item: item for item in source.findings}
        if is_literal:
            self._put_literally(source, lines, first, options, place)
            return True
        self.keep(place[0], [""], place[1])
        self.add(source, lines, first, posixpath.dirname(name), (*above, source.path))
        self.keep(place[0], [""], place[1])
        return True

    def _open(self, path: str, folder: str) -> tuple[str, Source] | None:
        """A file beside the one that includes it, or below the paper's folder."""
        for base in dict.fromkeys((folder, "")):
            name = posixpath.normpath(posixpath.join(base, path))
            try:
                return name, self.read(name)
            except OSError:
                continue
        return None

    def _put_rows(self, caption: str, options: dict[str, str], folder: str, place: tuple[Source, int]) -> bool:
        """Put the rows of a file into the table that names it."""
        found = self._open(options["file"].strip("\"'"), folder)
        if found is None or self.size + len(found[1].text) > MAX_BYTES:
            return False
        source = found[1]
        self.findings |= {item: item for item in source.findings}
        lines = [line for line in source.text.split("\n") if line.strip()]
        ticks = _fence_around(lines)
        kept = [f":{key}: {value}".rstrip() for key, value in options.items() if key not in ("file", "encoding")]
        self.keep(place[0], ["", f"{ticks}{{csv-table}} {caption}".rstrip(), *kept, ""], place[1])
        self.keep(source, lines, 1)
        self.keep(place[0], [ticks, ""], place[1])
        return True

    def _put_literally(
        self, source: Source, lines: list[str], first: int, options: dict[str, str], place: tuple[Source, int]
    ) -> None:
        """Put the lines in as a listing."""
        ticks = _fence_around(lines)
        language = options.get("lang") or options.get("language") or posixpath.splitext(source.path)[1].lstrip(".")
        rest = {key: value for key, value in options.items() if key not in _SELECTING | _LITERAL}
        kept = [f":{key}: {value}".rstrip() for key, value in rest.items()]
        self.keep(place[0], ["", f"{ticks}{{code-block}} {language}".rstrip(), *kept], place[1])
        self.keep(source, lines, first)
        self.keep(place[0], [ticks, ""], place[1])


def _fence_around(lines: list[str]) -> str:
    """Backticks that nothing inside can close."""
    return "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", "\n".join(lines))), default=0))


def _selected(lines: list[str], options: dict[str, str]) -> tuple[int, list[str]]:
    """The lines that the options choose, and the number of the first; without options all of them."""
    start, end = 0, len(lines)
    while end > start and not lines[end - 1].strip():
        end -= 1
    if found := re.fullmatch(r"(\d+)?-?(\d+)?", options.get("lines", "").strip() or "-"):
        is_range = "-" in (options.get("lines") or "-")
        start = max(start, int(found[1] or 1) - 1)
        end = min(end, int(found[2] or (end if is_range else start + 1)))
    start = max(start, _number(options.get("start-line"), start))
    end = min(end, _number(options.get("end-line"), end))
    for name, shift in (("start-at", 0), ("start-after", 1)):
        if options.get(name):
            start = next((n + shift for n in range(start, end) if options[name] in lines[n]), start)
    for name, shift in (("end-at", 1), ("end-before", 0)):
        if options.get(name):
            end = next((n + shift for n in range(start, end) if options[name] in lines[n]), end)
    return start + 1, lines[start:end]


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() else default
