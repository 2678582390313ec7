"""What a formula is, before and after it is converted; and what an engine that draws must do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from proceedings.diagnostics import Problem


@dataclass(frozen=True, slots=True)
class Formula:
    """TeX as the author wrote it, without the dollar signs."""

    tex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Svg:
    """A drawn formula in currentColor. Lengths are in em of the text around it; `depth` is how far it reaches below the
    line on which the text stands (CSS: `vertical-align: -depth`)."""

    data: str
    width: float
    height: float
    depth: float


@dataclass(frozen=True, slots=True)
class Speech:
    """How a formula is read aloud; `lang` is the language of the words, or "" where they are only its TeX."""

    words: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A formula in every form that could be made of it."""

    formula: Formula
    mathml: str = ""  # a <math> element
    svg: Svg | None = None
    speech: Speech = Speech("")
    problem: Problem | None = None


class Engine(Protocol):
    """Draws formulas for print. It gets all of a document's at once, with the MathML that pandoc made (or a problem),
    and returns them with `svg`, or with a problem where it cannot draw one; and with better words if it knows how."""

    name: str
    version: str

    def __call__(self, formulas: Sequence[Rendered], lang: str) -> list[Rendered]: ...
