"""TeX → MathML by pandoc's texmath: one pandoc process for all formulas of a document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from proceedings import pandoc
from proceedings.diagnostics import Problem
from proceedings.document import Node
from proceedings.maths import chemistry
from proceedings.maths.bounds import excess
from proceedings.maths.formulas import Formula, Rendered, Speech

MATHML = "http://www.w3.org/1998/Math/MathML"
SET_OFF = "set-off"  # the class of spaces beside the names of functions
MAX_NODES = 20_000  # elements of the MathML of one formula

_REFUSED = "Could not convert TeX math "


def convert(formulas: Sequence[Formula]) -> list[Rendered]:
    """Every formula with its MathML, or with the problem X150, X151 or X152; with X154 where it lacks something."""
    done = {item.formula: item for item in _refused(formulas)}
    asked = [formula for formula in formulas if formula not in done]
    if asked:
        done |= {item.formula: item for item in _converted(asked)}
    return [done[formula] for formula in formulas]


def _refused(formulas: Sequence[Formula]) -> Iterator[Rendered]:
    for formula in formulas:
        if reason := excess(formula.tex):
            yield _failed(formula, Problem("X151", f"the formula {reason}", "Break it up, or simplify its macros."))
        elif not re.sub(r"\\(?:label|tag)\s*\{[^}]*\}|[\s{}]|%.*", "", formula.tex):
            yield _failed(formula, Problem("X152", "the formula is empty", "Write it, or delete the dollar signs."))


def _converted(formulas: Sequence[Formula]) -> list[Rendered]:
    """By one pandoc process; if it fails as a whole, half by half, until the formula that stops it is alone."""
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [_paragraph(formula) for formula in formulas]}
    try:
        output, warnings = pandoc.render(document, "html5", "--mathml")
        return _read(formulas, output, warnings)
    except (pandoc.PandocError, SyntaxError) as error:  # lxml tells of markup that is too deep by a SyntaxError
        if len(formulas) == 1:
            message = f"the formula cannot be converted: {str(error).splitlines()[0]}"
            return [_failed(formulas[0], Problem("X151", message, "Simplify it."))]
    middle = len(formulas) // 2
    return _converted(formulas[:middle]) + _converted(formulas[middle:])


def _paragraph(formula: Formula) -> Node:
    kind = "DisplayMath" if formula.display else "InlineMath"
    return {"t": "Para", "c": [{"t": "Math", "c": [{"t": kind}, _without_mathbf(plain_tex(formula.tex))]}]}


_FONT_SWITCH = re.compile(r"\{\s*\\(bf|rm|it|sf|tt|cal)(?![a-zA-Z])\s*((?:[^{}\\]|\\[^{}]|\{[^{}]*\})*)\}")  # {\bf x}
_OTHER_NAMES = {
    r"\bold": r"\mathbf", r"\space": r"\ ", r"\mathbbm": r"\mathbb", r"\argmax": r"\operatorname*{arg\,max}",
    r"\argmin": r"\operatorname*{arg\,min}", r"\cr": r"\\",
}  # fmt: skip
_OTHER_TEX = re.compile(r"\\(?:bold|space|mathbbm|argmax|argmin|cr)(?![a-zA-Z])")


def plain_tex(tex: str) -> str:
    """TeX without what numbers and names an equation, which the text around it does, and with the column types that
    texmath does not know (`*{4}{c}`), the commands of older and of other TeX and commas in numbers written out."""
    tex = _OTHER_TEX.sub(lambda found: _OTHER_NAMES[found[0]], _FONT_SWITCH.sub(r"\\math\1{\2}", tex))
    tex = chemistry.written_out(tex)
    tex = re.sub(r"(?<=\d)\{,\}(?=\d)", r"\\mathord{,}", tex)  # 1{,}000: no sign of a list, which has a space
    tex = re.sub(r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![a-zA-Z])", "", tex)

    def repeated(found: re.Match[str]) -> str:
        return found[2] * min(int(found[1]), 100)

    return re.sub(r"(?<=[{lcr|])\*\{?(\d{1,3})\}?\{([lcr|]+)\}", repeated, tex).strip()


def _read(formulas: Sequence[Formula], output: str, warnings: Sequence[str]) -> list[Rendered]:
    """pandoc's paragraphs, each a <math> or, where it gave up, the TeX; its warnings come in the same order."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(f"<div>{output}</div>".encode(), parser)
    reasons = _reasons(warnings)
    result: list[Rendered] = []
    for formula, paragraph in zip(formulas, root, strict=True):
        math = paragraph.find(f"{{{MATHML}}}math")
        if math is None:
            result.append(_failed(formula, Problem("X150", *_explained(next(reasons, "")))))
        elif sum(1 for _ in math.iter()) > MAX_NODES:
            message = f"the formula has more than {MAX_NODES:,} parts"
            result.append(_failed(formula, Problem("X151", message, "Simplify its macros, or break it up.")))
        else:
            result.append(
                Rendered(formula, _tidied(math, formula), speech=Speech(formula.tex), problem=_unruled(formula))
            )
    return result


_RULED = re.compile(r"\\(?:hline|cline)(?![a-zA-Z])|\\begin\{array\}(?:\[\w\])?\{[^{}]*\|")


def _unruled(formula: Formula) -> Problem | None:
    """That texmath leaves the lines of an array out."""
    if not _RULED.search(formula.tex):
        return None
    message = "the lines between the rows or columns of the array are left out"
    return Problem("X154", message, "Use brackets or two arrays; `maths: mathjax` draws the lines, in print only.")


def _failed(formula: Formula, problem: Problem) -> Rendered:
    return Rendered(formula, speech=Speech(formula.tex), problem=problem)


def _reasons(warnings: Sequence[str]) -> Iterator[str]:
    """What pandoc says of each formula that it gave up, in order."""
    current: list[str] | None = None
    for line in warnings:
        if line.startswith(_REFUSED):
            if current is not None:
                yield "\n".join(current)
            current = []
        elif current is not None:
            current.append(line)
    if current is not None:
        yield "\n".join(current)


def _explained(reason: str) -> tuple[str, str]:
    """A message and a hint from texmath's own words."""
    command = re.search(r"unexpected control sequence (\\\S+)", reason)
    if command:
        return f"the formula uses {command[1]}, which is not known", "Use another command; the TeX is printed as it is."
    unexpected = re.search(r"unexpected (.+)", reason)
    if (unexpected and "eof" in unexpected[1]) or "end of input" in (unexpected[1] if unexpected else ""):
        return "the formula ends too early: a brace, \\right or \\end is missing", "Close what is open."
    what = f": unexpected {unexpected[1]}" if unexpected else ""
    return f"the formula cannot be converted{what}", "Check its braces, & and commands; the TeX is printed as it is."


# --- what texmath writes otherwise than TeX means --------------------------------------------------------------

_STAND_INS = {"monospace": r"\mathtt", "fraktur": r"\mathfrak", "sans-serif": r"\mathsf"}


def _stand_in(tex: str) -> str:
    """The MathML variant that stands for `\\mathbf` (texmath makes that italic): one that is not used otherwise."""
    return next((variant for variant, command in _STAND_INS.items() if command not in tex), "")


def _without_mathbf(tex: str) -> str:
    command = _STAND_INS.get(_stand_in(tex), "")
    return re.sub(r"\\mathbf(?![a-zA-Z])", lambda _: command, tex) if command else tex


def _tidied(math: Any, formula: Formula) -> str:
    from lxml import etree

    for mo in math.iter(f"{{{MATHML}}}mo"):
        if mo.text == "∥" and mo.get("form"):  # \|, as against \parallel: a fence, without space around it
            mo.text = "‖"
            mo.set("lspace", "0")
            mo.set("rspace", "0")
            del mo.attrib["form"]
        if mo.text == "‖" and "\\left" not in formula.tex:  # \lVert is as high as a letter
            mo.set("stretchy", "false")
    for table in math.iter(f"{{{MATHML}}}mtable"):
        if any("padding" in cell.get("style", "") for cell in table.iter(f"{{{MATHML}}}mtd")):  # aligned columns
            table.set("displaystyle", "true")
        if len(table) > 1 and not any(len(cell) for cell in table[-1]):  # after a last \\ TeX begins no row
            table.remove(table[-1])
    _set_off_functions(math)
    _join_numbers(math)
    tex = plain_tex(formula.tex)
    if one_below_another := _GATHERED.match(tex):
        _gather(math, is_apart=one_below_another[1] == "multline")
    if "\\mathbf" in tex and _stand_in(tex):
        for item in math.iter():
            if isinstance(item.tag, str) and item.get("mathvariant") == _stand_in(tex):
                item.set("mathvariant", "bold")
                item.text = "".join(map(_upright_bold, item.text or ""))
    annotation = math.find(f".//{{{MATHML}}}annotation")
    if annotation is not None:
        annotation.text = formula.tex
    return etree.tostring(math, encoding="unicode", with_tail=False)


def _join_numbers(math: Any) -> None:
    """`1{,}000` is one number."""
    for comma in list(math.iter(f"{{{MATHML}}}mi")):
        before, behind = comma.getprevious(), comma.getnext()
        parts = [item for item in (before, behind) if item is not None and _local(item) == "mn"]
        if comma.text == "," and len(parts) == 2:
            before.text += f",{behind.text}"
            before.getparent().remove(comma)
            before.getparent().remove(behind)


_GATHERED = re.compile(r"\\begin\s*\{(gather(?:ed)?|multline)\*?\}")


def _gather(math: Any, *, is_apart: bool) -> None:
    """Lines of their own, not rows of a matrix: they are as large as a formula that stands alone. If `is_apart`, they
    are one formula: the first stands left and the last right, neither fills the width, and a sign joins two lines."""
    from lxml import etree

    table = math.find(f".//{{{MATHML}}}mtable")
    if table is None:
        return
    table.set("displaystyle", "true")
    if not is_apart or len(table) < 2:
        return
    for sign in (row[0][0] for row in table[1:] if len(row[0])):
        if sign.text in ("+", "−", "±", "∓"):
            sign.tag = f"{{{MATHML}}}mo"
            sign.set("form", "infix")
    for row, side in ((table[0], "left"), (table[-1], "right")):
        cell = row[0]
        cell.set("columnalign", side)
        cell.set("style", f"text-align: {side}")
        cell.insert(0 if side == "right" else len(cell), etree.Element(f"{{{MATHML}}}mspace", width="2em"))


_ROWS = ("mrow", "mtd", "math", "msqrt", "mstyle")  # elements that take any number of parts
_LIMITED = frozenset("max min sup inf lim det gcd Pr limsup liminf argmax argmin".split()) | {
    "lim sup", "lim inf", "arg max", "arg min"}  # fmt: skip
_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")


def _set_off_functions(math: Any) -> None:
    """A thin space between the name of a function and what stands beside it, as TeX has it, but none before a sign or
    an opening bracket: browsers have none at all."""
    from lxml import etree

    for item in list(math.iter(etree.Element)):
        parent = item.getparent()
        if parent is None or _local(parent) not in _ROWS or not _is_function(item):
            continue
        behind, before = item.getnext(), item.getprevious()
        if behind is not None and not _is_sign(behind, first=True):
            item.addnext(_thin_space())
        if before is not None and not _is_sign(before, first=False):
            item.addprevious(_thin_space())


def _is_function(item: Any) -> bool:
    """Whether it is the name of a function, with what is written above and below it. texmath marks them by an operator
    that cannot be seen, but not those that have limits."""
    kind = _local(item)
    if kind in _SCRIPTS:
        return len(item) > 0 and _is_function(item[0])
    if kind == "mrow":
        return len(item) == 2 and item[1].text == "\u2061"
    return kind == "mi" and " ".join((item.text or "").split()) in _LIMITED


def _is_sign(item: Any, *, first: bool) -> bool:
    """Whether a part of a row begins (or ends) with a sign, a bracket or a space."""
    while _local(item) == "mrow" and len(item):
        item = item[0 if first else -1]
    return _local(item) in ("mo", "mspace")


def _thin_space() -> Any:
    from lxml import etree

    return etree.Element(f"{{{MATHML}}}mspace", {"width": "0.167em", "class": SET_OFF})


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


# First characters of upright bold letters and digits, with the plain ones that they are bold forms of.
_BOLD = (("A", "Z", 0x1D400), ("a", "z", 0x1D41A), ("Α", "Ω", 0x1D6A8), ("0", "9", 0x1D7CE))


def _upright_bold(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    for first, last, bold in _BOLD:
        if len(plain) == 1 and first <= plain <= last:
            return chr(bold + ord(plain) - ord(first))
    return plain
