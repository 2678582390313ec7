"""Numbers as they are printed on pages."""

from __future__ import annotations

_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v",
          4: "iv", 1: "i"}  # fmt: skip


def roman(number: int) -> str:
    """A positive number in small roman numerals."""
    text = ""
    for value, letters in _ROMAN.items():
        count, number = divmod(number, value)
        text += letters * count
    return text


def from_roman(text: str) -> int:
    """The number that well-formed small roman numerals stand for, else 0."""
    total, rest = 0, text
    for value, letters in _ROMAN.items():
        while rest.startswith(letters):
            total, rest = total + value, rest.removeprefix(letters)
    return total if total and not rest and roman(total) == text else 0


def letters(number: int) -> str:
    """A positive number in small letters: a … z, aa, ab …"""
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def list_label(number: int, style: str, delimiter: str) -> str:
    """The number of a list's item as pandoc's styles and delimiters (LowerAlpha, TwoParens …) write it."""
    made = {"Roman": roman, "Alpha": letters}.get(style[5:])
    written = made(number) if made and 0 < number < 5000 else str(number)
    written = written.upper() if style.startswith("Upper") else written
    return {"OneParen": f"{written})", "TwoParens": f"({written})"}.get(delimiter, f"{written}.")
