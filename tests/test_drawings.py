"""Paths of SVG as PDF: the same as WeasyPrint draws, or left to it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from proceedings.typesetting import drawings

PLAIN = (
    "M 1,2 L 3 4 H 7 V 9 Q 1 2 3 4 T 5 6 T 8 9 Z M0 0 L5-6Z",
    "M0 0C1 2 3 4 5 6S7 8 9 10 S1 1 2 2",
    "M1 1 2 2 3 3L4 4 5 5",
    "M-10.5 0.25L1 1Z L5 5Z M 3 3 T 4 4",
    "M 1 2 S 3 4 5 6",
)
LEFT = ("", "M", "1 2", "m1 2l3 4", "M1e-3 4", "M 1 2 A 1 1 0 0 0 2 2", "M1 2 L 3", "M1 2 Z 3", "M.5.5", "M1 2 x")


class _Image:
    """What WeasyPrint's own function asks of the SVG that it draws."""

    def __init__(self) -> None:
        import pydyf

        self.stream = pydyf.Stream()

    def point(self, x: Any, y: Any, _font_size: float) -> tuple[float, float]:
        return float(x), float(y)


class _Node(dict[str, str]):
    vertices: list[Any]


def by_weasyprint(data: str) -> bytes:
    from weasyprint.svg import TAGS

    image, node = _Image(), _Node(d=data)
    node.vertices = []
    TAGS["path"](image, node, 16)
    return b" ".join(image.stream.stream).removeprefix(b"0 0 m ")


def parts(content: bytes) -> list[bytes | float]:
    return [part if part.isalpha() else round(float(part), 3) for part in re.split(rb"\s+", content.strip())]


@pytest.mark.parametrize("data", PLAIN)
def test_a_plain_path_is_drawn_as_weasyprint_draws_it(data: str) -> None:
    assert parts(drawings.operators(data) or b"") == parts(by_weasyprint(data))


@pytest.mark.parametrize("data", LEFT)
def test_any_other_path_is_left_to_weasyprint(data: str) -> None:
    assert drawings.operators(data) is None


@pytest.mark.parametrize("data", ["M" + "1" * 1_000_000 + "x", "M" + " " * 1_000_000 + "x", "M" + "1 " * 500_000 + "x"])
def test_a_hostile_path_is_read_in_linear_time(data: str) -> None:
    began = time.process_time()
    assert drawings.operators(data) is None
    assert time.process_time() - began < 2
