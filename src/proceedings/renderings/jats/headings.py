"""What a heading's words say of its section."""

from __future__ import annotations

import re

from proceedings.document import Node, classes, text

# The values that JATS suggests for sec-type, by the heading's words.
_SECTION_TYPES = {
    "intro": r"introduction",
    "methods": r"methods?|methodology|materials and methods|methods and materials",
    "results": r"results?",
    "discussion": r"discussion",
    "conclusions": r"conclusions?|concluding remarks",
    "cases": r"cases?|case (reports|studies)",
    "supplementary-material": r"supplementary (materials?|information)|supporting information",
    "data-availability": r"data( and (code|materials?))? (availability|accessibility)( statement)?",
}


def section_type(heading: Node) -> str | None:
    """The sec-type of a heading's section, where its words tell one."""
    if "appendix" in classes(heading):
        return "appendix"
    words = re.sub(r"^[\divx.]+\s+", "", text(heading["c"][2]).strip().lower()).rstrip(".:")
    return next((name for name, pattern in _SECTION_TYPES.items() if re.fullmatch(pattern, words)), None)


_REFERENCE_TITLES = frozenset(
    "references|bibliography|works cited|literature|literature cited|referencias|referências|références|literatur"
    "|literaturverzeichnis|список литературы|литература|әдебиеттер|пайдаланылған әдебиеттер".split("|")
)


def is_references_title(words: str) -> bool:
    """Whether a heading stands over a list of references."""
    return words.strip().lower() in _REFERENCE_TITLES
