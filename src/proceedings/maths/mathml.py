"""TeX → MathML by pandoc's texmath: one pandoc process for all formulas of a document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from proceedings import pandoc
from proceedings.diagnostics import Problem
from proceedings.document import Node
from proceedings.maths.formulas import Formula, Rendered, Speech

MATHML = "http://www.w3.org/1998/Math/MathML"
MAX_LENGTH = 20_000  # characters of one formula
MAX_NODES = 20_000  # elements of its MathML; macros may multiply a short text

_REFUSED = "Could not convert TeX math "


def convert(formulas: Sequence[Formula]) -> list[Rendered]:
    """Every formula with its MathML, or with the problem X150, X151 or X152."""
    done = {item.formula: item for item in _too_long(formulas)}
    asked = [formula for formula in formulas if formula not in done]
    if asked:
        done |= {item.formula: item for item in _converted(asked)}
    return [done[formula] for formula in formulas]


def _too_long(formulas: Sequence[Formula]) -> Iterator[Rendered]:
    for formula in formulas:
        if len(formula.tex) > MAX_LENGTH:
            message = f"the formula has {len(formula.tex):,} characters; the limit is {MAX_LENGTH:,}"
            yield _failed(formula, Problem("X151", message, "Break it up."))
        elif not re.sub(r"\\(?:label|tag)\s*\{[^}]*\}|[\s{}]|%.*", "", formula.tex):
            yield _failed(formula, Problem("X152", "the formula is empty", "Write it, or delete the dollar signs."))


def _converted(formulas: Sequence[Formula]) -> list[Rendered]:
    """By one pandoc process; if it fails as a whole, half by half, until the formula that stops it is alone."""
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [_paragraph(formula) for formula in formulas]}
    try:
        output, warnings = pandoc.render(document, "html5", "--mathml")
    except pandoc.PandocError as error:
        if len(formulas) == 1:
            message = f"the formula cannot be converted: {str(error).splitlines()[0]}"
            return [_failed(formulas[0], Problem("X151", message, "Simplify it."))]
        middle = len(formulas) // 2
        return _converted(formulas[:middle]) + _converted(formulas[middle:])
    return _read(formulas, output, warnings)


def _paragraph(formula: Formula) -> Node:
    kind = "DisplayMath" if formula.display else "InlineMath"
    return {"t": "Para", "c": [{"t": "Math", "c": [{"t": kind}, plain_tex(formula.tex)]}]}


def plain_tex(tex: str) -> str:
    """TeX without what numbers and names an equation, which the text around it does, and with the column types that
    texmath does not know (`*{4}{c}`) written out."""
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
            result.append(Rendered(formula, _tidied(math, formula), speech=Speech(formula.tex)))
    return result


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


def _tidied(math: Any, formula: Formula) -> str:
    from lxml import etree

    for mo in math.iter(f"{{{MATHML}}}mo"):
        if mo.text == "∥" and mo.get("form"):  # \|, as against \parallel: a fence, without space around it
            mo.text = "‖"
            mo.set("lspace", "0")
            mo.set("rspace", "0")
            del mo.attrib["form"]
    if "\\mathbf" in formula.tex and not re.search(r"\\(?:boldsymbol|bm|pmb|mathbfit|symbfit)", formula.tex):
        _embolden_upright(math)
    for cell in math.iter(f"{{{MATHML}}}mtd"):
        if cell.get("style", "").startswith("text-align") and cell.get("columnalign"):
            continue
    annotation = math.find(f".//{{{MATHML}}}annotation")
    if annotation is not None:
        annotation.text = formula.tex
    return etree.tostring(math, encoding="unicode", with_tail=False)


def _embolden_upright(math: Any) -> None:
    """`\\mathbf` is upright in TeX; texmath makes it italic."""
    for item in math.iter():
        if isinstance(item.tag, str) and item.get("mathvariant") == "bold-italic":
            item.set("mathvariant", "bold")
            item.text = "".join(map(_upright_bold, item.text or ""))


def _upright_bold(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) == 1 and plain.isascii() and plain.isalpha():
        return chr((0x1D400 if plain.isupper() else 0x1D41A) + ord(plain.lower()) - ord("a"))
    return character
