r"""TeX's accents in running text (`P\'olya`, `na\"ive`, `\~{n}`), which Markdown takes for escaped punctuation.

Only what is unmistakable is changed: with braces always; without them inside a word, where the letter takes the accent
and the text does not write quotation marks or apostrophes (`don\'t`) in the same way, as some converters do.
"""

from __future__ import annotations

import re

from proceedings import tex

_COMMAND = re.compile(rf"(?<!\\)\{{\\({'|'.join(tex.LETTERS)})\}}")
_BRACED = re.compile(r"""(?<!\\)(?P<open>\{)?\\(?P<accent>['"`^~=.])\{(?P<letter>\\[ij]|[^\W\d_])\}(?(open)\})""")
_GROUPED = re.compile(r"""(?<!\\)\{\\(?P<accent>['"`^~=.])(?P<letter>\\[ij]|[^\W\d_])\}""")
_NAMED = re.compile(r"""(?<!\\)\{\\(?P<accent>[vuHckrdb])(?:\{|[ ]+)(?P<letter>[^\W\d_])\}?\}""")
_DOTLESS = re.compile(r"""(?<!\\)\\(?P<accent>['"`^~=.])(?P<letter>\\[ij])(?:\{\}|(?![A-Za-z])[ ]?)""")
_BARE = {
    "'": re.compile(r"(?<=[^\W\d_])\\(?P<accent>')(?P<letter>[aeiouyczsnlr])(?![^\W_]*\\')|"
                    r"(?<![\\\w])\\(?P<accent_>')(?P<letter_>[AEIOUYaeiou])(?=[^\W\d_])", re.I),
    '"': re.compile(r"(?<=[^\W\d_])\\(?P<accent>\")(?P<letter>[aeiouy])|"
                    r"(?<![\\\w])\\(?P<accent_>\")(?P<letter_>[aeiouAEIOU])(?=[^\W\d_])", re.I),
    "`": re.compile(r"(?<=[^\W\d_])\\(?P<accent>`)(?P<letter>[aeiou])", re.I),
    "^": re.compile(r"(?<=[^\W\d_])\\(?P<accent>\^)(?P<letter>[aeiouycghjsw])(?=[^\W\d_])", re.I),
    "~": re.compile(r"(?<=[^\W\d_])\\(?P<accent>~)(?P<letter>[aoniu])", re.I),
}  # fmt: skip
# Where the same sign is punctuation: not before a letter, or before the end of a contraction, or behind an elision.
_PUNCTUATION = {
    "'": re.compile(r"\\'(?![^\W\d_]|[{\\])|[^\W\d_]\\'(?:s|t|d|m|re|ll|ve|em)(?![^\W\d_])"
                    r"|(?<![^\W\d_])(?:[ldcnj]|qu|dell|all|nell|sull|un)\\'[^\W\d_]", re.I),
    '"': re.compile(r"\\\"(?![^\W\d_]|[{\\])"),
    "`": re.compile(r"\\`(?![^\W\d_]|[{\\])"),
}  # fmt: skip


def punctuation(text: str) -> set[str]:
    """The signs that a text escapes as punctuation, so that before a bare letter they may be no accents."""
    return {sign for sign, pattern in _PUNCTUATION.items() if pattern.search(text)}


def composed(prose: str, escaped: set[str]) -> str:
    """A piece of prose with its accents composed; `escaped`: the signs that are punctuation in this text."""
    if "\\" not in prose:
        return prose
    for pattern in (_BRACED, _GROUPED, _NAMED, _DOTLESS):
        prose = pattern.sub(_letter, prose)
    prose = _COMMAND.sub(lambda found: tex.LETTERS[found[1]], prose)
    for sign, pattern in _BARE.items():
        if sign not in escaped:
            prose = pattern.sub(_letter, prose)
    return prose


def _letter(found: re.Match[str]) -> str:
    groups = {name.rstrip("_"): value for name, value in found.groupdict().items() if value}
    return tex.composed(groups["letter"], groups["accent"]) or found[0]
