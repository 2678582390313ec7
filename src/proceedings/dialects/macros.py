"""TeX macros that a paper defines in its metadata: MyST's `math:`, and definitions in `header-includes`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = re.compile(r"\\[A-Za-z]+")
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator\*?|def)\*?[ \t]*(?:\{\\[A-Za-z]+\}|\\[A-Za-z]+)"
    r"(?:\[[^\]\n]*\]|#\d)*[ \t]*(?=\{)"
)


def definitions(settings: Mapping[str, Any]) -> str:
    """The macros as TeX that pandoc reads at the head of a text; '' without any."""
    lines = [line for field in ("math", "macros") for line in _listed(settings.get(field))]
    lines += _written(settings.get("header-includes"))
    return "".join(f"{line}\n" for line in lines) + "\n" * bool(lines)


def _listed(macros: Any) -> Iterator[str]:
    r"""`{'\half': '\frac{#1}{2}'}`, also with the body as `macro` beside a title."""
    for name, body in macros.items() if isinstance(macros, dict) else ():
        body = body.get("macro") if isinstance(body, dict) else body
        if not isinstance(body, str) or not _NAME.fullmatch(name if name.startswith("\\") else f"\\{name}"):
            continue
        count = max((int(number) for number in re.findall(r"#(\d)", body)), default=0)
        yield f"\\newcommand{{\\{name.lstrip(chr(92))}}}{f'[{count}]' if count else ''}{{{body}}}"


def _written(value: Any) -> Iterator[str]:
    """The definitions among TeX that is meant for a preamble; the rest of it is for another program."""
    for item in value if isinstance(value, list) else [value]:
        text = item.get("text", "") if isinstance(item, dict) else item
        if not isinstance(text, str):
            continue
        for found in _DEFINITION.finditer(text):
            end = _closing(text, found.end())
            if end and "\n\n" not in text[found.start() : end]:
                yield " ".join(text[found.start() : end].split("\n"))


def _closing(text: str, opening: int) -> int:
    """The offset after the brace that closes the one at `opening`; 0 if none does."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.S).finditer(text, opening):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return 0
