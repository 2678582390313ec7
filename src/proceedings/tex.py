r"""TeX's accents and letters in the words of metadata: `Erd\H{o}s`, `{\"u}ber`, `Stra{\ss}e` → the letters they print.

Bibliographies are read by pandoc, which knows them; in Markdown `\"o` is a quotation mark with a letter behind it, and
a name is never Markdown.
"""

from __future__ import annotations

import re
import unicodedata

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307", '"': "\u0308",
    "u": "\u0306", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<open>\{)?(?:"
    r"""\\(?:(?P<sign>[`'^~=."])(?:\s+(?=\{))?|(?P<name>[urHvdckb])(?:(?=\s*\{)\s*|\s+))"""
    r"(?:\{\s*(?P<braced>\\[ij](?![A-Za-z])|[^\W\d_])\s*\}|(?P<bare>\\[ij](?![A-Za-z])|[^\W\d_]))"
    r"|\\(?P<letter>" + "|".join(sorted(LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|(?:[ \t]+)(?=\w))?"
    r")(?(open)\})"
)
_VERBATIM = re.compile(
    r"(\$\$.*?\$\$|(?<!\\)\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|`[^`]*`|\\begin\{.*?\\end\{\w+\*?\})", re.S
)


def without_accents(text: str) -> str:
    r"""`Kurt G\"odel` → 'Kurt Gödel', outside of formulas and code. What prints no letter stays as it is."""
    if "\\" not in text:
        return text
    parts = _VERBATIM.split(text)
    return "".join(part if number % 2 else _TOKEN.sub(_letter, part) for number, part in enumerate(parts))


def _letter(match: re.Match[str]) -> str:
    if match["letter"]:
        return LETTERS[match["letter"]]
    accent = match["sign"] or match["name"]
    base = (match["braced"] or match["bare"]).lstrip("\\")
    before, after = match.string[: match.start()][-1:], match.string[match.end() :]
    if not match["open"] and match["bare"] and accent in "'\"":
        if before.isalpha() and base.isupper():  # O\'Brien
            return match[0].removeprefix("\\")
        if not before.isalpha() and re.search(rf"\w\W?\\{accent}(?!\w)", after):  # \"only\", a quotation
            return match[0]
    return composed(base, accent) or match[0]


def composed(letter: str, accent: str) -> str:
    """One character for a letter (`\\i` for i without its dot) with an accent; '' where Unicode has none."""
    made = unicodedata.normalize("NFC", letter.lstrip("\\") + ACCENTS[accent])
    return made if len(made) == 1 else ""
