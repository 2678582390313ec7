"""The text level: what pandoc's reader would destroy is rewritten before it reads.

MyST directives become fenced Divs (`.myst`, attributes `directive` and options, the argument in an inner
`.myst-argument`); `(label)=` an empty span `.label`; template expressions a code span `.template`. What they
mean is settled in the tree.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects import accents, cells
from proceedings.dialects.cells import Cell
from proceedings.dialects.fences import DIRECTIVE, FENCE, dedent, end_of, opens_comment, options_of

# Directives whose content is not Markdown.
VERBATIM = frozenset("code code-block sourcecode code-cell math raw mermaid parsed-literal eval-rst output".split())
# Directives whose argument is a file, an address or a language rather than Markdown.
PLAIN_ARGUMENT = frozenset(
    "figure image include literalinclude embed iframe raw code code-block sourcecode code-cell".split()
)
INCLUSIONS = frozenset("include literalinclude embed".split())

_TARGET = re.compile(r"^([ \t]*)\(([^()\s]+)\)=[ \t]*$")
_ATTRIBUTES = re.compile(r"^([ \t]*)\{#([\w:.-]+)[^{}]*\}[ \t]*$")  # MyST's attributes before a block
_HEADING = re.compile(r"^(#{1,6})([^\W\d_][^#]*?)[ \t]*#*$")
# An ordered list's marker at the beginning of a line, as pandoc knows it.
_ORDERED = re.compile(r"^(?P<before> {0,3}\(?(?P<number>\d{1,9}|[A-Za-z]|[ivxlcdm]+))(?P<end>[.)])(?=\s+\S)")
_BULLET = re.compile(r"^(?P<before> {0,3})(?P<end>[-+*])(?=\s+\S)")
_CAPTION = re.compile(r"^(?:[Tt]able)?:\s+\S")
_YAML_LINE = re.compile(r"^(?:[A-Za-z][\w-]*:(?:\s.*)?|\s+\S.*|- .*|#.*)$")
_MYST = re.compile(r"^[ \t]*\([^()\s]+\)=[ \t]*$|(?<!`)\{[a-z][a-z:]*\}`[^`\n]", re.M)
_MYST_MARK = re.compile(r"%(?:[ \t]|$)|\+\+\+(?:\s*\{.*\})?\s*$")  # a comment, the end of a block
_TOC = re.compile(r"^\s{0,3}\[TOC\]\s*$|^\s{0,3}\[\[_TOC_\]\]\s*$", re.I)


def rewrite(text: str, path: str) -> tuple[str, list[Diagnostic]]:
    """Markdown as written → Markdown that pandoc reads without loss."""
    rewriter = _Rewriter(path)
    rewriter.is_myst = _is_myst(text)
    lines = rewriter.lines(text.split("\n"))
    return _accented(_templates("\n".join(lines), path, rewriter.findings)), rewriter.findings


class _Rewriter:
    """Rewrites lines; `findings` collects what the author should know."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Diagnostic] = []
        self.seen: Counter[str] = Counter()
        self.is_myst = False
        self.depth = 0
        self.paragraph = ""  # what the lines before belong to: "", "text", "caption" or "list"
        self.in_math = False

    def found(self, code: str, message: str, token: str, hint: str = "") -> None:
        self.seen[token] += 1
        self.findings.append(finding(code, message, Location(self.path, token=token, nth=self.seen[token]), hint))

    def lines(self, lines: list[str]) -> list[str]:
        """The lines with every directive, target and broken heading rewritten."""
        result: list[str] = []
        number = 0
        in_comment = False
        while number < len(lines):
            line = lines[number]
            if in_comment or "<!--" in line:
                in_comment = opens_comment(line, in_comment)
                result.append(line)
                number += 1
                continue
            fence = None if self.in_math else FENCE.match(line)
            if fence:
                self.paragraph = ""
                end, made = self._fenced(lines, number, fence)
                result.extend(made)
                number = end
                continue
            end = self._metadata_end(lines, number)
            if end:
                number = end
                continue
            result.extend(self._plain(lines, number))
            number += 1
        return result

    def _metadata_end(self, lines: list[str], start: int) -> int:
        """The line after a second metadata block that opens at `start`; 0 if none does."""
        if lines[start].rstrip() != "---" or self.in_math or (start and lines[start - 1].strip()):
            return 0
        for number in range(start + 1, len(lines)):
            line = lines[number].rstrip()
            if line in ("---", "...") and number > start + 1:
                self.found("X022", "a metadata block in the middle of the text is left out", lines[start + 1].strip(),
                           "Move its fields into the block at the top of the file.")  # fmt: skip
                return number + 1
            if not (_YAML_LINE.match(line) if number > start + 1 else re.match(r"^[A-Za-z][\w-]*:(?:\s|$)", line)):
                return 0
        return 0

    def _plain(self, lines: list[str], number: int) -> list[str]:
        """One line outside of fences and comments."""
        line = self._in_paragraph(lines[number])
        if self.in_math:
            return [line]
        blank_before = number == 0 or not lines[number - 1].strip()
        blank_after = number + 1 == len(lines) or not lines[number + 1].strip()
        target = _TARGET.match(line) or (_ATTRIBUTES.match(line) if blank_before and not blank_after else None)
        if target:
            self.is_myst = True
            return ["", f'{target[1]}[]{{.label label="{_quoted(target[2])}"}}', ""]
        if _TOC.match(line):
            self.found(
                "X014", "the table of contents is left out: each output makes its own", line.strip(), "Delete the line."
            )
            return [""]
        heading = _HEADING.match(line) if blank_before and blank_after else None
        if heading and not line.rstrip().endswith((".", ",", ";")):
            self.found("X013", f"“{line.strip()}” is read as a heading", line.strip(), "Write a space after the #.")
            return [f"{heading[1]} {heading[2]}"]
        if self.is_myst and (blank_before or _ends_block(lines[number - 1])) and _MYST_MARK.match(line):
            return [""]
        return [line]

    def _in_paragraph(self, line: str) -> str:
        """A line as the paragraph that it belongs to wants it: a number other than 1 begins no list in running text
        (the rule of CommonMark, which pandoc lacks), and nothing does in a caption."""
        marks = len(re.findall(r"(?<!\\)\$\$", re.sub(r"`[^`]*`", "", line))) if "$$" in line else 0
        if line.strip() and (self.in_math or marks % 2):
            self.in_math ^= bool(marks % 2)
            return line
        self.in_math = False  # a formula holds no blank line
        marker = _ORDERED.match(line) or _BULLET.match(line)
        if not line.strip() or line.startswith(("#", ">", "|", "\t", "    ")):
            self.paragraph = "" if not line.strip() or line.startswith("#") else self.paragraph
        elif not self.paragraph:
            self.paragraph = "caption" if _CAPTION.match(line) else "list" if marker else "text"
        elif marker and (self.paragraph == "caption" or (self.paragraph == "text" and not _begins_list(marker))):
            return f"{marker['before']}\\{line[len(marker['before']) :]}"
        elif marker:
            self.paragraph = "list"
        return line

    # --- fences -----------------------------------------------------------------------------------------------

    def _fenced(self, lines: list[str], start: int, fence: re.Match[str]) -> tuple[int, list[str]]:
        """A fence that opens at `start`: the number of the line after it, and the lines that replace it."""
        info, mark = fence["info"], fence["fence"]
        directive = DIRECTIVE.match(info)
        if mark[0] == ":" and not directive:
            return start + 1, [lines[start]]  # a Div of pandoc's own: its content is read like any other
        end = end_of(lines, start, mark)
        if end is None:
            return self._unclosed(lines, start, fence, directive)
        body = [dedent(line, len(fence["indent"])) for line in lines[start + 1 : end]]
        if mark[0] != ":" and (found := cells.cell(info, body, mark)):
            made = self._cell(found, f"{mark}{info}")
        elif directive and self.depth < 20:
            self.is_myst = True
            self.depth += 1
            made = self._directive(directive["name"], directive["argument"], body)
            self.depth -= 1
        else:
            return end + 1, lines[start : end + 1]
        return end + 1, [fence["indent"] + line if line else "" for line in ["", *made, ""]]

    def _unclosed(
        self, lines: list[str], start: int, fence: re.Match[str], directive: re.Match[str] | None
    ) -> tuple[int, list[str]]:
        if directive:
            message = f"the directive {{{directive['name']}}} is never closed; it is read as text"
            self.found("X017", message, lines[start].strip(), f"Close it with {fence['fence']} on a line of its own.")
        if fence["fence"][0] == ":":
            return start + 1, [re.sub(r"^([ \t]*):", r"\1\\:", lines[start])]
        return len(lines), lines[start:]

    def _cell(self, found: Cell, written: str) -> list[str]:
        if found.has_output:
            code = "its code is not printed, as the author says, and " if found.is_hidden else "its code is printed, "
            message = f"{_named(found.language)} cell is not run: {code}what it prints or draws is missing"
            self.found("X018", message, written, "Put its output into the text, or a figure beside it.")
        return found.lines

    def _directive(self, name: str, argument: str, body: list[str]) -> list[str]:
        """A MyST directive as a fenced Div."""
        options, content = options_of(body)
        name = name.lower()
        if name in INCLUSIONS:
            self.found(
                "X009", f"{{{name}}} {argument}: text of another file is not included",
                f"{{{name}}} {argument}".strip(),
                "Copy the text into this file.",
            )  # fmt: skip
            return [f"`{{{name}}} {argument}`{{.template}}"] if argument else []
        if name == "csv-table" and not content and not {"file", "url"}.isdisjoint(options):
            path = options.get("file") or options["url"]
            message = f"{path}: the rows of the table are not read"
            self.found("X009", message, path, "Put the file into the paper's folder, or its rows into the text.")
        attributes = [".myst", f'directive="{_quoted(name)}"']
        attributes += [f'{key}="{_quoted(value)}"' for key, value in options.items()]
        if argument and name in PLAIN_ARGUMENT:
            attributes.append(f'argument="{_quoted(argument)}"')
        made = [f"::: {{{' '.join(attributes)}}}", ""]
        if argument and name not in PLAIN_ARGUMENT and name != "math":
            made += ["::: {.myst-argument}", argument, ":::", ""]
        if name == "math":
            made += ["$$", *(line for line in [argument, *content] if line.strip()), "$$"]
        elif name == "csv-table":
            made += self.lines(_csv_as_list(content, options.get("delim", ",")))
        elif name in VERBATIM:
            ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", "\n".join(content))), default=0))
            made += [f"{ticks}{_language(name, argument)}", *content, ticks]
        else:
            made += self.lines(content)
        return [*made, "", ":::"]


def _is_myst(text: str) -> bool:
    """Whether a text has what only MyST has: a directive that is no cell, a target, or a role."""
    fences = (DIRECTIVE.match(found["info"]) for found in map(FENCE.match, text.split("\n")) if found)
    names = {found["name"].lower() for found in fences if found}
    return bool(names - cells.LANGUAGES) or bool(_MYST.search(text))


def _ends_block(line: str) -> bool:
    """Whether a line that is not blank ends what stands before the next one: a fence, a comment, a heading."""
    return bool(FENCE.match(line) or line.startswith(("%", "#")) or _TARGET.match(line))


def _named(language: str) -> str:
    """'an R', 'a Python': a language with its article."""
    name = language.upper() if len(language) == 1 else language.capitalize()
    return f"{'an' if name[0] in 'AEIO' or name == 'R' else 'a'} {name}"


def _begins_list(marker: re.Match[str]) -> bool:
    """Whether a marker in running text begins a list: a bullet, or the first of a count."""
    return marker.groupdict().get("number", "1") in ("1", "a", "A", "i", "I")


def _language(name: str, argument: str) -> str:
    """The info string of a verbatim directive's code block."""
    if name == "raw":
        return f"{{={argument or 'html'}}}" if re.match(r"^\w*$", argument) else ""
    word = argument.split()[0] if argument.split() else name if name == "mermaid" else ""
    return f"{{.{word}}}" if re.match(r"^[\w+#-]+$", word) else ""


def _csv_as_list(lines: list[str], delimiter: str) -> list[str]:
    """The rows of a csv-table as the nested list that a list-table has."""
    mark = {"tab": "\t", "space": " "}.get(delimiter, delimiter)
    rows = (line for line in lines if line.strip())
    made = []
    for row in csv.reader(rows, delimiter=mark if len(mark) == 1 else ",", skipinitialspace=True):
        for number, cell in enumerate(row):
            made.append(f"{'  - ' if number else '* - '}{cell.strip()}")
    return made


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


# --- templates ------------------------------------------------------------------------------------------------

_OPENING = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})|<!--|(?<!\\)(?P<ticks>`+)|\$\$|(?<![\\$])\$(?![\s$])|"
    r"\\begin\{(?P<environment>[^{}\n]*)\}",
    re.M,
)
_INLINE_END = re.compile(r"[^\s\\]\$(?!\d)")
_TEMPLATE = re.compile(
    r"\{#(?=[\s#]).{0,2000}?#\}|\{%.{0,1000}?%\}|\{\{[%<].{0,1000}?[%>]\}\}|(?<![\\\w}{^_])\{\{(?!\{)[^{}\n]{1,500}\}\}",
    re.S,
)


def _templates(text: str, path: str, findings: list[Diagnostic]) -> str:
    """Jinja and shortcodes: comments vanish, statements are left out, expressions stay visible as they are written."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    statements: list[str] = []
    seen: Counter[str] = Counter()
    made: list[str] = []
    for piece, is_prose in pieces(text):
        if not is_prose:
            made.append(piece)
            continue
        made.append(_TEMPLATE.sub(lambda found: _template(found, path, findings, statements, seen), piece))
    if statements:
        count = f" ({len(statements)} in the text)" if len(statements) > 1 else ""
        findings.append(
            finding("X010", f"template statements are not run and are left out{count}",
                    Location(path, token=statements[0]), "Write the text out.")
        )  # fmt: skip
    return "".join(made)


def _template(
    found: re.Match[str], path: str, findings: list[Diagnostic], statements: list[str], seen: Counter[str]
) -> str:
    written = found[0]
    if written.startswith("{#"):
        return ""
    if written.startswith("{%"):
        statements.append(written)
        return ""
    seen[written] += 1
    place = Location(path, token=written, nth=seen[written])
    if written.startswith(("{{<", "{{%")):
        words = written[3:-3].split()
        name = words[0] if words else ""
        if name in ("pagebreak", "br"):
            return ""
        code, what = (
            ("X009", "text of another file is not included")
            if name in ("include", "embed")
            else ("X010", "a shortcode is not run")
        )
        findings.append(finding(code, f"{what}: {written}", place, "Write the text out."))
    else:
        findings.append(
            finding("X010", f"a template expression is not filled in: {written}", place, "Write the value out.")
        )
    before = found.string[max(0, found.start() - 300) : found.start()]
    if re.search(r"(?:\]\(|<(?:https?:)?)[^\s()<>]*$", before):
        return written  # inside a link's address, where a code span would end it
    return f"`` {' '.join(written.split())} ``{{.template}}"


def _accented(text: str) -> str:
    """TeX's accents in prose as letters."""
    if not re.search(r"\\['\"`^~=.]", text):
        return text
    parts = list(pieces(text))
    escaped = accents.punctuation("\n".join(piece for piece, is_prose in parts if is_prose))
    return "".join(accents.composed(piece, escaped) if is_prose else piece for piece, is_prose in parts)


def blanked(text: str) -> str:
    """A text of the same length in which only prose stands."""
    return "".join(piece if is_prose else re.sub(r"[^\n]", " ", piece) for piece, is_prose in pieces(text))


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces: (piece, whether it is prose rather than code, comment or formula)."""
    start = position = 0
    missing: dict[str, int] = {}  # what is known to be closed by nothing before this offset
    while opening := _OPENING.search(text, position):
        end = _closing(text, opening, missing)
        position = end or opening.end()
        if end:
            yield text[start : opening.start()], True
            yield text[opening.start() : end], False
            start = end
    yield text[start:], True


def _closing(text: str, opening: re.Match[str], missing: dict[str, int]) -> int:
    """Where that ends which `opening` opens; 0 if nowhere."""
    mark, after = opening[0].strip(), opening.end()
    if missing.get(mark, 0) >= len(text):
        return 0
    limit = len(text)
    if opening["fence"]:
        pattern = re.compile(rf"^[ \t]*{re.escape(mark)}[{mark[0]}]*[ \t]*$", re.M)
    elif opening["ticks"]:
        pattern = re.compile(rf"(?<!`){mark}(?!`)")
    elif mark == "$":
        paragraph = text.find("\n\n", after, after + 2000)
        pattern, limit = _INLINE_END, paragraph if paragraph > 0 else after + 2000
    else:
        close = "-->" if mark == "<!--" else "$$" if mark == "$$" else f"\\end{{{opening['environment']}}}"
        pattern = re.compile(re.escape(close))
    found = pattern.search(text, max(after, missing.get(mark, 0) - 1), limit)
    if not found:
        missing[mark] = limit
    return found.end() if found else 0
