"""What one formula may cost, told from its TeX before any program sees it."""

from __future__ import annotations

import re
from functools import cache

MAX_LENGTH = 20_000  # characters, also after its macros are written out
MAX_DEPTH = 100  # groups within groups

_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|[gex]?def|let)\*?\s*\{?\s*(\\[a-zA-Z]+|\\.)\s*\}?"
    r"(?:\s*\[[^\]]*\]|\s*#\d)*\s*(?=\{)"
)
_COMMAND = re.compile(r"\\(?:[a-zA-Z]+|.)", re.S)


def excess(tex: str) -> str:
    """Why a formula is too much to convert, or "" if it is not."""
    if len(tex) > MAX_LENGTH:
        return f"has {len(tex):,} characters; the limit is {MAX_LENGTH:,}"
    if _depth(tex) > MAX_DEPTH:
        return f"has groups within groups, more than {MAX_DEPTH} deep"
    length = expanded_length(tex)
    if length > MAX_LENGTH:
        return f"has macros that make more than {MAX_LENGTH:,} characters of it"
    return ""


def _depth(tex: str) -> int:
    """How deep groups, fences, environments and bare scripts are nested."""
    deepest = depth = scripts = 0
    for found in re.finditer(
        r"\\\\|\\[{}]|([{^_]|\\left(?![a-zA-Z])|\\begin\b)|(\}|\\right(?![a-zA-Z])|\\end\b)|(\s+)|.", tex, re.S
    ):
        if found[1] in ("^", "_"):
            scripts += 1
        elif found[1]:
            depth += 1
        elif found[2]:
            depth, scripts = max(0, depth - 1), 0
        elif not found[3] and not re.match(r"\w", found[0]):
            scripts = 0
        deepest = max(deepest, depth + scripts)
    return deepest


def expanded_length(tex: str) -> int:
    """About how long TeX is with the macros written out that it defines itself; a macro of itself is endless."""
    bodies: dict[str, str] = {}
    rest, end = [], 0
    for found in _DEFINITION.finditer(tex):
        if found.start() < end:
            continue
        rest.append(tex[end : found.start()])
        end = _closing(tex, found.end())
        bodies[found[1]] = tex[found.end() + 1 : end - 1]
    rest.append(tex[end:])

    limit, endless = MAX_LENGTH + 1, 10**9

    @cache
    def length(name: str, above: tuple[str, ...]) -> int:
        if name in above or len(above) > 50:
            return endless
        return total(bodies[name], (*above, name))

    def total(text: str, above: tuple[str, ...]) -> int:
        size = len(text)
        for found in _COMMAND.finditer(text):
            if found[0] in bodies:
                size += length(found[0], above)
                if size > limit:
                    break
        return size

    return total("".join(rest), ())


def _closing(tex: str, opening: int) -> int:
    """The offset after the brace that closes the one at `opening`."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.S).finditer(tex, opening):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(tex)
