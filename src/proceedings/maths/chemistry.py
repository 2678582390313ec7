r"""Chemical formulas: \ce{…} as the LaTeX package mhchem reads it → TeX that every converter reads.

The common notation is written out: formulas, charges, isotopes, bonds, coefficients, states, arrows with words over and
under them. A \ce that uses more stays as it is, so that the author is told that it cannot be converted (X150).
"""

from __future__ import annotations

import re

_ARROWS = {
    "<=>": r"\rightleftharpoons", "<->": r"\leftrightarrow", "->": r"\rightarrow", "<-": r"\leftarrow",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<arrow><=>|<->|->|<-)(?:\[(?P<over>[^][]*)\])?(?:\[(?P<under>[^][]*)\])?"
    r"|\$(?P<math>[^$]*)\$"
    r"|(?P<command>\\[A-Za-z]+)"
    r"|\^(?:\{(?P<up>[^{}]*)\}|(?P<charge>\d*[+-]|\d+|[a-z*])(?![A-Za-z]))"
    r"|_(?:\{(?P<down>[^{}]*)\}|(?P<index>\w))"
    r"|(?P<gas>\^|(?<=\s)v)(?=\s|$)"
    r"|(?P<variable>(?<![A-Za-z])[a-z](?=\s))"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<number>\d+(?:[./]\d+)?)"
    r"|(?P<sign>[+-])"
    r"|(?P<bond>[=#])"
    r"|(?P<dot>[*.])"
    r"|(?P<bracket>[][(),])"
    r"|(?P<space>\s+)"
)


def written_out(tex: str) -> str:
    r"""TeX with every \ce{…} that can be, written out."""
    at = tex.find(r"\ce{")
    while at >= 0:
        end = _closing(tex, at + 3)
        made = _formula(tex[at + 4 : end]) if end else None
        if made is None:
            at = tex.find(r"\ce{", at + 4)
            continue
        tex = f"{tex[:at]}{{{made}}}{tex[end + 1 :]}"
        at = tex.find(r"\ce{", at + len(made))
    return tex


def _closing(tex: str, opening: int) -> int:
    """Where the brace that opens at `opening` is closed; 0 where it is not."""
    depth = 0
    for at in range(opening, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[at], 0)
        if depth == 0:
            return at
    return 0


def _formula(content: str) -> str | None:
    """What a \\ce holds as TeX; None where it uses what is not known here."""
    parts: list[str] = []
    at, follows = 0, False  # whether a digit or sign belongs to what stands before it
    while at < len(content):
        found = _TOKEN.match(content, at)
        made = _written(found, follows, content[found.end() :]) if found else None
        if found is None or made is None:
            return None
        parts.append(made)
        at = found.end()
        kind = found.lastgroup or ""
        closes = kind == "bracket" and found["bracket"] in ")]"
        follows = closes or kind in ("letters", "up", "charge", "down", "index") or (kind == "number" and follows)
    return "".join(parts)


def _written(found: re.Match[str], follows: bool, rest: str) -> str | None:
    """One token as TeX."""
    if found["arrow"]:
        return _arrow(found)
    if found["sign"]:
        ends = not rest or rest[0] in " )],"
        return f"^{{{found['sign']}}}" if follows and ends else found["sign"]
    base = "" if follows else "{}"
    raised, lowered = found["up"] or found["charge"], found["down"] or found["index"]
    made = {
        "math": found["math"], "command": f"{found['command']} ", "variable": found["variable"],
        "up": f"{base}^{{{raised}}}", "charge": f"{base}^{{{raised}}}",
        "down": f"{base}_{{{lowered}}}", "index": f"{base}_{{{lowered}}}",
        "gas": r"\uparrow " if found["gas"] == "^" else r"\downarrow ", "letters": rf"\mathrm{{{found['letters']}}}",
        "number": f"_{{{found['number']}}}" if follows else found["number"],
        "bond": {"=": "{=}", "#": r"{\equiv}"}.get(found["bond"] or ""), "dot": r"\cdot ",
        "bracket": found["bracket"], "space": r"\,",
    }  # fmt: skip
    return made.get(found.lastgroup or "")


def _arrow(found: re.Match[str]) -> str | None:
    sign = _ARROWS[found["arrow"]]
    over, under = (_formula(words or "") for words in (found["over"], found["under"]))
    if over is None or under is None:
        return None
    sign = rf"\overset{{{over}}}{{{sign}}}" if over else sign
    return rf"\underset{{{under}}}{{{sign}}}" if under else f"{sign} "


__all__ = ["written_out"]
