"""YAML as data that knows where it stands, built event by event: too much of it is noticed before it is in memory.

Scalars stay strings (PyYAML would read NO as false and 12:30 as 750); the model decides types. libyaml's own tree of
nodes is built by recursion in C, which a hundred thousand brackets end together with the whole process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.source import Map, Scalar, Seq, key_location, printable

MAX_VALUES = 50_000  # of a text, aliases counted as often as they are used
MAX_DEPTH = 60  # lists and mappings within each other

_NULL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"


def read_yaml(text: str, path: str, first_line: int = 1) -> tuple[Any, list[Diagnostic]]:
    """YAML text → Map, Seq, Scalar and None. `first_line` is the line of the file at which `text` begins.

    Malformed YAML gives (None, [S010]); a duplicate key keeps its first value and is a finding.
    """
    import yaml

    try:
        builder = _Builder(text, path, first_line)
        return builder.document(), builder.findings
    except _Excess as excess:
        return None, [excess.told]
    except yaml.MarkedYAMLError as error:
        return None, [_malformed(error, path, first_line)]
    except yaml.YAMLError as error:
        place = Location(path, first_line, 1)
        character = getattr(error, "character", None)
        if character is not None:
            shown = f"U+{ord(character) if isinstance(character, str) else character:04X}"
            return None, [
                finding("S010", f"a character that YAML does not allow ({shown})", place, "Delete the character.")
            ]
        return None, [finding("S010", f"malformed YAML: {error}", place)]
    except ValueError as error:
        return None, [finding("S010", f"malformed YAML: {error}", Location(path, first_line, 1))]


def _malformed(error: Any, path: str, first_line: int) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    if error.context_mark and "end of" in (error.problem or ""):
        mark = error.context_mark  # where the quotation or list was opened
    place = Location(path, first_line, 1) if mark is None else Location(path, mark.line + first_line, mark.column + 1)
    problem = (error.problem or "malformed").strip()
    hint = "Check the quotes, colons and indentation of this line and the one above."
    if "mapping values are not allowed" in problem:
        hint = "Put the value in quotes: a colon followed by a space begins a mapping."
    elif "\\t" in problem or "tab" in problem:
        hint = "Indent with spaces; YAML does not allow tabs."
    elif "cannot start any token" in problem:
        hint = "Indent with spaces, not with a tab; put the value in quotes if it begins with @, ` or %."
    elif "undefined alias" in problem or "expected alphabetic" in problem:
        hint = "Put the value in quotes: * and & have a meaning in YAML."
    context = f" {error.context}" if error.context else ""
    return finding("S010", f"malformed YAML{context}: {problem}", place, hint)


class _Excess(Exception):
    """A document that is too large, too deep or endless; `told` is the finding about it."""

    def __init__(self, told: Diagnostic) -> None:
        self.told = told


class _Builder:
    """Turns the events of one document into positioned data."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        import yaml

        self.path, self.first_line = path, first_line
        self.findings: list[Diagnostic] = []
        self._loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self._left = MAX_VALUES
        self._anchors: dict[str, Any] = {}  # complete values by their anchors
        self._begun: set[str] = set()  # anchors of values that are being built

    def document(self) -> Any:
        """The only document of the text, None where there is none. yaml.YAMLError, _Excess."""
        import yaml

        value = None
        self._loader.get_event()  # the stream begins
        if not self._loader.check_event(yaml.StreamEndEvent):
            first = self._loader.get_event()
            value = self._value(self._loader.get_event(), 0)
            self._loader.get_event()  # the document ends
            if not self._loader.check_event(yaml.StreamEndEvent):
                second = self._loader.get_event().start_mark
                raise yaml.composer.ComposerError(
                    "expected a single document in the stream", first.start_mark, "but found another document", second
                )
        return value

    def _place(self, event: Any) -> Location:
        return Location(self.path, event.start_mark.line + self.first_line, event.start_mark.column + 1)

    def _spend(self, depth: int, place: Location) -> None:
        """Count a value. _Excess where there are too many, or too many around it."""
        self._left -= 1
        if self._left < 0:
            message = f"more than {MAX_VALUES} YAML values (aliases are counted as often as they are used)"
            hint = "Write the values out, without aliases, or shorten the block."
            raise _Excess(finding("S010", message, Location(self.path, self.first_line, 1), hint))
        if depth > MAX_DEPTH:
            message = f"YAML values are nested more than {MAX_DEPTH} deep"
            raise _Excess(finding("S010", message, place, "Look for brackets or dashes that never end."))

    def _value(self, event: Any, depth: int) -> Any:
        import yaml

        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._copied(self._anchored(event, place), depth, place)
        self._spend(depth, place)
        if event.anchor:
            self._begun.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            value: Any = self._scalar(event, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = Seq.of((self._value(item, depth + 1) for item in self._until(yaml.SequenceEndEvent)), place)
        else:
            value = self._mapping(place, depth)
        if event.anchor:
            self._begun.discard(event.anchor)
            self._anchors[event.anchor] = value
        return value

    def _until(self, end: type) -> Iterator[Any]:
        """The events up to the one that ends a list or mapping; whoever asks takes what is inside of each."""
        while not self._loader.check_event(end):
            yield self._loader.get_event()
        self._loader.get_event()

    def _tag(self, event: Any) -> str:
        import yaml

        return str(event.tag or self._loader.resolve(yaml.ScalarNode, event.value, event.implicit))

    def _scalar(self, event: Any, place: Location) -> Scalar | None:
        value, told = printable(event.value, place)  # an escape may name a control character ("\\0")
        self.findings += told
        return None if self._tag(event) == _NULL else Scalar.of(value, place)

    def _anchored(self, event: Any, place: Location) -> Any:
        """What an alias stands for."""
        import yaml

        if event.anchor in self._begun:
            message = f"the alias *{event.anchor} stands inside of what it stands for, and so for ever"
            raise _Excess(finding("S010", message, place, "Write the value out, without the alias."))
        if event.anchor not in self._anchors:
            raise yaml.composer.ComposerError(None, None, f"found undefined alias '{event.anchor}'", event.start_mark)
        return self._anchors[event.anchor]

    def _copied(self, value: Any, depth: int, place: Location) -> Any:
        """A value once more: each use may be changed without the others."""
        self._spend(depth, place)
        again: Callable[[Any], Any] = lambda inner: self._copied(inner, depth + 1, place)  # noqa: E731
        if isinstance(value, Map):
            return Map.of({key: again(inner) for key, inner in value.items()}, value.location)
        if isinstance(value, Seq):
            return Seq.of(map(again, value), value.location)
        return value

    def _mapping(self, place: Location, depth: int) -> Map:
        import yaml

        result = Map.of({}, place)
        merged: list[Map] = []
        for event in self._until(yaml.MappingEndEvent):
            key = self._key(event, depth + 1)
            value = self._value(self._loader.get_event(), depth + 1)
            if isinstance(event, yaml.ScalarEvent) and self._tag(event) == _MERGE:
                merged += [item for item in (value if isinstance(value, Seq) else [value]) if isinstance(item, Map)]
            elif key is not None and key in result:
                self.findings.append(self._repeated(key, key_location(result, key, place)))
            elif key is not None:
                result[key] = value
        for other in merged:
            for name, value in other.items():
                result.setdefault(name, value)
        return result

    def _key(self, event: Any, depth: int) -> Scalar | None:
        """A key as it is written; None and a finding where it is no plain text."""
        import yaml

        if isinstance(event, yaml.ScalarEvent):
            place = self._place(event)
            value, told = printable(event.value, place)
            self.findings += told
            key = Scalar.of(value, place)
            if event.anchor:
                self._anchors[event.anchor] = key
            return key
        self._value(event, depth)
        self.findings.append(finding("S010", "a mapping's key must be plain text", self._place(event)))
        return None

    @staticmethod
    def _repeated(key: Scalar, first: Location) -> Diagnostic:
        message = f"the key {key!r} is written twice; the value of line {first.line} is used"
        return finding("S011", message, key.location, "Delete one of the two.")
