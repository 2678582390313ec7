"""Positioned data → records: every error at once, each at the author's line and in our own words.

A bad value costs only itself: it is told, left out, and the rest is validated again. Only a record without a
field that it cannot do without (a contribution's title) is not made. Nothing is coerced silently or invented.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import ValidationError

from proceedings import identifiers, model
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.identifiers import InvalidIdentifier
from proceedings.model import Record
from proceedings.source import Map, key_location, location_of

R = TypeVar("R", bound=Record)
Path = tuple[str | int, ...]  # of a value in a record: ('contributors', 0, 'orcid')

_IDENTIFIER_RULES: dict[Callable[[str], str], str] = {
    identifiers.doi: "I001",
    identifiers.issn: "I002",
    identifiers.orcid: "I003",
    identifiers.ror: "I004",
    identifiers.isbn: "I005",
    identifiers.language: "I006",
    identifiers.country: "I007",
}

_IDENTIFIER_HINTS = {
    "I001": "Copy it from the work's own page: 10.1234/suffix.",
    "I002": "Copy it from portal.issn.org.",
    "I003": "Copy it from the person's page at orcid.org.",
    "I004": "Look the organisation up at ror.org.",
    "I005": "Compare it with the notice of the ISBN agency.",
    "I006": "Use the short tag: en, kk, pt-BR, zh-Hant.",
    "I007": "Use two capital letters: KZ, BR.",
}

_CONTAINERS = {"tuple": "a list", "model": "a mapping (name: value)", "dict": "a mapping (name: value)"}


class _Error(NamedTuple):
    """One of pydantic's errors, where the author wrote it."""

    type: str
    path: Path
    value: Any
    context: Mapping[str, Any]


def validate(record: Map, kind: type[R], path: str, context: str = "") -> tuple[R | None, list[Diagnostic]]:
    """A record in our own form → an instance of `kind`, and what was wrong.

    `path` is the file that findings name where a value has no place of its own; `context` is what the record
    is called in messages (default: its kind, 'contribution'). Empty values count as absent.
    """
    findings: list[Diagnostic] = []
    dropped: set[Path] = set()
    while True:
        origins: dict[Path, Path] = {}
        try:
            return kind.model_validate(_kept(record, (), (), dropped, origins)), findings
        except ValidationError as failure:
            errors = [_placed(error, record, origins) for error in failure.errors(include_url=False)]
        telling = _Telling(record, kind, path, context or kind.__name__.lower())
        findings.extend(telling.tell(error) for error in _without_repeats(errors))
        lost = {_victim(error) for error in errors}
        if () in lost or lost <= dropped:
            return None, findings
        dropped |= lost


def _kept(value: Any, path: Path, new: Path, dropped: set[Path], origins: dict[Path, Path]) -> Any:
    """Plain data without what is dropped or empty; `origins` maps its paths to those of the record."""
    origins[new] = path
    if isinstance(value, Mapping):
        return {
            str(key): _kept(item, (*path, key), (*new, key), dropped, origins)
            for key, item in value.items()
            if (*path, key) not in dropped and not _is_empty(item)
        }
    if isinstance(value, list | tuple):
        numbers = [i for i, item in enumerate(value) if (*path, i) not in dropped and not _is_empty(item)]
        return [_kept(value[old], (*path, old), (*new, i), dropped, origins) for i, old in enumerate(numbers)]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _placed(error: Any, record: Map, origins: Mapping[Path, Path]) -> _Error:
    loc: Path = tuple(error["loc"])
    known = loc
    while known not in origins:
        known = known[:-1]
    path = origins[known] + loc[len(known) :]
    return _Error(error["type"], path, _value(record, path), error.get("ctx") or {})


def _value(record: Any, path: Path) -> Any:
    """What stands at a path, or None."""
    for step in path:
        try:
            record = record[step]
        except (KeyError, IndexError, TypeError):
            return None
    return record


def _without_repeats(errors: list[_Error]) -> list[_Error]:
    """One of the errors where all items of a list have the same unknown field."""
    found: dict[Path, _Error] = {}
    for error in errors:
        pattern = tuple("*" if isinstance(step, int) else step for step in error.path)
        found.setdefault(pattern if error.type == "extra_forbidden" else error.path, error)
    return list(found.values())


def _victim(error: _Error) -> Path:
    """What has to go for the rest to be valid: the value itself, or what lacks a part that it needs."""
    if error.path and (error.type == "missing" or error.path[-1] == "[key]"):
        return error.path[:-1]
    return error.path


class _Telling:
    """Puts pydantic's errors into our words."""

    def __init__(self, record: Map, kind: type[Record], path: str, context: str) -> None:
        self.record, self.kind, self.path, self.context = record, kind, path, context

    def tell(self, error: _Error) -> Diagnostic:
        if error.type == "value_error":
            return self._refused(error)
        if error.type == "missing":
            return self._missing(error)
        if error.type == "extra_forbidden":
            return self._unknown(error)
        if error.type == "enum":
            return self._not_a_choice(error)
        if error.type.startswith("date"):
            message = f"{_shown(error.value)} is not a date"
            return self._finding("M006", error, message, "Write it as year-month-day: 2024-10-16.")
        if error.type.startswith(("string_pattern", "string_too", "int_", "greater_than")):
            return self._malformed(error)
        return self._wrong_type(error)

    def _finding(self, code: str, error: _Error, message: str, hint: str) -> Diagnostic:
        return finding(code, f"{written(self.record, error.path)}: {message}", self._place(error), hint)

    def _place(self, error: _Error) -> Location:
        """The value's own place, else the nearest that is known above it."""
        place = location_of(self.record, Location(self.path, 1, 1))
        value: Any = self.record
        for step in error.path:
            if isinstance(value, Mapping):
                place = key_location(value, str(step), place)
            value = _value(value, (step,))
            if value is not None and error.type != "extra_forbidden":
                place = location_of(value, place)
        return place

    def _refused(self, error: _Error) -> Diagnostic:
        reason = error.context.get("error")
        if not isinstance(reason, InvalidIdentifier):
            name = written(self.record, error.path) or self.context
            message = f"{name} is left out: {reason}"
            return finding("M007", message, self._place(error), "Add what is missing, or delete the entry.")
        code = self._identifier_rule(error)
        hint = f"Did you mean {reason.suggestion}?" if reason.suggestion else _IDENTIFIER_HINTS[code]
        path = error.path[:-1] if error.path[-1] == "[key]" else error.path
        return self._finding(code, error._replace(path=path), str(reason), hint)

    def _identifier_rule(self, error: _Error) -> str:
        wanted = _type_at(self.kind, error.path)
        for check in wanted.checks:
            if check in _IDENTIFIER_RULES:
                return _IDENTIFIER_RULES[check]
        return "M008"

    def _missing(self, error: _Error) -> Diagnostic:
        field = str(error.path[-1])
        if len(error.path) == 1:
            hint = f"Add `{field}:` to the metadata."
            return finding("M003", f"this {self.context} has no {field}", self._place(error), hint)
        owner = error.path[:-1]
        message, hint = (
            f"it is left out, because it has no `{field}`",
            f"Add `{field}:`, or delete the entry.",
        )
        return self._finding("M007", error._replace(path=owner), message, hint)

    def _unknown(self, error: _Error) -> Diagnostic:
        owner = _type_at(self.kind, error.path[:-1]).record
        fields = sorted(map(_hyphens, owner.model_fields)) if owner else []
        name = str(error.path[-1])
        return unknown_field(written(self.record, error.path[:-1]), name, fields, self._place(error))

    def _not_a_choice(self, error: _Error) -> Diagnostic:
        choices = [str(item.value) for item in _type_at(self.kind, error.path).choices]
        path = error.path[:-1] if error.path[-1] == "[key]" else error.path
        value = error.path[-2] if error.path[-1] == "[key]" else error.value
        near = closest(str(value), choices)
        hint = f"Did you mean {near}? " if near else ""
        hint += f"It may be {', '.join(choices)}."
        message = f"{_shown(value)} is not one of its values"
        return self._finding("M005", error._replace(path=path), message, hint)

    def _malformed(self, error: _Error) -> Diagnostic:
        pattern = str(error.context.get("pattern", ""))
        what = _PATTERNS.get(pattern)
        if what is None:
            what = "a whole number" if error.type.startswith("int") else "of the size that is allowed here"
        hint = _PATTERN_HINTS.get(pattern, "Correct the value, or delete it.")
        return self._finding("M008", error, f"{_shown(error.value)} is not {what}", hint)

    def _wrong_type(self, error: _Error) -> Diagnostic:
        word = error.type.partition("_")[0]
        wanted = _CONTAINERS.get(word) or ("true or false" if word == "bool" else "text")
        hint = "Write the lines under it as a list (- item)." if wanted == "a list" else f"Write {wanted} here."
        if wanted == "text" and isinstance(error.value, Mapping):
            hint = "Put the text in quotes: a colon followed by a space begins a mapping."
        return self._finding("M004", error, f"this should be {wanted}, but is {_kind_of(error.value)}", hint)


# --- words ------------------------------------------------------------------------------------------------


def written(record: Mapping[str, Any], path: Path) -> str:
    """A path as the author would say it: 'authors.0.orcid', although authors stand among the contributors, and
    'corrects.doi', although what a text corrects stands among the related works."""
    if len(path) > 1 and path[0] == "contributors" and isinstance(path[1], int):
        people = record.get("contributors") or []
        same = [_is_author(person) for person in people[: path[1] + 1]]
        author = same[-1] if same else False
        path = ("authors" if author else "contributors", same[:-1].count(author), *path[2:])
    if len(path) > 1 and path[0] == "related" and isinstance(path[1], int):
        names = [_value(work, ("relation",)) for work in record.get("related") or []]
        name = names[path[1]] or "related"
        number = () if names.count(name) == 1 else (names[: path[1]].count(name),)
        path = (name, *number, *path[2:])
    return ".".join(map(str, path))


def _is_author(person: Any) -> bool:
    return not isinstance(person, Mapping) or (person.get("role") or "author") == "author"


def unknown_field(path: str, name: str, fields: Iterable[str], place: Location) -> Diagnostic:
    """The finding for a field that nobody reads: an error where it is plainly a slip for one of `fields`."""
    near = closest(name, (field for field in fields if abs(len(field) - len(name)) <= 2))
    message = f"{path}: " * bool(path) + f"there is no field `{name}`, so its value is not used"
    if near:
        return finding("M002", message, place, f"Did you mean `{near}`?")
    return finding("M001", message, place, "Delete it, or see `proceedings schema`.")


def closest(word: str, choices: Iterable[str]) -> str:
    """The choice that `word` is most likely a slip for, or ''."""
    table = {choice.lower().replace("_", "-"): choice for choice in choices}
    wanted = word.strip().lower().replace("_", "-").replace(" ", "-")
    near = difflib.get_close_matches(wanted, table, 1, cutoff=0.78)
    near += [choice for choice in table if sorted(choice) == sorted(wanted)]  # knid, kind
    return table[near[0]] if near else ""


def _shown(value: Any) -> str:
    """A value as it may stand in a message: short."""
    if not isinstance(value, str):
        return _kind_of(value)
    text = " ".join(value.split())
    return repr(text if len(text) <= 60 else text[:57] + "…")


def _kind_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping (name: value)"
    if isinstance(value, list | tuple):
        return "a list"
    return f"the text {_shown(value)}" if isinstance(value, str) else "nothing"


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


# --- the model's types ------------------------------------------------------------------------------------


class _Wanted(NamedTuple):
    """What the model wants at a path."""

    record: type[Record] | None = None
    choices: tuple[Enum, ...] = ()
    checks: tuple[Any, ...] = ()


def _type_at(kind: type[Record], path: Path) -> _Wanted:
    """Follow a path through the annotations of a record."""
    annotation: Any = kind
    checks: tuple[Any, ...] = ()
    for step in path:
        if isinstance(annotation, type) and issubclass(annotation, Record):
            field = annotation.model_fields.get(str(step).replace("-", "_"))
            if field is None:
                return _Wanted()
            annotation, checks = _bare(field.annotation, tuple(field.metadata))
        elif get_origin(annotation) is dict:
            key, item = get_args(annotation)
            following_key = path[-1] == "[key]" and step == path[-2]
            annotation, checks = _bare(key if following_key else item)
            if following_key:
                break
        elif get_origin(annotation) is tuple:
            annotation, checks = _bare(get_args(annotation)[0])
        else:
            return _Wanted()
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return _Wanted(record=annotation)
    choices = tuple(annotation) if isinstance(annotation, type) and issubclass(annotation, Enum) else ()
    return _Wanted(None, choices, tuple(item.check for item in checks if isinstance(item, model.Check)))


def _bare(annotation: Any, checks: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """An annotation without Optional and Annotated, and what Annotated said."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation, checks = get_args(annotation)[0], (*checks, *annotation.__metadata__)
            continue
        parts = [part for part in get_args(annotation) if part is not NoneType]
        if get_origin(annotation) in (tuple, dict) or len(parts) != 1:
            return annotation, checks
        annotation = parts[0]


def _pattern(annotated: Any) -> str:
    """The regular expression of one of the model's types."""
    marks = [mark for field in annotated.__metadata__ for mark in getattr(field, "metadata", ())]
    return next((str(mark.pattern) for mark in marks if getattr(mark, "pattern", None)), "")


_PATTERNS = {
    _pattern(model.Email): "an e-mail address",
    _pattern(model.Url): "a web address",
    _pattern(model.Slug): "a contribution's short name (slug)",
}

_PATTERN_HINTS = {
    _pattern(model.Email): "Write one address, name@example.org, without words around it.",
    _pattern(model.Url): "Write it in full: https://example.org/page.",
    _pattern(model.Slug): "Use small letters a-z, digits and single hyphens: middle-power-index.",
}
