"""Formulas: TeX → MathML for screens and archives, SVG for print, words for readers who listen.

`render` takes all formulas of a document at once: pandoc runs once, and so does the engine that draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from proceedings.maths.embedding import embed, findings
from proceedings.maths.formulas import Engine, Formula, Rendered, Svg
from proceedings.maths.unclosed import unclosed

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "ENGINES",
    "Engine",
    "Formula",
    "Rendered",
    "Svg",
    "drawn",
    "embed",
    "engine",
    "findings",
    "render",
    "typeface",
    "unclosed",
]

ENGINES = ("ziamath", "mathjax")  # the values of `maths:` in volume.yaml


def engine(name: str) -> Engine:
    """The engine of that name. MissingProgram if it is not installed, KeyError if there is none of that name."""
    if name == "ziamath":
        from proceedings.maths.ziamath import Ziamath

        return Ziamath()
    if name == "mathjax":
        from proceedings.maths.mathjax import MathJax

        return MathJax()
    raise KeyError(name)


Memo = Callable[[str, bytes, Callable[[], bytes]], bytes]  # Workshop.memo


def drawn(formulas: Sequence[Rendered], lang: str, name: str, memo: Memo) -> list[Rendered]:
    """What the engine of that name makes of formulas that have their MathML: once, while they are the same ones."""
    draw, form = engine(name), _form()
    key = b"\0".join([name.encode(), draw.version.encode(), lang.encode(), form.dump_json([*formulas])])
    return form.validate_json(memo("formulas", key, lambda: form.dump_json(draw(formulas, lang))))


@cache
def _form() -> TypeAdapter[list[Rendered]]:
    """How formulas are kept as JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(list[Rendered])


def typeface() -> bytes:
    """A typeface of formulas for browsers, which need one and rarely have one: WOFF."""
    from proceedings.maths import ziamath

    return ziamath.typeface()


def render(formulas: Sequence[Formula], lang: str, draw: Engine | None = None) -> list[Rendered]:
    """Every formula with its MathML and its words in `lang`, and drawn as SVG if an engine is given; in the same order.

    One that cannot be converted has a problem and neither MathML nor SVG: its TeX is to be shown as it is.
    """
    from proceedings.maths.mathml import convert

    unique = list(dict.fromkeys(formulas))
    converted = convert(unique)
    done = draw(converted, lang) if draw else converted
    by_formula = {item.formula: item for item in done}
    return [by_formula[formula] for formula in formulas]
