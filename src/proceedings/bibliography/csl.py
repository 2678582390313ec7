"""CSL-JSON and CSL-YAML: each item read on its own, so that a fault costs one item and has a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from proceedings import pandoc, yaml_reader
from proceedings.bibliography import MAX_ENTRY, Entry, Item, Library, converted
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.source import Source


def read_json(path: str, text: str) -> Library:
    """CSL-JSON: a list of items, or an object with such a list under `items` or `references`."""
    findings: list[Diagnostic] = []
    entries = []
    whole = Source(path, text)
    for start, chunk in _objects(text):
        place = whole.place(start)
        try:
            item = json.loads(chunk)
        except (json.JSONDecodeError, RecursionError) as error:
            if isinstance(error, json.JSONDecodeError):
                place = Location(path, (place.line or 1) + error.lineno - 1, error.colno)
            reason = getattr(error, "msg", "too deeply nested")
            message = f"this item is not JSON and is left out: {reason[:1].lower()}{reason[1:]}"
            findings.append(finding("C003", message, place, "Balance braces and quotes, and look for a lost comma."))
            continue
        entry, fault = _entry(item, place, chunk)
        findings.extend([fault] if fault else [])
        entries.extend([entry] if entry else [])
    if not entries and not findings and text.strip() not in ("", "[]"):
        message = "this is not CSL-JSON: no list of items is in it"
        findings.append(finding("C019", message, Location(path, 1), "Export CSL-JSON again."))
    return Library(tuple(entries), tuple(findings))


def _objects(text: str) -> Iterator[tuple[int, str]]:
    """The offset and text of every object of the outermost list, whether it is sound or not.

    Only braces outside strings count. An unclosed item ends where the next line opens one at the same depth of indent.
    """
    scanner = re.compile(r'"(?:\\.|[^"\\\n])*"|[\[\]{}]')
    opened = re.search(r"\[", text)
    if opened is None:
        return
    depth, start, indent = 0, -1, None
    for found in scanner.finditer(text, opened.end()):
        mark = found.group()
        if mark == "{":
            if depth and indent is not None and _indent(text, found.start()) == indent:
                yield start, text[start : found.start()]
                depth = 0
            if depth == 0:
                start, indent = found.start(), _indent(text, found.start())
            depth += 1
        elif mark == "}" and depth:
            depth -= 1
            if depth == 0:
                yield start, text[start : found.end()]
        elif mark == "]" and depth == 0:
            return
    if depth:
        yield start, text[start:]


def _indent(text: str, offset: int) -> int | None:
    """How far the character at `offset` is indented if it is the first of its line, else None."""
    begin = offset
    while begin and text[begin - 1] in " \t":
        begin -= 1
    return offset - begin if begin == 0 or text[begin - 1] == "\n" else None


def _entry(item: Any, place: Location, raw: str, *, shaped: bool = True) -> tuple[Entry | None, Diagnostic | None]:
    if not isinstance(item, dict) or not isinstance(item.get("id"), (str, int)) or isinstance(item.get("id"), bool):
        message = "this item has no `id`, so it cannot be cited and is left out"
        return None, finding("C006", message, place, "Give it an id.")
    if len(raw) > MAX_ENTRY:
        message = f"the item '{item['id']}' has {len(raw):,} characters and is left out"
        return None, finding("C003", message, place, f"Shorten it to {MAX_ENTRY:,} characters.")
    fault = _misshapen(item) if shaped else ""
    if fault:
        message = f"the item '{item['id']}' is left out: {fault}"
        return None, finding("C003", message, place, "See the CSL-JSON schema for its form.")
    return Entry(str(item["id"]), item, place, raw), None


NAMES = frozenset(
    [
        "author",
        "chair",
        "collection-editor",
        "compiler",
        "composer",
        "container-author",
        "contributor",
        "curator",
        "director",
        "editor",
        "editorial-director",
        "editor-translator",
        "executive-producer",
        "guest",
        "host",
        "illustrator",
        "interviewer",
        "narrator",
        "organizer",
        "original-author",
        "performer",
        "producer",
        "recipient",
        "reviewed-author",
        "script-writer",
        "series-creator",
        "translator",
    ]
)


def _misshapen(item: dict[str, Any]) -> str:
    """What in `item` is of a shape that no citation processor reads, or ''."""
    for name, value in item.items():
        if name in NAMES:
            if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
                return f"`{name}` is not a list of names"
            if not all(isinstance(text, (str, bool, int)) for part in value for text in part.values()):
                return f"a name of `{name}` has something else than text in it"
        elif name in ("title", "container-title", "publisher", "type", "DOI", "URL") and not isinstance(
            value, (str, int)
        ):
            return f"`{name}` is not text"
    return ""


# --- YAML -------------------------------------------------------------------------------------------------------


def read_yaml(path: str, text: str) -> Library:
    """CSL-YAML as pandoc reads it: `references:` with a list of items, or only the list; strings are Markdown."""
    findings: list[Diagnostic] = []
    records: list[dict[str, Any]] = []
    places: list[Location] = []
    raws: list[str] = []
    for line, chunk in _records(text):
        record, problems = _composed(chunk, path, line)
        findings += problems
        if record is None:
            continue
        records.append(record)
        places.append(Location(path, line, 1))
        raws.append(chunk)
    if not records and not findings and text.strip():
        message = "this is not CSL-YAML: no list of `references:` is in it"
        findings.append(finding("C019", message, Location(path, 1), "Begin with `references:`."))
    library = from_records(records, places, raws)
    return Library(library.items, (*findings, *library.findings))


def _records(text: str) -> Iterator[tuple[int, str]]:
    """The first line (from 1) and the text of every item of the outermost list."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if re.match(r"\s*-\s", line + " ")]
    starts = [number for number in starts if not re.match(r"(---|\.\.\.)\s*$", lines[number])]
    if not starts:
        return
    level = min(_dash(lines[number]) for number in starts)
    starts = [number for number in starts if _dash(lines[number]) == level]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start:end]
        for number, line in enumerate(body[1:], 1):
            if line.strip() and len(line) - len(line.lstrip()) <= level and not line.lstrip().startswith("#"):
                body = body[:number]  # the list is over
                break
        yield start + 1, "\n".join(body)


def _dash(line: str) -> int:
    return len(line) - len(line.lstrip())


def _composed(chunk: str, path: str, line: int) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
    """One item, which begins on a line of a file: every scalar a string; None where it is none, and why."""
    if len(chunk) > MAX_ENTRY:
        return None, [_left_out(f"it has {len(chunk):,} characters", Location(path, line, 1))]
    value, problems = yaml_reader.read_yaml(chunk, path, line)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0], problems
    if not problems:
        return None, [_left_out("it is not a mapping", Location(path, line, 1))]
    return None, [_left_out(problem.message, problem.location) for problem in problems]


def _left_out(why: str, place: Location) -> Diagnostic:
    message = f"this item is not YAML and is left out: {why}"
    return finding("C003", message, place, "Check its indentation and quotes.")


def from_records(records: Sequence[Any], places: Sequence[Location], raws: Sequence[str] = ()) -> Library:
    """Items as YAML has them (Markdown in strings, dates in any form of pandoc's) → CSL items, by one run of pandoc."""
    findings: list[Diagnostic] = []
    entries: list[Entry] = []
    for number, (record, place) in enumerate(zip(records, places, strict=True)):
        raw = raws[number] if raws else json.dumps(record, ensure_ascii=False, indent=1, default=str)
        entry, fault = _entry(record, place, raw, shaped=False)
        findings.extend([fault] if fault else [])
        entries.extend([entry] if entry else [])
    # A number in place of the key: pandoc must not merge two records of one key.
    numbered = {str(number): {**_texts(entry.item), "id": str(number)} for number, entry in enumerate(entries)}
    items, guilty = converted(list(numbered), lambda names: _items([numbered[name] for name in names]))
    for name, reason in guilty.items():
        message = f"the item '{entries[int(name)].key}' is left out: {reason}"
        findings.append(finding("C003", message, entries[int(name)].location, "See pandoc's manual, `references`."))
    done = []
    for number, entry in enumerate(entries):
        item = items.get(str(number))
        if item is None:
            continue
        if "custom" not in item and entry.item.get("retracted"):
            item["custom"] = {"retracted": str(entry.item["retracted"])}
        done.append(Entry(entry.key, {**item, "id": entry.key}, entry.location, entry.raw))
    return Library(tuple(done), tuple(findings))


def _items(references: Sequence[dict[str, Any]]) -> tuple[dict[str, Item], str]:
    """pandoc's items of some records by id, or why it refuses them."""
    try:
        output, _ = pandoc.run("", ["-f", "markdown", "-t", "csljson"], metadata={"references": references})
    except pandoc.PandocError as error:
        return {}, " ".join(str(error).split())
    return {item["id"]: item for item in json.loads(output)}, ""


_VERBATIM = ("DOI", "URL")
_CSL_MARKUP = re.compile(r"<(?!/?(?:i|b|sc|su[bp]|span|em|strong)\b)")  # any other tag is text


def _texts(item: dict[str, Any]) -> dict[str, Any]:
    """`item` as Markdown that says the same: identifiers with their signs escaped (`_` in a DOI), and strange tags."""
    return {
        name: re.sub(r"([\\`*_{}\[\]()#+!~^$<>|@\"'-])", r"\\\1", str(value)) if name in _VERBATIM else _tags(value)
        for name, value in item.items()
        if value is not None
    }


def _tags(value: Any) -> Any:
    if isinstance(value, str):
        for tag, sign in (("i", "*"), ("b", "**"), ("sup", "^"), ("sub", "~")):
            value = re.sub(rf"<{tag}>([^<>]*)</{tag}>", rf"{sign}\1{sign}", value)
        return _CSL_MARKUP.sub(r"\<", value)
    if isinstance(value, list):
        return [_tags(part) for part in value]
    if isinstance(value, dict):
        return {name: _tags(part) for name, part in value.items()}
    return value
