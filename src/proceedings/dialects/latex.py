"""Raw TeX in Markdown: references, labels, formulas and layout here; all else by pandoc's LaTeX reader, in one call.

Macros need no work: pandoc's Markdown reader has applied them to formulas and to raw TeX.
"""

from __future__ import annotations

import re
from collections import Counter

from proceedings import pandoc
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects import equations
from proceedings.dialects.constructs import THEOREMS, citation, label, reference
from proceedings.document import BLOCKS, INLINES, Document, Node, classes, nodes, sequences, string

_REFERENCE = re.compile(r"^\\([A-Za-z]*ref)\*?\s*\{([^{}]*)\}\s*$")
_HYPERREF = re.compile(r"^\\hyperref\s*\[([^\]]*)\]\s*\{(.*)\}\s*$", re.S)
_LABEL = re.compile(r"^\\label\s*\{([^{}]*)\}\s*$")
_ENVIRONMENT = re.compile(r"^\\begin\s*\{(\w+)(\*?)\}(.*)\\end\s*\{\1\2\}\s*$", re.S)
_NOCITE = re.compile(r"^\\nocite\s*\{([^{}]*)\}\s*$")
_STYLES = {"ref": "number", "subref": "number", "labelcref": "number", "eqref": "equation"}

_SETTING = (  # commands that say only how to set the page
    r"newpage|clearpage|cleardoublepage|pagebreak|nopagebreak|linebreak|noindent|indent|vspace|hspace|smallskip|medskip"
    r"|bigskip|centering|raggedright|raggedleft|vfill|hfill|par|maketitle|setlength|setcounter|addtocounter|pagestyle"
    r"|thispagestyle|allowdisplaybreaks|sloppy|fussy|begingroup|endgroup|tiny|scriptsize|footnotesize|small|normalsize"
    r"|large|Large|LARGE|huge|Huge|singlespacing|doublespacing|onehalfspacing|linenumbers|nolinenumbers|FloatBarrier"
    r"|columnbreak|vskip|hskip"
)
_SETTINGS = re.compile(
    rf"(?:\\(?:{_SETTING}|tableofcontents|listof[a-z]+|appendix)(?![A-Za-z])\*?"
    r"(?:\s*\[[^\]]*\]|\s*\{[^{}]*\}|\s*-?[\d.]+\s*(?:pt|cm|mm|em|ex|in)\b)*\s*)+"
)
_LAYOUT = re.compile(
    rf"^\\(?:{_SETTING}|usepackage|bibliographystyle|bibliography|printbibliography|protect|(?:re|provide)?newcommand"
    r"|newcommand|renewcommand|providecommand|def|gdef|let|DeclareMathOperator|newenvironment|renewenvironment"
    r"|newtheorem|hyphenation|rowcolors|rule|phantom|vphantom|hphantom|input|include)(?![A-Za-z])"
)
_DEFINITION = re.compile(
    r"^(?:\s*\\(?:(?:re|provide)?newcommand|renewcommand|providecommand|def|gdef|let|DeclareMathOperator)\b)"
)
_MARK = "proceedingspart"
_CARRIER = "proceedings-blocks"  # a Span that carries blocks until its paragraph is split


def rewrite(document: Document, path: str) -> list[Diagnostic]:
    """Turn the raw TeX of a document into nodes, in place."""
    reader = _Reader(document, path)
    scope = [document["blocks"], document.get("meta", {})]
    _replace(scope, reader, first=True)
    if reader.waiting:
        reader.read()
        _replace(scope, reader, first=False)
        _replace(scope, reader, first=False)  # what stood inside of what has been read
    for found in reversed(sequences(scope)):
        if found[0]["t"] in BLOCKS:
            found[:] = [block for whole in found for block in _split(whole)]
    return reader.findings


def _replace(scope: object, reader: _Reader, *, first: bool) -> None:
    for found in sequences(scope):
        if any(_is_tex(node) for node in found):
            found[:] = reader.replaced(found, first=first)


def _is_tex(node: Node) -> bool:
    return node["t"] in ("RawInline", "RawBlock") and node["c"][0] in ("tex", "latex")


def _apart(tex: str) -> list[str]:
    """What says only how to set the page, apart from what pandoc has put into one piece with it."""
    found = _SETTINGS.match(tex)
    if found is None or not tex.startswith("\\", found.end()):
        return [tex]
    return [found[0].strip(), tex[found.end() :]]


class _Reader:
    """Replaces raw TeX; `waiting` collects what pandoc has to read."""

    def __init__(self, document: Document, path: str) -> None:
        self.document, self.path = document, path
        self.findings: list[Diagnostic] = []
        self.waiting: dict[str, list[Node] | None] = {}  # TeX → blocks
        self.seen: Counter[str] = Counter()
        self.in_appendix = False

    def found(self, code: str, message: str, token: str, hint: str) -> None:
        token = token.strip().split("\n")[0]
        self.seen[token] += 1
        self.findings.append(finding(code, message, Location(self.path, token=token, nth=self.seen[token]), hint))

    def replaced(self, content: list[Node], *, first: bool) -> list[Node]:
        """The nodes with their raw TeX replaced: by what is plain at once (`first`), or by what pandoc has read."""
        result: list[Node] = []
        for node in content:
            if not _is_tex(node):
                if self.in_appendix and node["t"] == "Header":
                    node["c"][1][1].append("appendix")
                result.append(node)
                continue
            for tex in _apart(node["c"][1].strip()):
                made = self._direct(tex, node["t"] == "RawBlock")
                if made is None and first and _readable(tex):
                    self.waiting.setdefault(tex, None)
                    result.append({**node, "c": [node["c"][0], tex]})
                    continue
                if made is None:
                    made = self._from_pandoc(tex, node["t"] == "RawBlock")
                result.extend(_fitted(made, block=node["t"] == "RawBlock"))
        return result

    def _direct(self, tex: str, is_block: bool) -> list[Node] | None:
        """What a piece of TeX is, where no reader is needed; None otherwise."""
        if found := _REFERENCE.match(tex):
            if found[1] == "pageref":
                message = f"{tex}: pages are not the same in all outputs; what is there is named instead"
                self.found("X008", message, tex, "Refer to it by \\ref or \\autoref.")
            return _references(found[1], found[2], tex)
        if found := _HYPERREF.match(tex):
            return [reference(found[1], "full", tex, [string(_plain(found[2]))])]
        if found := _LABEL.match(tex):
            return [label(found[1].strip())]
        if (found := _ENVIRONMENT.match(tex)) and found[1] in equations.ENVIRONMENTS:
            return [{"t": "Math", "c": [{"t": "DisplayMath"}, tex]}]
        if found := _NOCITE.match(tex):
            return self._nocite(found[1])
        if re.match(r"^\\(?:tableofcontents|listof[a-z]+)\b", tex):
            self.found("X014", f"{tex} is left out: each output makes its own contents", tex, "Delete the line.")
            return []
        if re.match(r"^\\appendix\b", tex):
            self.in_appendix = is_block
            return []
        if re.match(r"^\\(?:input|include)\s*\{", tex):
            self.found("X009", f"{tex}: text of another file is not included", tex, "Copy the text into this file.")
            return [string(tex)]
        if _LAYOUT.match(tex) and not _ENVIRONMENT.match(tex):
            return []
        if re.match(r"^(?:\\\\(?:\[[^\]]*\])?|\\newline)$", tex):
            return [{"t": "LineBreak"}]
        return None

    def _nocite(self, keys: str) -> list[Node]:
        meta = self.document.setdefault("meta", {})
        nocite = meta.setdefault("nocite", {"t": "MetaInlines", "c": []})
        if nocite["t"] == "MetaInlines":
            nocite["c"].extend(citation([key.strip()], "AuthorInText") for key in keys.split(",") if key.strip())
        return []

    def read(self) -> None:
        """Let pandoc read all that waits."""
        pieces = list(self.waiting)
        written = [f"{_MARK}{number}\n\n{_theorem(piece)[1]}" for number, piece in enumerate(pieces)]
        try:
            read = pandoc.read("\n\n".join([*written, f"{_MARK}{len(pieces)}"]), "latex+raw_tex")
        except pandoc.PandocError:
            return  # each piece is told where it stands
        number = -1
        for block in read["blocks"]:
            if block["t"] == "Para" and block["c"] and str(block["c"][0].get("c", "")).startswith(_MARK):
                number += 1
                if number < len(pieces):
                    self.waiting[pieces[number]] = []
            elif 0 <= number < len(pieces):
                blocks = self.waiting[pieces[number]]
                if blocks is not None:
                    blocks.append(block)

    def _from_pandoc(self, tex: str, is_block: bool) -> list[Node]:
        """What pandoc has read; if nothing, the text of the TeX, with a finding."""
        made = self.waiting.get(tex)
        if made and not (len(made) == 1 and _text_of_raw(made[0]) == tex):
            for node in nodes(made, "Cite"):
                node["c"][1] = [string(f"@{item['citationId']}") for item in node["c"][0][:1]]
            theorem, _ = _theorem(tex)
            return [_theorem_div(theorem, tex, made)] if theorem else _copied(made)
        shown = tex if len(tex) < 60 else tex[:57] + "…"
        environment = _ENVIRONMENT.match(tex)
        if environment and is_block:
            self.found("X008", f"the TeX environment {environment[1]!r} has no equivalent; it is printed as it is", tex,
                       "Write it in Markdown.")  # fmt: skip
            return [{"t": "CodeBlock", "c": [["", ["latex"], []], tex]}]
        is_name = re.fullmatch(r"\\[A-Za-z]+", tex)
        hint = f"Write ${tex}$ if it is a formula." if is_name else "Write it in Markdown."
        self.found("X008", f"TeX without an equivalent: {' '.join(shown.split())}", tex, hint)
        return [string(_plain(tex) or tex)]


def _copied(made: list[Node]) -> list[Node]:
    """Nodes of its own for every place where the same TeX is written, since trees are changed in place."""
    import copy

    return copy.deepcopy(made)


def _text_of_raw(block: Node) -> str:
    """The TeX of a block that is nothing but raw TeX."""
    if _is_tex(block):
        return str(block["c"][1]).strip()
    if block["t"] in ("Para", "Plain") and len(block["c"]) == 1 and _is_tex(block["c"][0]):
        return str(block["c"][0]["c"][1]).strip()
    return ""


def _readable(tex: str) -> bool:
    """Whether a piece can be put between others without breaking them."""
    bare = re.sub(r"\\[{}\\]", "", tex)
    return bare.count("{") == bare.count("}") and tex.count(r"\begin") == tex.count(r"\end{") and _MARK not in tex


def _references(command: str, labels: str, written: str) -> list[Node]:
    style = _STYLES.get(command, "full")
    result: list[Node] = []
    for name in labels.split(","):
        if result:
            result += [string(","), {"t": "Space"}]
        result.append(reference(name.strip(), style, written))
    return result


def _theorem(tex: str) -> tuple[str, str]:
    """The kind of a theorem-like environment and its content; ('', the whole) for everything else."""
    found = _ENVIRONMENT.match(tex)
    if not found or found[1].lower() not in THEOREMS or found[1] == "algorithm":
        return "", tex
    return found[1].lower(), re.sub(r"^\s*\[[^\]]*\]", "", found[3]).strip()


def _theorem_div(kind: str, tex: str, content: list[Node]) -> Node:
    title = re.match(r"^\\begin\s*\{\w+\*?\}\s*\[([^\]]*)\]", tex)
    pairs = [["title", _plain(title[1])]] if title else []
    return {"t": "Div", "c": [["", [kind], pairs], content]}


def _plain(tex: str) -> str:
    """The words in a piece of TeX: the last arguments of its commands."""
    tex = re.sub(r"(?<!\\)%.*", "", tex)
    tex = re.sub(r"\\(?:label|begin|end|vspace|hspace|color|textcolor|fontsize)\*?\s*\{[^{}]*\}", "", tex)
    tex = re.sub(r"\\[A-Za-z]+\*?(?:\s*\[[^\]]*\])*", " ", tex)
    return " ".join(re.sub(r"[{}]|\\(?=\W)", "", tex).split())


def _fitted(made: list[Node], *, block: bool) -> list[Node]:
    """Nodes as the list needs them: inlines in a paragraph of their own, or a paragraph's inlines."""
    if block and made and made[0]["t"] in INLINES:
        return [{"t": "Para", "c": made}]
    if block:
        return made
    result: list[Node] = []
    for node in made:
        if node["t"] in ("Para", "Plain"):
            result.extend(node["c"])
        elif node["t"] in INLINES:
            result.append(node)
        else:
            result.append({"t": "Span", "c": [["", [_CARRIER], []], [node]]})
    return result


def _split(block: Node) -> list[Node]:
    """A paragraph in which TeX has set blocks, as the blocks that it is."""
    if block["t"] not in ("Para", "Plain") or not any(_is_carrier(node) for node in block["c"]):
        return [block]
    result: list[Node] = []
    run: list[Node] = []
    for node in [*block["c"], None]:
        if node is not None and not _is_carrier(node):
            run.append(node)
            continue
        while run and run[0]["t"] in ("Space", "SoftBreak"):
            run.pop(0)
        while run and run[-1]["t"] in ("Space", "SoftBreak"):
            run.pop()
        if run:
            result.append({"t": "Para", "c": run})
        run = []
        if node is not None:
            result.extend(node["c"][1])
    return result


def _is_carrier(node: Node) -> bool:
    return node["t"] == "Span" and _CARRIER in classes(node)
