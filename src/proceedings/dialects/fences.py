"""Fences and what MyST writes in them: where one ends, and the options at its head."""

from __future__ import annotations

import re

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,}|:{3,})[ \t]*(?P<info>.*?)[ \t]*$")
DIRECTIVE = re.compile(r"^\{(?P<name>[A-Za-z][\w:.+-]*)\}[ \t]*(?P<argument>.*)$")
_OPTION = re.compile(r"^:([\w-]+):(?:[ \t]+(.*))?$")


def opens_comment(line: str, in_comment: bool) -> bool:
    """Whether a comment is open at the end of `line`."""
    for mark in re.findall(r"<!--|-->", line):
        in_comment = mark == "<!--"
    return in_comment


def end_of(lines: list[str], start: int, mark: str) -> int | None:
    """The line that closes the fence opened at `start`. Colon fences nest; in the others nothing is read."""
    depth = 1
    inner: str | None = None  # the mark of a code fence inside a colon fence
    for number in range(start + 1, len(lines)):
        found = FENCE.match(lines[number])
        if not found:
            continue
        other, info = found["fence"], found["info"]
        if mark[0] != ":":
            if other[0] == mark[0] and len(other) >= len(mark) and not info:
                return number
        elif inner:
            if other[0] == inner[0] and len(other) >= len(inner) and not info:
                inner = None
        elif other[0] != ":":
            inner = other
        elif info:
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return number
    return None


def dedent(line: str, width: int) -> str:
    return line[min(width, len(line) - len(line.lstrip(" \t"))) :]


def options_of(body: list[str]) -> tuple[dict[str, str], list[str]]:
    """The options at the head of a directive (`:key: value` or a YAML block) and the content after them."""
    options: dict[str, str] = {}
    number = 0
    if body and body[0].strip() == "---":
        number = 1
        while number < len(body) and body[number].strip() != "---":
            key, colon, value = body[number].partition(":")
            if colon and re.match(r"^[\w-]+$", key.strip()):
                options[key.strip()] = value.strip().strip("\"'")
            number += 1
        return options, body[number + 1 :]
    while number < len(body) and (option := _OPTION.match(body[number].strip())):
        options[option[1]] = (option[2] or "").strip()
        number += 1
    return options, body[number:]
