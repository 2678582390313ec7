"""Locator words: `p. 5` under a Russian style, `с. 5` under an English one, put into the words that pandoc will know.

pandoc reads a locator ("p. 5" → page 5) only in the terms of the locale that it prints in; any other word stays as
it is, and the style cannot shape it. So each word is replaced by the target locale's own before the run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from proceedings.citations import locales
from proceedings.citations.locales import CSL
from proceedings.document import SPACE, Node, string

# CSL 1.0.2, appendix "Locators", and the form in which pandoc wants them.
LABELS = frozenset(
    (
        "act appendix article-locator book canon chapter column elocation equation figure folio issue line note opus"
        " page paragraph part rule scene section sub-verbo supplement table timestamp title-locator verse"
        " version volume"
    ).split()
)

# What authors write besides the terms of CSL's locales, or in another sense; no label where it may mean several things.
_WRITTEN = {
    "en": {"pg.": "page", "pgs.": "page", "ch.": "chapter", "chs.": "chapter", "sect.": "section", "eqn.": "equation",
           "eqns.": "equation", "tab.": "table", "app.": "appendix", "ln.": "line", "s. v.": "sub-verbo"},
    "de": {"Abs.": "paragraph", "Abschn.": "section", "Bd.": "volume", "Bde.": "volume", "Art.": "article-locator"},
    "es": {"pág.": "page", "págs.": "page", "pag.": "page", "pags.": "page", "secc.": "section", "núm.": "issue"},
    "fr": {"pg.": "page", "pag.": "page", "chap.": "chapter", "sect.": "section", "t.": "volume"},
    "it": {"pag.": "page", "pagg.": "page"},
    "kk": {"бб.": "page", "тт.": "volume"},
    "pt": {"pág.": "page", "págs.": "page"},
    "ru": {"стр.": "page", "стр": "page", "с": "page", "абз.": "paragraph", "ст.": ""},
    "uk": {"стор.": "page", "ст.": ""},
}  # fmt: skip
_AFTER = ("kk",)  # languages that put the word behind the number: 12-бет


def forms(root: Any) -> dict[str, list[str]]:
    """label → its words in a style's or a file's cs:locale, the short forms first."""
    found: dict[str, list[str]] = {}
    rank = {"short": 0, "": 1, "long": 1, "symbol": 2}
    terms = [term for term in root.iter(f"{{{CSL}}}term") if term.get("name") in LABELS]
    for term in sorted(terms, key=lambda term: rank.get(str(term.get("form") or ""), 3)):
        parts = [term, *term.iterchildren(f"{{{CSL}}}single"), *term.iterchildren(f"{{{CSL}}}multiple")]
        for part in parts:
            word = (part.text or "").strip()
            if word:
                found.setdefault(str(term.get("name")), []).append(word)
    return found


@cache
def _file_words(name: str) -> dict[str, str]:
    root = locales.locale(name)
    return {} if root is None else {word: label for label, words in forms(root).items() for word in words}


class Words:
    """The locator words of a run: those that pandoc knows, by label, and others that authors write."""

    def __init__(self, style_root: Any, target: str, *languages: str) -> None:
        merged: dict[str, list[str]] = {}
        for node in reversed(list(locales.applying(style_root, target))):
            merged.update(forms(node))
        self.target: Mapping[str, list[str]] = merged
        self.known = {word: label for label, words in merged.items() for word in words}
        self.foreign: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self.behind: set[str] = set()
        for name in reversed(("en-US", "en-GB", *dict.fromkeys(languages))):
            language = name.split("-")[0]
            self.foreign.update(_file_words(name))
            self.written.update(_WRITTEN.get(language, {}))
            if language in _AFTER:
                self.behind |= {word.rstrip(".") for word in (*_file_words(name), *_WRITTEN.get(language, {}))}

    def label(self, word: str) -> str:
        """The label that `word` stands for: as the document's language is written, then in the target's terms."""
        if word in self.written:
            return self.written[word]
        for table in (self.known, self.foreign):
            for form in (word, word + ".", word.rstrip(".")):
                if form in table:
                    return table[form]
        lower = {form.lower(): label for table in (self.foreign, self.known) for form, label in table.items()}
        return next((lower[form] for form in (word.lower(), word.lower() + ".") if form in lower), "")


_START = re.compile(
    r"(?P<lead>[\s\u00a0]*,?[\s\u00a0]*\{?[\s\u00a0]*)"
    r"(?P<word>[^\W\d_]+(?:\.[\s\u00a0]?[^\W\d_]+)?\.?|[§¶№]+)"
    r"(?P<gap>[\s\u00a0]*)(?=[\divxlcdmIVXLCDM])"
)


_NUMBER_FIRST = re.compile(r"[\s\u00a0]*,?[\s\u00a0]*\d[\d–-]*?[-\s\u00a0]?(?P<word>[^\W\d_]+)")


def translated(suffix: list[Node], words: Words) -> tuple[list[Node], str]:
    """A mark's suffix with its locator word in the target's terms, and the word if nobody knows it.

    What no style can shape, a word behind its number or one that may mean several things, is kept as it is written.
    """
    count = 0
    for node in suffix:
        if node["t"] not in ("Str", "Space", "SoftBreak"):
            break
        count += 1
    head = "".join(node["c"] if node["t"] == "Str" else " " for node in suffix[:count])
    behind = _NUMBER_FIRST.match(head)
    if behind is not None and behind["word"] in words.behind:
        return [string("{}"), *suffix], ""
    found = _START.match(head)
    if found is None:
        return suffix, ""
    label = words.label(found["word"])
    if not label:
        unknown = found["word"].endswith(".") and head[found.end() : found.end() + 1].isdigit()
        return ([string("{}"), *suffix], found["word"]) if unknown else (suffix, "")
    if found["word"] in words.target.get(label, ()):
        return suffix, ""
    if words.target.get(label):
        word = words.target[label][0] + " "
    elif label == "page":
        word = ""  # a bare number is a page in every locale
    else:
        return suffix, ""
    text = head[: found.end("lead")] + word + head[found.end() :]
    return [*_inlines(text), *suffix[count:]], ""


def _inlines(text: str) -> list[Node]:
    result: list[Node] = []
    for part in re.split(r"( +)", text):
        if part:
            result.append(SPACE if part.isspace() and "\u00a0" not in part else string(part))
    return result
