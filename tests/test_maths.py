"""TeX → MathML and drawings; what cannot be converted is told; maths that is not closed is found, money is not."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from proceedings import maths
from proceedings.diagnostics import Diagnostic, MissingProgram
from proceedings.maths import Formula, Rendered, chemistry
from proceedings.maths.bounds import excess, expanded_length
from proceedings.renderings import html
from proceedings.source import Source

SHARED = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parents[2] / "shared"))
M = "{http://www.w3.org/1998/Math/MathML}"


def one(tex: str, display: bool = False) -> Rendered:
    return maths.render([Formula(tex, display)], "en")[0]


def drawn(tex: str, display: bool = False) -> Rendered:
    return maths.render([Formula(tex, display)], "en", maths.engine("ziamath"))[0]


# --- MathML -----------------------------------------------------------------------------------------------------

# TeX → what its MathML must hold. The second half is what texmath alone gets wrong or refuses.
SOUND = {
    "x^2": "<msup><mi>x</mi><mn>2</mn></msup>",
    r"\frac{a}{b}": "<mfrac>",
    r"\begin{cases} 1 & x\\ 0 & y\end{cases}": "<mtable>",
    r"\newcommand{\R}{\mathbb{R}} \R^n": "ℝ",
    r"a < b \& c": "&lt;",
    r"a^n \label{eq:fermat}": "<msup>",
    r"a = b \tag{3}": "<mo>=</mo>",
    r"a = b \nonumber": "<mo>=</mo>",
    r"\mathbf{E}": '<mi mathvariant="bold">𝐄</mi>',
    r"{\bf E}_i + {\rm d}x": '<mi mathvariant="bold">𝐄</mi>',
    r"\bold{E} \space x": '<mi mathvariant="bold">𝐄</mi>',
    r"\argmax_x {\cal L}": "ℒ",
    r"\mathbf{E} + \boldsymbol{\beta} + \mathtt{x}": '<mi mathvariant="bold">𝐄</mi>',
    r"\boldsymbol{E}": '<mi mathvariant="bold-italic">𝑬</mi>',
    r"\|w\|_2": '<mo stretchy="false" lspace="0" rspace="0">‖</mo>',
    r"\lVert w \rVert": '<mo stretchy="false" form="prefix">‖</mo>',
    r"\begin{aligned} a &= \sum_i b \end{aligned}": '<mtable displaystyle="true">',
    r"2\max_k \ln x": '<mn>2</mn><mspace width="0.167em" class="set-off"/><msub>',
    r"\ln x": '</mrow><mspace width="0.167em" class="set-off"/><mi>x</mi>',
    r"a + \sin(x)": '<mo>+</mo><mrow><mi mathvariant="normal">sin</mi><mo>\u2061</mo></mrow><mo',
    r"a \parallel b": "<mo>∥</mo>",
    r"x_1 = 1{,}000{,}000": "<mn>1,000,000</mn>",
    r"\begin{gathered} \frac{a}{b} \\ c \end{gathered}": '<mtable displaystyle="true"><mtr><mtd columnalign="center"',
    r"\begin{multline} a \\ + b \\ = c \end{multline}": '<mtd columnalign="left" style="text-align: left"><mi>a</mi>'
    '<mspace width="2em"/></mtd></mtr><mtr><mtd columnalign="center" style="text-align: center">'
    '<mo form="infix">+</mo><mi>b</mi></mtd></mtr><mtr><mtd columnalign="right"',
    r"\begin{array}{*3{c}} a & b & c\end{array}": "<mtable>",
    r"\ce{H2O}": '<msub><mi mathvariant="normal">H</mi><mn>2</mn></msub>',
}

# mhchem → TeX. The last ones use what is not written out.
CHEMISTRY = {
    "SO4^2-": r"{\mathrm{SO}_{4}^{2-}}",
    "H3O+ + OH-": r"{\mathrm{H}_{3}\mathrm{O}^{+}\,+\,\mathrm{OH}^{-}}",
    "2 A <=> B(aq)": r"{2\,\mathrm{A}\,\rightleftharpoons \,\mathrm{B}(\mathrm{aq})}",
    r"A ->[H2O][\Delta] B": r"{\mathrm{A}\,\underset{\Delta }{\overset{\mathrm{H}_{2}\mathrm{O}}{\rightarrow}}\,"
    r"\mathrm{B}}",
    "^{227}_{90}Th+": r"{{}^{227}_{90}\mathrm{Th}^{+}}",
    "[Cu(NH3)4]^2+": r"{[\mathrm{Cu}(\mathrm{NH}_{3})_{4}]^{2+}}",
    "CH3-CH=CH2": r"{\mathrm{CH}_{3}-\mathrm{CH}{=}\mathrm{CH}_{2}}",
    "CuSO4*5H2O v": r"{\mathrm{CuSO}_{4}\cdot 5\mathrm{H}_{2}\mathrm{O}\,\downarrow }",
    "n H2 ^": r"{n\,\mathrm{H}_{2}\,\uparrow }",
    r"\unknown{x}": r"\ce{\unknown{x}}",
    "A ->[{] B": r"\ce{A ->[{] B}",
}


@pytest.mark.parametrize("written", CHEMISTRY)
def test_chemistry(written: str) -> None:
    assert chemistry.written_out(rf"x + \ce{{{written}}}") == f"x + {CHEMISTRY[written]}"


@pytest.mark.parametrize("tex", SOUND)
def test_mathml(tex: str) -> None:
    made = one(tex)
    assert made.problem is None
    assert SOUND[tex] in made.mathml
    root = ElementTree.fromstring(made.mathml)
    assert root.tag == M + "math" and root.findtext(f".//{M}annotation") == tex, "selecting a formula yields its TeX"


def test_a_last_line_break_makes_no_row() -> None:
    root = ElementTree.fromstring(one(r"\begin{array}{cc} a & b \\ c & d \\ \end{array}").mathml)
    assert len(root.findall(f".//{M}mtr")) == 2


REFUSED = {
    r"\frac{a}{b": ("X150", "ends too early"),
    r"\unknown{x}": ("X150", r"\unknown, which is not known"),
    r"a & b": ("X150", "unexpected"),
    "": ("X152", "empty"),
    " % nothing": ("X152", "empty"),
    r"\label{eq:1}": ("X152", "empty"),
    "x" * 20_001: ("X151", "20,001 characters"),
    "{" * 200 + "x" + "}" * 200: ("X151", "100 deep"),
    "x^" * 3000 + "x": ("X151", "100 deep"),
    r"\frac{1}{" * 101 + "x" + "}" * 101: ("X151", "100 deep"),
    r"\newcommand{\a}{x\a}\a": ("X151", "macros"),
    "".join(
        rf"\newcommand{{\z{a}}}{{\z{b}\z{b}}}"
        for a, b in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=True)
    )
    + r"\newcommand{\zu}{x}\za": ("X151", "macros"),
}  # fmt: skip


@pytest.mark.parametrize("tex", REFUSED, ids=lambda tex: tex[:20])
def test_what_cannot_be_converted(tex: str) -> None:
    code, words = REFUSED[tex]
    before, made, after = maths.render([Formula("a+b"), Formula(tex), Formula(r"\frac12")], "en")
    assert made.problem and made.problem.code == code and words in made.problem.message
    assert made.problem.hint and not made.mathml and made.svg is None
    assert "<mo>+</mo>" in before.mathml and "<mfrac>" in after.mathml, "the others are converted all the same"


def test_each_reason_goes_to_its_formula() -> None:
    texs = [r"\one", "x", r"\two", r"\frac{", "y", r"\three"]
    made = maths.render([Formula(tex) for tex in texs], "en")
    said = [item.problem.message if item.problem else "" for item in made]
    assert [("one" in said[0]), said[1], ("two" in said[2]), said[4], ("three" in said[5])] == [
        True,
        "",
        True,
        "",
        True,
    ]
    assert "too early" in said[3]


def test_a_formula_that_stops_pandoc_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from proceedings import pandoc

    real = pandoc.render

    def render(tree: object, *options: str) -> tuple[str, list[str]]:
        if "stop" in str(tree):
            raise pandoc.PandocError("pandoc did not finish within 120 s")
        return real(tree, *options)  # type: ignore[arg-type]

    monkeypatch.setattr(pandoc, "render", render)
    made = maths.render([Formula(tex) for tex in ("a", "b", "stop", "c", "d")], "en")
    assert [item.problem.code if item.problem else "" for item in made] == ["", "", "X151", "", ""]


@pytest.mark.parametrize(("tex", "at_least"), [
    (r"x", 1), (r"\newcommand{\a}{bb}\a\a", 4), (r"\newcommand\a[1]{b#1}\newcommand{\c}{\a\a\a}\c", 6),
    (r"\def\a{\a}\a", 10**6),
    (r"\newcommand{\a}{\b}\newcommand{\b}{\a}\a", 10**6),
])  # fmt: skip
def test_macros_are_counted(tex: str, at_least: int) -> None:
    assert expanded_length(tex) >= at_least
    assert bool(excess(tex)) == (at_least > 20_000)


# --- drawings ---------------------------------------------------------------------------------------------------


def test_a_drawing_stands_on_the_line() -> None:
    """x reaches the line, p hangs below it, a fraction about half; heights add up."""
    x, p, fraction = (drawn(tex).svg for tex in ("x", "p", r"\dfrac{a}{b}"))
    assert x and p and fraction
    assert 0 <= x.depth < 0.04 and 0.15 < p.depth < 0.3 and 0.5 < fraction.depth < 1
    assert 0.4 < x.height < 0.6 and x.width < p.width + 0.2
    box = re.search(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"', p.data)
    assert box and float(box[2]) + float(box[4]) == pytest.approx(p.depth * 1000, abs=1)
    assert f'width="{p.width:.3f}em"' in p.data and "currentColor" in p.data and "black" not in p.data


def test_aligned_columns_meet_in_print() -> None:
    """By the way that they come there: what is wrong with their MathML shows only behind the cleaning of HTML."""
    tex = r"\begin{aligned} a &= b \end{aligned}"
    document = {
        "pandoc-api-version": [1, 23, 1],
        "meta": {},
        "blocks": [{"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, tex]}]}],
    }
    _, body, _ = html.render(document, "paper.md", "en")
    found = re.search(r"<math.*</math>", body, re.S)
    assert found
    (aligned,) = maths.engine("ziamath")([Rendered(Formula(tex, True), found[0])], "en")
    plain = drawn("a = b", display=True).svg
    assert aligned.svg and plain and aligned.svg.width == pytest.approx(plain.width, abs=0.3)


def test_display_is_larger() -> None:
    inline, display = drawn(r"\sum_{i=1}^n i").svg, drawn(r"\sum_{i=1}^n i", display=True).svg
    assert inline and display and display.height > inline.height * 1.3


def test_drawings_are_the_same_every_time() -> None:
    assert drawn(r"\sqrt{\frac{x}{2}}") == drawn(r"\sqrt{\frac{x}{2}}")


def test_a_part_that_is_not_drawn_is_told() -> None:
    given = Rendered(Formula("x"), f'<math xmlns="{M[1:-1]}"><mi>x</mi><mglyph/></math>')
    made = maths.engine("ziamath")([given], "en")[0]
    assert made.svg and made.problem and made.problem.code == "X153" and "mglyph" in made.problem.message


def test_rows_within_rows_are_bounded() -> None:
    tex = "x"
    for _ in range(12):
        tex = rf"\left({tex}{tex}\right)"
    made = drawn(tex[:19_000] if len(tex) > 19_000 else tex)
    assert made.problem and made.svg is None


def test_an_unknown_engine_is_an_error() -> None:
    with pytest.raises(KeyError):
        maths.engine("quill")


# --- in a document ----------------------------------------------------------------------------------------------


def test_embedding() -> None:
    def math(tex: str) -> dict[str, object]:
        return {"t": "Math", "c": [{"t": "InlineMath"}, tex]}

    blocks = [{"t": "Para", "c": [math("x"), math(r"\bad"), math("y"), math(r"\bad")]}]
    document, findings = maths.embed({"meta": {}, "blocks": blocks}, "en", "papers/loom.md")
    assert [node["t"] for node in document["blocks"][0]["c"]] == ["RawInline", "Code", "RawInline", "Code"]
    assert document["blocks"][0]["c"][1]["c"] == [["", ["tex"], []], r"\bad"]
    assert [place(item) for item in findings] == [("X150", r"\bad", 1), ("X150", r"\bad", 2)]


def place(item: Diagnostic) -> tuple[str, str, int]:
    return item.code, item.location.token, item.location.nth


# --- maths that is not closed -----------------------------------------------------------------------------------

UNCLOSED = {
    "let $x^2 and more": [(4, "$")],
    r"with $\alpha": [(5, "$")],
    "$x + y = z ends": [(0, "$")],
    "$a$ and $b_1": [(8, "$")],
    "$x^2 $ has a space before its end": [(0, "$")],
    "then $ x^2 $ here": [(5, "a dollar sign before a space")],
    "$$a=b": [(0, "$$")],
    "$$\na=b\n\nc=d\n$$\n": [(0, "$$ with an empty line before its end")],
    "one $$a$$ two $$b": [(14, "$$")],
    r"see \[ x^2 and": [(4, r"\[")],
    r"see \( x_1 and": [(4, r"\(")],
    "\\begin{align}\na\n\nb\n\\end{align}\n": [(0, r"\begin{align} with an empty line before its end")],
    r"a \begin{equation} x": [(2, r"\begin{equation}")],
    r"x \end{equation}": [(2, r"\end{equation}")],
    # nothing of the kind
    "cost $5 and $6": [],
    "US$ 415 million, US$415, $1,000–$2,000, $3.5k": [],
    "5$ per kg and 6$": [],
    "US$415 and $x$": [],
    "$HOME_DIR, ${HOME} and $var_name": [],
    "cost is $100_000": [],
    r"\[sic] and [a link](b)": [],
    r"escaped \$x^2": [],
    "$$\na=b\n$$\n\n$$c$$": [],
    "$x$ and $y$, $z$.": [],
    "$f(x)$2 more $a$": [],
    "a $ sign and another $ sign": [],
    "\\begin{align}\na\\\\\nb\n\\end{align}\n": [],
    "no maths": [],
}


@pytest.mark.parametrize("text", UNCLOSED)
def test_unclosed(text: str) -> None:
    assert maths.unclosed(text) == UNCLOSED[text]


@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the corpus of real papers is not here")
def test_no_false_alarm_in_real_papers() -> None:
    alarms = []
    for path in sorted((SHARED / "corpus").rglob("*.md")):
        source = Source(path.name, path.read_text("utf-8", errors="replace"))
        alarms += [f"{path.parent.name}:{source.place(offset)} {what}" for offset, what in maths.unclosed(source.prose)]
    assert not alarms


def test_time_is_linear_in_the_text() -> None:
    """A megabyte of dollars must not take minutes."""
    for text in (" " * 200_000, "$x^2 " * 20_000, "$" * 100_000, r"\[ x^2 " * 20_000, r"\begin{align}" * 10_000):
        maths.unclosed(text)


# --- MathJax ----------------------------------------------------------------------------------------------------


def mathjax() -> maths.Engine:
    try:
        return maths.engine("mathjax")
    except MissingProgram as error:
        pytest.skip(f"{error}; {error.advice}")


# TeX → what its speech in English says; the formulas that only MathJax knows come last.
SPOKEN = {
    r"\frac{a}{b} + x^2": "a over b plus x squared",
    r"\sqrt{y}": "the square root of y",
    r"\bm{x}": "bold italic x",
    r"\SI{5}{\meter}": "5 m",  # which MathJax does not know, but pandoc does
    r"\cancel{x}": "crossed out x",
    r"\def\a{b}\a": "b",
}


def test_mathjax_draws_and_speaks() -> None:
    engine = mathjax()
    made = maths.render([Formula(tex) for tex in SPOKEN], "en-GB", engine)
    for item in made:
        assert item.problem is None and item.svg and item.svg.width > 0
        assert (item.speech.words, item.speech.lang) == (SPOKEN[item.formula.tex], "en")
        root = ElementTree.fromstring(item.mathml)
        assert root.tag == M + "math" and root.findtext(f".//{M}annotation") == item.formula.tex
        assert "data-" not in item.svg.data and "currentColor" in item.svg.data
    assert made == maths.render([Formula(tex) for tex in SPOKEN], "en-GB", engine), "the same every time"


@pytest.mark.parametrize("name", maths.ENGINES)
def test_the_first_line_of_a_multline_stands_left_and_the_last_right(name: str) -> None:
    """Each at least two em from the other side, whatever the page is."""
    engine = mathjax() if name == "mathjax" else maths.engine(name)
    lines = r"xxxxx \\ x \\ xxxxx"
    texs = [f"\\begin{{{name}}} {lines} \\end{{{name}}}" for name in ("gathered", "multline")]
    one, other = maths.render([Formula(tex, True) for tex in texs], "en", engine)
    assert one.svg and other.svg and one.svg.width + 1.99 < other.svg.width < one.svg.width + 3


# TeX, the same without what takes room, and how much that is in em (TeXbook, chapter 18): mu are eighteenths.
ROOM = {
    r"x \quad x": ("xx", 1),
    r"x \, x": ("xx", 3 / 18),
    "x = x": (r"xx\text{=}", 10 / 18),
    "x + x": (r"xx\text{+}", 8 / 18),
}


@pytest.mark.parametrize("tex", ROOM)
def test_spaces_are_as_wide_as_tex_has_them(tex: str) -> None:
    bare, room = ROOM[tex]
    wide, narrow = drawn(tex).svg, drawn(bare).svg
    assert wide and narrow and wide.width - narrow.width == pytest.approx(room, abs=0.03)


def test_fences_are_as_high_as_their_commands_say() -> None:
    heights = [item.height for name in ("", r"\big", r"\Big", r"\bigg", r"\Bigg") if (item := drawn(f"{name}( x").svg)]
    assert heights == sorted(heights) and heights[-1] == pytest.approx(3, abs=0.2)


def test_mathjax_stands_on_the_line_as_ziamath_does() -> None:
    texs = ["x", "p", r"\frac{a}{b}", r"\sqrt{x}"]
    one = maths.render([Formula(tex) for tex in texs], "en", mathjax())
    other = maths.render([Formula(tex) for tex in texs], "en", maths.engine("ziamath"))
    for first, second in zip(one, other, strict=True):
        assert first.svg and second.svg
        assert first.svg.depth == pytest.approx(second.svg.depth, abs=0.12)
        assert first.svg.height == pytest.approx(second.svg.height, rel=0.35)


@pytest.mark.parametrize(("lang", "spoken", "words"), [
    ("de-AT", "de", "a geteilt durch b"), ("fr", "fr", "a sur b"), ("no", "nb", ""), ("kk", "en", "a over b"),
])  # fmt: skip
def test_speech_in_the_language_or_in_english_marked_as_such(lang: str, spoken: str, words: str) -> None:
    made = maths.render([Formula(r"\frac{a}{b}")], lang, mathjax())[0]
    assert made.speech.lang == spoken and words in made.speech.words and made.speech.words


def test_mathjax_refuses_what_would_reach_out() -> None:
    texs = [r"\require{html}x", r"\href{javascript:alert(1)}{x}", r"\unknown", r"\def\a{x\a}\a", r"\frac{"]
    made = maths.render([Formula(tex) for tex in ["a", *texs, "b"]], "en", mathjax())
    assert [item.svg is None for item in made] == [False, True, True, True, True, True, False]
    assert all(item.problem for item in made[1:-1])


def test_an_absent_engine_is_an_error_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCEEDINGS_DATA", str(tmp_path))
    with pytest.raises(MissingProgram) as caught:
        maths.engine("mathjax")
    assert "doctor --install" in caught.value.advice


def test_the_space_behind_a_function_stands_behind_its_index_in_print() -> None:
    from proceedings.maths import mathml, ziamath

    (made,) = mathml.convert([Formula(r"\max_j x", display=False)])
    row = [item.tag for item in ziamath._adapted(made.mathml).iter() if item.tag != "math"]
    assert row == ["msub", "mi", "mi", "mspace", "mi"]
