"""What the text of a figure is set in: the house's typefaces, whatever the figure names and the machine has."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from proceedings import typefaces, typesetting
from proceedings.images import programs

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="5" y="20" {}>Plan of a town</text></svg>'
)
SERIF, SANS, MONO = "Source-Serif-4", "Source-Sans-3", "Source-Code-Pro"
NAMED = {
    "": SANS,
    'font-family="sans-serif"': SANS,
    'font-family="Arial, Helvetica, sans-serif"': SANS,
    'font-family="Arial"': SANS,
    "style=\"font: 10px 'DejaVu Sans', 'Bitstream Vera Sans', 'sans-serif'\"": SANS,
    'font-family="serif"': SERIF,
    'font-family="Times New Roman"': SERIF,
    'font-family="Helvetica, serif"': SERIF,
    'font-family="monospace"': MONO,
    'font-family="Courier New"': MONO,
    'font-family="A Name Nobody Knows, monospace"': MONO,
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not typefaces.folders():
        pytest.skip("the typefaces of the house are not installed")


@pytest.fixture(scope="module")
def embedded() -> dict[str, str]:
    """The typeface that each of NAMED is set in, one page each."""
    pictures = {f"{number}.svg": SVG.format(named).encode() for number, named in enumerate(NAMED)}
    pages = "".join(f'<p style="break-before: page"><img src="{name}" alt="A plan"></p>' for name in pictures)
    html = f'<html lang="en"><title>Towns</title><body>{pages}</body></html>'
    body = typesetting.layout(html, [], pictures, fonts=typefaces.folders())
    with pikepdf.open(io.BytesIO(body.pdf)) as pdf:
        return {named: " ".join(_fonts(page.obj)) for named, page in zip(NAMED, pdf.pages, strict=True)}


def _fonts(page: pikepdf.Object) -> list[str]:
    """The names of the fonts that the text of a page's picture asks for."""
    resources = page["/Resources"]
    (form,) = (resources["/XObject"][name] for name in _operands(page, "Do"))
    return [str(resources["/Font"][name]["/BaseFont"]).partition("+")[2] for name in _operands(form, "Tf")]


def _operands(content: pikepdf.Object, operator: str) -> list[str]:
    """What an operator is first given, each once."""
    operations = pikepdf.parse_content_stream(content)
    return sorted({str(item.operands[0]) for item in operations if str(item.operator) == operator})


@pytest.mark.parametrize("named", NAMED)
def test_a_name_that_is_not_installed_becomes_a_typeface_of_the_house(named: str, embedded: dict[str, str]) -> None:
    assert embedded[named].startswith(NAMED[named])


def test_a_figure_that_becomes_dots_knows_the_same_typefaces() -> None:
    drawn = {
        name: _ink(f'font-family="{name if name in typefaces.HOUSE else repr(name)}"')
        for name in (*typefaces.HOUSE, *typefaces.HOUSE.values())
    }
    for generic, name in typefaces.HOUSE.items():
        assert drawn[generic] == drawn[name]
    assert len(set(drawn.values())) == len(typefaces.HOUSE)
    assert _ink('font-family="DejaVu Sans, sans-serif"') == drawn["sans-serif"], "a typeface that the machine has"


def _ink(named: str) -> bytes:
    dots = programs.svg_to_png(SVG.format(named).encode(), "width", 400)
    image = Image.open(io.BytesIO(dots)).getchannel("A")
    assert image.getextrema() == (0, 255)
    return image.tobytes()
