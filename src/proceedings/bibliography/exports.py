"""CSL items → BibTeX, RIS and CSL-JSON, for readers' reference managers. What is exported can be loaded again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from proceedings import pandoc
from proceedings.bibliography import Item

# CSL type → RIS type; others are GEN.
_TYPES = {
    "article": "INPR", "article-journal": "JOUR", "article-magazine": "MGZN",
    "article-newspaper": "NEWS", "bill": "BILL",
    "book": "BOOK", "chapter": "CHAP", "dataset": "DATA", "entry-dictionary": "DICT", "entry-encyclopedia": "ENCYC",
    "figure": "FIGURE", "graphic": "ART", "hearing": "HEAR", "legal_case": "CASE", "legislation": "STAT",
    "manuscript": "MANSCPT", "map": "MAP", "motion_picture": "MPCT", "paper-conference": "CPAPER", "patent": "PAT",
    "personal_communication": "PCOMM", "post-weblog": "BLOG", "report": "RPRT", "software": "COMP", "song": "SOUND",
    "speech": "SLIDE", "standard": "STAND", "thesis": "THES", "webpage": "ELEC",
}  # fmt: skip

_TAGS = (
    ("title", "TI"), ("container-title", "T2"), ("container-title-short", "J2"), ("collection-title", "T3"),
    ("volume", "VL"), ("issue", "IS"), ("edition", "ET"), ("publisher", "PB"), ("publisher-place", "CY"), ("DOI", "DO"),
    ("URL", "UR"), ("ISBN", "SN"), ("ISSN", "SN"), ("language", "LA"), ("abstract", "AB"),
    ("note", "N1"), ("genre", "M3"), ("reviewed-title", "RI"),
)  # fmt: skip

_NAMES = (("author", "AU"), ("editor", "A2"), ("collection-editor", "A3"), ("translator", "A4"))


# The fields of CSL-JSON 1.0.2.
_FIELDS = frozenset(
    """
    DOI ISBN ISSN PMCID PMID URL abstract accessed annote archive archive-place archive_collection
    archive_location author authority available-date call-number categories chair chapter-number citation-key
    citation-label citation-number collection-editor collection-number collection-title compiler composer
    container-author container-title container-title-short contributor curator custom dimensions director
    division edition editor editorial-director event event-date event-place event-title executive-producer
    first-reference-note-number genre guest host id illustrator interviewer issue issued journalAbbreviation
    jurisdiction keyword language locator medium narrator note number number-of-pages number-of-volumes
    organizer original-author original-date original-publisher original-publisher-place original-title page
    page-first part part-title performer printing producer publisher publisher-place recipient references
    reviewed-author reviewed-genre reviewed-title scale script-writer section series-creator shortTitle source
    status submitted supplement title title-short translator type version volume volume-title volume-title-short
    year-suffix
    """.split()
)


def csl_json(items: Sequence[Item]) -> str:
    """CSL-JSON, with keys in a fixed order. What a library has besides CSL's fields goes to `custom`."""
    return json.dumps([_in_fields(item) for item in items], ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _in_fields(item: Item) -> Item:
    others = {name: value for name, value in item.items() if name not in _FIELDS}
    if not others:
        return item
    given = item.get("custom")
    custom = {**(given if isinstance(given, dict) else {}), **others}
    return {**{name: value for name, value in item.items() if name in _FIELDS}, "custom": custom}


def bibtex(items: Sequence[Item]) -> str:
    """BibTeX by pandoc, in UTF-8. Keys that BibTeX cannot have are made of what it can."""
    if not items:
        return ""
    taken: set[str] = set()
    keyed = []
    for item in items:
        key = re.sub(r"[^\w:./+-]+", "_", str(item["id"])) or "work"
        while key in taken:
            key += "_"
        taken.add(key)
        keyed.append(
            {**_reviewed(item), **{name: value for name, value in item.items() if name != "custom"}, "id": key}
        )
    output, _ = pandoc.run(json.dumps(keyed, ensure_ascii=False), ["-f", "csljson", "-t", "bibtex", "--wrap=none"])
    entries = re.split(r"\n+(?=@)", output.strip())
    if len(entries) != len(keyed):  # not as pandoc writes today
        return output
    return "\n\n".join(_finished(entry, item) for entry, item in zip(entries, keyed, strict=True)) + "\n"


def _reviewed(item: Item) -> Item:
    """What a review reviews: BibTeX has no field for it but the note."""
    authors = ", ".join(map(_name, item.get("reviewed-author") or ()))
    work = ", by ".join(part for part in (str(item.get("reviewed-title") or ""), authors) if part)
    return {"note": f"Review of {work}"} if work else {}


def _finished(entry: str, item: Item) -> str:
    """An entry as BibTeX's own styles want it: titles in their case, macros for months, dashes in ranges."""
    for field, variable in (("title", "title"), ("booktitle", "container-title")):
        if item.get(variable):
            line = f"  {field} = {{{_title(str(item[variable]), str(item.get('language') or 'en'))}}},"
            head, found, tail = entry.partition(f"\n  {field} = ")
            entry = head + "\n" + line + "\n" + tail.partition("\n")[2] if found else entry
    entry = re.sub(r"(?m)^  month = \{(\w{3})\}(,?)$", r"  month = \1\2", entry)
    entry = re.sub(r"(?m)^(  pages = \{[\dA-Za-z.]+)[-–]([\dA-Za-z.]+\},?)$", r"\1--\2", entry)
    source = str(item.get("container-title") or "")
    if source and not re.search(r"(?m)^  (booktitle|journal|howpublished) = ", entry):  # BibTeX has it of few types
        line = f"  howpublished = {{{_title(source, str(item.get('language') or 'en'))}}}"
        entry = ",\n".join([entry.rstrip().removesuffix("}").rstrip().removesuffix(","), line]) + "\n}"
    return _identified(entry, item)


# CSL's markup in titles, and TeX's. A formula ($x^2$) is TeX already.
_MARKUP = {"i": "emph", "b": "textbf", "sup": "textsuperscript", "sub": "textsubscript", "sc": "textsc"}
_PIECE = re.compile(
    r"(\$[^$<>]*[\\^_{][^$<>]*\$)|<(/?)(i|b|sup|sub|sc|span)\b[^<>]*>|([^\W_]+(?:[’'-][^\W_]+)*)|(.)", re.DOTALL
)
_ESCAPED = {**{mark: f"\\{mark}" for mark in "&%#_${}"}, "\\": "\\textbackslash{}", "<": "\\textless{}",
            ">": "\\textgreater{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}  # fmt: skip


def _title(title: str, language: str) -> str:
    """A title as TeX, in its own case; words that BibTeX's styles would take the capitals from stand in braces.

    Where most words of an English title have a capital, it is in title case, which a style may change: then only
    words with capitals inside ("DNA", "iPhone") are protected.
    """
    plain = re.sub(r"<[^<>]*>", " ", title).strip()
    words = re.findall(r"[^\W\d_]{4,}", plain.partition(" ")[2])
    capitals = sum(word[0].isupper() for word in words)
    cased = language.lower().startswith("en") and capitals > 1 and capitals >= 0.6 * len(words)
    parts: list[str] = []
    closing: list[str] = []
    first = True
    for formula, end, markup, word, mark in _PIECE.findall(title):
        if markup and end:
            parts.append(closing.pop() if closing else "")
        elif markup:
            command = _MARKUP.get(markup)
            parts.append(f"\\{command}{{" if command else "{")
            closing.append("}")
        elif word:
            inner = word[1:] if first or cased else word
            parts.append(f"{{{word}}}" if inner.lower() != inner else word)
            first = False
        else:
            parts.append(formula or _ESCAPED.get(mark, mark))
    return "".join([*parts, *closing])


def _identified(entry: str, item: Item) -> str:
    """A BibTeX entry with the identifiers that pandoc leaves out of BibTeX, though every style of today prints them."""
    lines = [
        f"  {field} = {{{item[variable]}}}"
        for field, variable in (("doi", "DOI"), ("url", "URL"), ("isbn", "ISBN"), ("issn", "ISSN"))
        if item.get(variable)
        and not re.search(rf"(?m)^\s*{field}\s*=", entry)
        and not re.search(r"[{}]", str(item[variable]))
    ]
    head = entry.rstrip().removesuffix("}").rstrip().removesuffix(",")
    return ",\n".join([head, *lines]) + ",\n}"


def ris(items: Sequence[Item]) -> str:
    """RIS with one record for each item."""
    return "\n".join("\r\n".join([*_record(item), "ER  - ", ""]) for item in items)


def _record(item: Item) -> list[str]:
    lines = [("TY", _TYPES.get(str(item.get("type")), "GEN")), ("ID", str(item["id"]))]
    for variable, tag in _NAMES:
        lines += [(tag, _name(name)) for name in item.get(variable) or ()]
    lines += [(tag, str(item[variable])) for variable, tag in _TAGS if item.get(variable)]
    first, _, last = str(item.get("page") or "").replace("–", "-").partition("-")
    lines += [(tag, value.strip()) for tag, value in (("SP", first), ("EP", last)) if value]
    date = [str(part) for part in ((item.get("issued") or {}).get("date-parts") or [[]])[0]]
    if date:
        lines.append(("PY", date[0]))
        lines.append(("DA", "/".join([date[0], *(part.zfill(2) for part in date[1:])])))
    lines += [("KW", word.strip()) for word in str(item.get("keyword") or "").split(",") if word.strip()]
    return [f"{tag}  - {_line(value)}" for tag, value in lines]


def _name(name: dict[str, Any]) -> str:
    if "literal" in name:
        return str(name["literal"])
    particles = " ".join(str(name[part]) for part in ("dropping-particle", "non-dropping-particle") if name.get(part))
    family = f"{particles} {name.get('family', '')}".replace("- ", "-").strip()
    return ", ".join(str(part) for part in (family, name.get("given"), name.get("suffix")) if part)


def _line(value: str) -> str:
    """A value on one line, without CSL's markup."""
    return " ".join(re.sub(r"</?(?:i|b|sc|su[bp]|span)\b[^>]*>", "", value).split())
