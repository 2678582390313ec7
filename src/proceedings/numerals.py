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
