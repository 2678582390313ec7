"""BibTeX and BibLaTeX: bibtexparser finds the entries, their lines and their faults; pandoc converts the sound ones."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from proceedings import pandoc
from proceedings.bibliography import MAX_ENTRIES, MAX_ENTRY, Entry, Item, Library, converted, unusable_key
from proceedings.diagnostics import Diagnostic, Location, finding

MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])

# Entry types of BibTeX, of BibLaTeX's manual (§ 2.1) and those that Zotero and JabRef write.
TYPES = frozenset(
    [
        "article",
        "artwork",
        "audio",
        "bibnote",
        "book",
        "bookinbook",
        "booklet",
        "collection",
        "commentary",
        "conference",
        "data",
        "dataset",
        "electronic",
        "image",
        "inbook",
        "incollection",
        "inproceedings",
        "inreference",
        "jurisdiction",
        "legal",
        "legislation",
        "letter",
        "manual",
        "mastersthesis",
        "misc",
        "movie",
        "music",
        "mvbook",
        "mvcollection",
        "mvproceedings",
        "mvreference",
        "online",
        "patent",
        "performance",
        "periodical",
        "phdthesis",
        "proceedings",
        "reference",
        "report",
        "review",
        "set",
        "software",
        "standard",
        "suppbook",
        "suppcollection",
        "suppperiodical",
        "techreport",
        "thesis",
        "unpublished",
        "video",
        "webpage",
        "www",
        "xdata",
    ]
)


def read(path: str, text: str) -> Library:
    """The entries of a .bib file whose line ends are \\n."""
    from bibtexparser import model
    from bibtexparser.splitter import Splitter

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # its warnings are our findings
    text, findings = _bounded(text, path)
    strings: dict[str, str] = {}
    sound: list[Entry] = []
    blocks: list[Any] = Splitter(text).split().blocks
    for block in blocks:
        place = Location(path, (block.start_line or 0) + 1, 1)
        if isinstance(block, model.DuplicateBlockKeyBlock):
            block = _inner(block)  # told when the keys of the whole library are known
        if isinstance(block, model.DuplicateFieldKeyBlock):
            names = ", ".join(sorted(f"'{name}'" for name in block.duplicate_keys))
            message = f"the entry '{_inner(block).key}' has the field {names} more than once"
            findings.append(finding("C005", message, place, "Keep one of them."))
            block = _inner(block)
        if isinstance(block, model.ParsingFailedBlock):
            findings.append(_broken(block, place))
        elif isinstance(block, model.String):
            strings[block.key.lower()] = str(block.raw)
        elif isinstance(block, model.ImplicitComment) and re.search(r"^\s*@\s*\w+", str(block.raw), re.MULTILINE):
            findings.append(_stray(str(block.raw), place))
        elif isinstance(block, model.Entry):
            entry, faults = _examined(block, place, strings)
            findings.extend(faults)
            if entry is not None:
                sound.append(entry)
    findings.extend(_orphans(sound))
    circular = _circular(sound)
    for entry in (entry for entry in sound if entry.key in circular):
        message = f"the entry '{entry.key}' takes fields from itself, directly or through others, and is left out"
        findings.append(finding("C009", message, entry.field("crossref", "xdata"), "Break the circle."))
    sound = [entry for entry in sound if entry.key not in circular]
    macros = "\n".join(raw for raw in strings.values() if not _NOT_UTF8.search(raw))
    done, refused = _converted(sound, macros)
    return Library(tuple(done), (*findings, *refused))


def raw_fields(text: str) -> list[tuple[str, dict[str, str]]]:
    """Key and fields of every entry, as they are written. ValueError where one is not BibTeX."""
    from bibtexparser.entrypoint import parse_string

    library = parse_string(text)
    if library.failed_blocks:
        raise ValueError("an entry is not BibTeX")
    return [(entry.key, {field.key.lower(): str(field.value) for field in entry.fields}) for entry in library.entries]


_BEGINNING = re.compile(r"^[ \t]*@\s*\w+\s*[{(]", re.MULTILINE)


def _bounded(text: str, path: str) -> tuple[str, list[Diagnostic]]:
    """The text up to the last entry that may be read: bibtexparser takes 4 kB of memory for each."""
    surplus = next(islice(_BEGINNING.finditer(text), MAX_ENTRIES, None), None)
    if surplus is None:
        return text, []
    place = Location(path, text.count("\n", 0, surplus.start()) + 1, 1)
    told = finding("C019", f"more than {MAX_ENTRIES:,} entries are not read", place, "Keep only what is cited.")
    return text[: surplus.start()], [told]


def _inner(block: Any) -> Any:
    """The entry that bibtexparser holds back for its key or a field."""
    return block.ignore_error_block


def _broken(block: Any, place: Location) -> Diagnostic:
    head = re.match(r"@\s*(\w+)\s*[{(]\s*([^,\s{}]*)", block.raw)
    name = f"'{head.group(2)}'" if head and head.group(2) else "without a key"
    offset, reason = _unclosed(block.raw)
    if not reason:
        reason = " ".join(str(getattr(block.error, "abort_reason", block.error)).split()).rstrip(" .")
        reason = reason[:1].lower() + reason[1:]
    message = f"the entry {name} cannot be read and is left out: {reason}"
    place = Entry("", {}, place, block.raw).at(offset)
    return finding("C003", message, place, "Balance its braces and quotes, and put a comma after every field.")


_TOKEN = re.compile(r"\\.|[{}\"]|(?P<line>^[ \t]*)?(?P<name>[A-Za-z][\w-]*)\s*=\s*(?P<mark>[{\"]?)", re.MULTILINE)


def _unclosed(raw: str) -> tuple[int, str]:
    """What in an entry's text is not closed, and where it begins; (0, '') where nothing is found.

    A field swallows what follows: it is the one before a line that begins as a field does, deep in braces or quotes.
    """
    depth, quoted, opened = 0, False, (0, "")
    for found in _TOKEN.finditer(raw):
        token, name = found.group(), found["name"]
        if name and depth == 1 and not quoted:
            mark = {"{": "brace", '"': "quotation mark"}.get(found["mark"], "")
            opened = (found.start("name"), f"the {mark} of its field '{name}' is not closed") if mark else (0, "")
        elif name and found["line"] is not None and opened[1]:
            return opened
        quoted ^= token.endswith('"') and depth == 1 and token != '\\"'
        depth += 1 if token.endswith("{") and token != "\\{" else -1 if token == "}" else 0
    if depth == 1 and not quoted:
        return 0, "the brace that closes it is missing"
    return opened if depth > 0 else (0, "")


def _stray(raw: str, place: Location) -> Diagnostic:
    line = next(number for number, part in enumerate(raw.split("\n")) if part.lstrip().startswith("@"))
    message = "this looks like an entry without its braces, and is left out"
    return finding("C003", message, replace(place, line=(place.line or 1) + line), "Write @type{key, field = {value}}.")


_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # a byte as `surrogateescape` decodes it


def _examined(block: Any, place: Location, strings: dict[str, str]) -> tuple[Entry | None, list[Diagnostic]]:
    """A block as an entry still without its item, or None if pandoc must not see it; and its faults."""
    entry = Entry(block.key, {}, place, block.raw)
    stray = _NOT_UTF8.search(block.raw)
    if stray:
        message = (
            f"the entry '{block.key}' has the byte {ord(stray[0]) - 0xDC00:#04x}, which is not UTF-8, and is left out"
        )
        return None, [finding("C003", message, entry.at(stray.start()), "Save the file as UTF-8.")]
    fault = unusable_key(block.key)
    if fault:
        hint = "Use letters, digits and - _ . : / in keys."
        return None, [finding("C006", f"the key '{block.key}' {fault}", place, hint)]
    if len(block.raw) > MAX_ENTRY:
        message = f"the entry '{block.key}' has {len(block.raw):,} characters and is left out"
        return None, [finding("C003", message, place, f"Shorten it to {MAX_ENTRY:,} characters.")]
    findings = []
    kind = block.entry_type.lower()
    if kind not in TYPES:
        message = f"'@{block.entry_type}' is not an entry type of BibTeX or BibLaTeX; it is taken as @misc"
        findings.append(finding("C008", message, place, "Use a type such as @article, @book or @inproceedings."))
    fields: dict[str, str] = {}
    for field in block.fields:
        fields.setdefault(field.key.lower(), re.sub(r'^[{"]|[}"]$', "", field.value.strip()).strip())
        skeleton = _skeleton(field.value)
        if not _VALUE.fullmatch(skeleton):
            fault = "no comma follows" if "=" in skeleton else "something stands behind"
            message = f"the entry '{block.key}' cannot be read and is left out: {fault} its field '{field.key}'"
            hint = "Put each value in one pair of braces, and a comma after it."
            return None, [*findings, finding("C003", message, entry.at(_start(block, field)), hint)]
        for macro in re.findall(r"[A-Za-z][^\s#]*", skeleton):
            if macro.lower() not in strings and macro.lower() not in MONTHS:
                message = f"'{macro}' in '{field.key}' of '{block.key}' is not defined by an @string before it"
                start = _start(block, field)
                spot = entry.at(max(start, block.raw.find(macro, start + len(field.key))))
                hint = f"Define it, or write {{{macro}}} if it is meant as text."
                findings.append(finding("C007", message, spot, hint))
        if field.key.lower() in ("author", "editor") and re.search(r"\band\s+others\s*[}\"]?$", field.value):
            message = f"the {field.key} list of '{block.key}' ends in 'and others', so the other names are not known"
            start = _start(block, field)
            others = re.compile(r"\band\s+others").search(block.raw, start)
            spot = entry.at(others.start() if others else start)
            findings.append(finding("C017", message, spot, "Give all the names; the style shortens the list itself."))
    item: Item = {}
    for name in ("retracted", "crossref", "xdata"):
        if fields.get(name):
            item[name] = fields[name]
    return replace(entry, item=item), findings


def _start(block: Any, field: Any) -> int:
    """Where a field begins in its entry's text."""
    lines = str(block.raw).split("\n")[: (field.start_line or 0) - (block.start_line or 0)]
    raw = str(block.raw)
    return max(raw.find(field.key, sum(len(line) + 1 for line in lines)), 0)


_VALUE = re.compile(r"\s*(?:(?:\0|[^\s#=\0]+)\s*(?:#\s*(?:\0|[^\s#=\0]+)\s*)*)?")


_ONE_TEXT = re.compile(r"\{[^{}]*\}")


def _skeleton(value: str) -> str:
    """A field's value with a NUL for each text in braces or quotes: `acm # "Press"` → `acm # \\0`."""
    if _ONE_TEXT.fullmatch(value):
        return "\0"
    parts, depth, quoted = [], 0, False
    for character in value:
        outside = depth == 0 and not quoted
        if character == '"' and depth == 0:
            quoted = not quoted
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not outside:
            continue
        parts.append("\0" if character in '{"' else character)
    return "".join(parts)


def _parents(entry: Entry) -> list[str]:
    return [
        parent
        for name in ("crossref", "xdata")
        for parent in re.split(r"\s*,\s*", str(entry.item.get(name, "")))
        if parent
    ]


def _circular(entries: Sequence[Entry]) -> set[str]:
    """The keys of entries from which following parents never ends: pandoc would follow them for ever."""
    keys = {entry.key for entry in entries}
    parents = {entry.key: keys.intersection(_parents(entry)) for entry in reversed(entries)}
    children: dict[str, list[str]] = {}
    for key, above in parents.items():
        for up in above:
            children.setdefault(up, []).append(key)
    ending = [key for key, above in parents.items() if not above]
    for key in ending:  # which grows
        for child in children.get(key, ()):
            parents[child].discard(key)
            if not parents[child]:
                ending.append(child)
    return keys.difference(ending)


def _above(keys: Sequence[str], parents: Mapping[str, Sequence[str]]) -> list[str]:
    """The entries from which those of `keys` take fields, directly or through others, and which are not among them."""
    found: dict[str, None] = dict.fromkeys(keys)
    left = list(keys)
    while left:
        for up in parents[left.pop()]:
            if up in parents and up not in found:
                found[up] = None
                left.append(up)
    return list(found)[len(keys) :]


def _orphans(entries: Sequence[Entry]) -> list[Diagnostic]:
    """Entries that inherit from one that is not there."""
    keys = {entry.key for entry in entries}
    found = []
    for entry in entries:
        for name in ("crossref", "xdata"):
            for parent in filter(None, re.split(r"\s*,\s*", str(entry.item.get(name, "")))):
                if parent not in keys:
                    message = f"'{entry.key}' takes fields from '{parent}' ({name}), which is not in this file"
                    hint = f"Add '{parent}', or write the fields into '{entry.key}'."
                    found.append(finding("C009", message, entry.field(name), hint))
    return found


def _converted(entries: Sequence[Entry], strings: str) -> tuple[list[Entry], list[Diagnostic]]:
    """`entries` with pandoc's items; those that pandoc refuses are findings."""
    # pandoc takes the last of two entries of a key, and the first must win: later ones get a key of their own.
    texts = _distinct(entries)
    parents = {key: _parents(entry) for entry, key in zip(entries, texts, strict=True)}

    def convert(keys: list[str]) -> tuple[dict[str, Item], str]:
        return _items([texts[key] for key in [*keys, *_above(keys, parents)]], strings)

    items, guilty = converted(list(texts), convert)
    faults = []
    for entry, key in zip(entries, texts, strict=True):
        if key in guilty:
            message = f"the entry '{entry.key}' cannot be read and is left out: {guilty[key]}"
            faults.append(finding("C003", message, entry.location, "Correct the entry's TeX."))
    done = []
    for entry, key in zip(entries, texts, strict=True):
        item = items.get(key)
        if item is None:
            if not entry.raw.lower().startswith("@xdata") and key not in guilty:
                message = f"the entry '{entry.key}' gave no reference and is left out"
                faults.append(finding("C003", message, entry.location, "Look for a fault in its fields."))
            continue
        if entry.item.get("retracted", "").lower() not in ("", "no", "false", "0"):
            item = {**item, "custom": {"retracted": entry.item["retracted"]}}
        if "container-title" in item:
            item = {**item, "container-title": re.sub(r'<span class="nocase">|</span>', "", item["container-title"])}
        done.append(replace(entry, item=item))
    return done, faults


def _items(texts: Sequence[str], strings: str) -> tuple[dict[str, Item], str]:
    """pandoc's items of some entries by key, or why it refuses them."""
    if not texts:
        return {}, ""
    try:
        output, _ = pandoc.run(strings + "\n" + "\n".join(texts), ["-f", "biblatex", "-t", "csljson"])
    except pandoc.PandocError as error:
        return {}, " ".join(str(error).split())
    return {str(item["id"]): item for item in json.loads(output)}, ""


def _distinct(entries: Sequence[Entry]) -> dict[str, str]:
    """The text of each entry, in order, under a key that no other entry has."""
    taken = {entry.key for entry in entries}
    texts: dict[str, str] = {}
    for entry in entries:
        key = entry.key
        while key in texts:
            key += "-"
            while key in taken:
                key += "-"
        raw = _whole_titles(_URL.sub(r"\1{\2}", _YEARS.sub(r"date\1\2/\3\4", entry.raw)))
        texts[key] = raw if key == entry.key else raw.replace(entry.key, key, 1)
    return texts


# "year = {2011/2012}" and "{2011--2012}": pandoc reads ranges in `date` only.
_YEARS = re.compile(r"\byear(\s*=\s*[{\"])(\d{4})\s*(?:/|--?|–)\s*(\d{4})([}\"])", re.IGNORECASE)


# "url = {\url{https://…}}": pandoc takes the command for a part of the address.
_URL = re.compile(r"\b(url\s*=\s*)[{\"]\s*\\url\{([^{}]*)\}\s*[}\"]", re.IGNORECASE)

_BOOK_TITLE = re.compile(r"\b(?:booktitle|maintitle|eventtitle)\s*=\s*([{\"])", re.IGNORECASE)


def _whole_titles(raw: str) -> str:
    """`raw` with titles of books in braces: pandoc makes "The Oxford Handbook" "The oxford handbook"."""
    for found in reversed(list(_BOOK_TITLE.finditer(raw))):
        closing, depth = ("}" if found.group(1) == "{" else '"'), 0
        for at in range(found.end(), len(raw)):
            if raw[at] == closing and depth == 0:
                raw = f"{raw[: found.end()]}{{{raw[found.end() : at]}}}{raw[at:]}"
                break
            depth += {"{": 1, "}": -1}.get(raw[at], 0)
    return raw
