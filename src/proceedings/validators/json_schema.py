"""JSON Schema: volume.yaml and papers' metadata against the schemas that this program gives to editors' tools, and the
CSL-JSON that it exports against the schema of CSL.

YAML is read as such tools read it (YAML 1.2: only `true` and `false` are truth values, a date is text). The schema of a
contribution describes our own form only: a paper that is written as for other tools is read, but not described by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from proceedings import installation
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict

DATA = Path(__file__).parent.parent / "data"
_CSL = "commonmeta/resources/csl-data.json"
_MOST = 10  # problems of one file that are told
_LONGEST = 160  # characters of one message

Lines = dict[tuple[str | int, ...], int]  # path of a value → the line on which it stands


# --- what is validated ------------------------------------------------------------------------------------------------


class _Unreadable(Exception):
    """A file that is not YAML or JSON, or needs more than a reader of plain data."""


def _metadata(text: str) -> str:
    """The YAML at the head of a paper, on the lines on which it stands; '' where there is none."""
    if not text.startswith("---"):
        return ""
    end = next((text.find(f"\n{mark}", 3) for mark in ("---", "...") if text.find(f"\n{mark}", 3) >= 0), -1)
    return "" if end < 0 else "\n" + text[text.index("\n") + 1 : end + 1]


def _read_yaml(text: str) -> tuple[Any, Lines]:
    import yaml

    if any(isinstance(event, yaml.AliasEvent) for event in _events(text)):
        raise _Unreadable("it has YAML aliases, which may multiply without bound")
    try:
        node = yaml.compose(text, Loader=_loader())
        lines: Lines = {}
        return (None if node is None else _plain(node, (), lines)), lines
    except yaml.YAMLError as error:
        raise _Unreadable(f"it is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise _Unreadable("its values are nested too deep") from None


def _events(text: str) -> Iterator[Any]:
    import yaml

    try:
        yield from yaml.parse(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise _Unreadable(f"it is not YAML: {str(error).splitlines()[0]}") from None


@cache
def _loader() -> Any:
    """A loader that tells the types of YAML 1.2's core schema."""
    import re

    import yaml

    class Core(yaml.BaseLoader):
        pass

    for name, pattern, first in (
        ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+", list("-+0123456789")),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+0123456789.")),
    ):
        Core.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"^(?:{pattern})$"), first)
    return Core


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
}


def _plain(node: Any, path: tuple[str | int, ...], lines: Lines) -> Any:
    import yaml

    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value, (*path, str(key.value)), lines) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, number), lines) for number, item in enumerate(node.value)]
    return _SCALARS.get(node.tag.rpartition(":")[2], str)(node.value)


def _read_json(text: str) -> tuple[Any, Lines]:
    try:
        return json.loads(text), {}
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"it is not JSON: {error}") from None


# --- running ----------------------------------------------------------------------------------------------------------


@cache
def _validator(path: Path) -> Any:
    from jsonschema.validators import validator_for

    schema = json.loads(path.read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


def _run(
    read: Callable[[str], tuple[Any, Lines]], tool: Tool, paths: Sequence[Path]
) -> Mapping[Path, Verdict | NoVerdict]:
    return {path: _verdict(read, tool, path) for path in paths}


def _verdict(read: Callable[[str], tuple[Any, Lines]], tool: Tool, path: Path) -> Verdict | NoVerdict:
    try:
        data, lines = read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return (Problem("it is not UTF-8"),)
    except _Unreadable as error:
        return (Problem(str(error)),)
    if data is None:
        return NoVerdict("they have no metadata of their own")
    checker = _validator(tool.path)
    if tool.path.name == "contribution.schema.json" and not _is_own(data, tool.path):
        return NoVerdict("their metadata are written as for other tools, which the schema does not describe")
    found = (_problem(error, lines) for error in checker.iter_errors(data))
    return tuple(sorted(set(found), key=lambda problem: (problem.line or 0, problem.message)))[:_MOST]


def _problem(error: Any, lines: Lines) -> Problem:
    from jsonschema.exceptions import best_match

    best = best_match([error]) or error
    path = tuple(best.absolute_path)
    place = ".".join(str(part) for part in path)
    message = " ".join(best.message.split())
    shown = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
    line = next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), None)
    return Problem(f"{place}: {shown}" if place else shown, str(best.validator), line=line)


# Fields that hold what others define: CSL items, and translations by their language.
_FREE = frozenset({"references", "translations", "funding-statement"})


def _is_own(data: Any, schema: Path) -> bool:
    """Whether all fields of metadata are ours: those of the record where it begins, any below."""
    top = json.loads(schema.read_text(encoding="utf-8"))["properties"]
    return not isinstance(data, dict) or (data.keys() <= top.keys() and _known_fields(data) <= _fields(schema))


def _known_fields(data: Any) -> set[str]:
    """The names of all fields of metadata, but those of `_FREE`."""
    if isinstance(data, list):
        return {name for item in data for name in _known_fields(item)}
    if not isinstance(data, dict):
        return set()
    inside = (_known_fields(value) for name, value in data.items() if name not in _FREE)
    return {*data, *(name for names in inside for name in names)}


@cache
def _fields(path: Path) -> frozenset[str]:
    """Every field that a schema describes somewhere."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    records = [schema, *schema["$defs"].values()]
    return frozenset(name for record in records for name in record.get("properties", {}))


# --- the three rows ---------------------------------------------------------------------------------------------------


def _located(find: Callable[[], Path | Missing], version: str) -> Tool | Missing:
    from importlib import metadata

    try:
        library = metadata.version("jsonschema")
    except metadata.PackageNotFoundError:
        return Missing("jsonschema is not installed", "pip install jsonschema")
    path = find()
    return path if isinstance(path, Missing) else Tool(version, path, f"jsonschema {library}")


def _own(name: str) -> Tool | Missing:
    import hashlib

    path = DATA / f"{name}.schema.json"
    return _located(lambda: path, hashlib.sha256(path.read_bytes()).hexdigest()[:8])


def _locate_csl() -> Tool | Missing:
    row = installation.package("commonmeta-py")

    def find() -> Path | Missing:
        folder = installation.find(row.name)
        path = next(folder.rglob("csl-data.json"), None) if folder else None
        advice = f"run `{installation.INSTALL_COMMAND}`"
        return path or Missing(f"{row.name} {row.version} is not installed", advice)

    return _located(find, f"{row.name} {row.version}")


def _is_paper(path: Path) -> bool:
    return path.suffix in (".md", ".markdown", ".qmd", ".Rmd")


def _is_csl_json(path: Path) -> bool:
    """Whether a file is a list of CSL items, as this program exports them."""
    if path.suffix != ".json":
        return False
    with path.open("rb") as handle:
        return handle.read(64).lstrip().startswith(b"[")


_VOLUME = b"title: A sample\npublisher: {name: P}\npublished: 2026-01-02\n"
_PAPER = b"---\ntitle: A sample\nkind: op-ed\nauthors:\n  - {given: Jo, family: Doe}\n---\n\nWords.\n"
_ITEMS = b'[{"id": "doe2026", "type": "article-journal", "title": "A sample"}]\n'

VOLUME = Validator(
    name="JSON Schema of volume.yaml",
    applies=lambda path: path.name == "volume.yaml",
    in_process=True,
    locate=partial(_own, "volume"),
    run=partial(_run, _read_yaml),
    samples=lambda: Samples(".yaml", _VOLUME, (_VOLUME + b"pubisher: P\n", _VOLUME.replace(b"name", b"nome"))),
)
CONTRIBUTION = Validator(
    name="JSON Schema of a contribution",
    applies=_is_paper,
    in_process=True,
    locate=partial(_own, "contribution"),
    run=partial(_run, lambda text: _read_yaml(_metadata(text))),
    samples=lambda: Samples(".md", _PAPER, (_PAPER.replace(b"op-ed", b"sonnet"), _PAPER.replace(b"title", b"lang"))),
)
CSL_JSON = Validator(
    name="CSL-JSON",
    applies=_is_csl_json,
    in_process=True,
    locate=_locate_csl,
    run=partial(_run, _read_json),
    samples=lambda: Samples(".json", _ITEMS, (_ITEMS.replace(b"article-journal", b"sonnet"), _ITEMS[:-10])),
)
