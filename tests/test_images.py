"""Any figure → SVG, PNG or JPEG: what is kept, what is changed, what is refused, and what is said of it."""

from __future__ import annotations

import base64
import gzip
import io
import random
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from PIL import Image

from proceedings import images
from proceedings.images import programs, raster, strips, vector

poppler = pytest.mark.skipif(which("pdftocairo") is None, reason="poppler-utils is not installed")
ghostscript = pytest.mark.skipif(which("gs") is None, reason="ghostscript is not installed")

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">{}</svg>'
)


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), suffix: str = "PNG", **options: Any) -> bytes:
    """An image with a gradient, so that a wrong turn or a lost channel shows."""
    image = Image.linear_gradient("L").resize(size)
    if mode in ("RGBA", "LA"):
        image = image.convert(mode)
        image.putalpha(Image.linear_gradient("L").resize(size))
    elif mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    else:
        image = image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, suffix, **options)
    return buffer.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture(suffix="JPEG", exif=exif)


def located() -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (55.0, 45.0, 7.0)}
    return picture(suffix="JPEG", exif=exif)


def frames(suffix: str) -> bytes:
    buffer = io.BytesIO()
    pages = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    pages[0].save(buffer, suffix, save_all=True, append_images=pages[1:])
    return buffer.getvalue()


def pdf(pages: int = 1, crop: str = "", rotate: int = 0) -> bytes:
    """A PDF written by hand: each page 200 × 100 points with one filled square."""
    stream = b"0.2 0.4 0.8 rg 20 20 60 60 re f"
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    box = f"/CropBox[{crop}]" if crop else ""
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]{box}/Rotate {rotate}/Resources<<>>/Contents 3 0 R>>"
    objects += [page.encode()] * pages
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 10 10 110 60\n"
    b"newpath 20 20 moveto 80 0 rlineto 0 30 rlineto closepath fill\nshowpage\n"
)


def codes(problems: list[Any]) -> list[str]:
    return [problem.code for problem in problems]


# --- what is kept and what is changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_sound_png_is_kept_byte_for_byte(mode: str) -> None:
    data = picture(mode)
    made, problems = images.convert("a.png", data)
    assert made and made.data == data and (made.width, made.height) == (60, 40) and not problems


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}])
def test_a_sound_jpeg_is_kept_byte_for_byte(options: dict[str, Any]) -> None:
    data = picture(suffix="JPEG", **options)
    made, problems = images.convert("a.jpg", data)
    assert made and made.data == data and made.media_type == "image/jpeg" and not problems


CHANGED = {
    "webp": (picture("RGBA", suffix="WEBP", lossless=True), "RGBA", []),
    "gif": (picture("P", suffix="GIF"), None, []),
    "bmp": (picture(suffix="BMP"), "RGB", []),
    "tiff": (picture(suffix="TIFF"), "RGB", []),
    "tiff in CMYK": (picture("CMYK", suffix="TIFF"), "RGB", ["X121"]),
    "tiff in LAB": (picture("LAB", suffix="TIFF"), "RGB", ["X121"]),
    "tiff of 16 bits": (picture("I;16", suffix="TIFF"), "L", ["X121"]),
    "png of 16 bits": (picture("I;16"), "L", ["X121"]),
    "tiff of one bit": (picture("1", suffix="TIFF", compression="group4"), "1", []),
    "jpeg in CMYK": (picture("CMYK", suffix="JPEG"), "RGB", ["X121"]),
    "animated gif": (frames("GIF"), None, ["X108"]),
    "animated webp": (frames("WEBP"), None, ["X108"]),
    "tiff of two pages": (frames("TIFF"), "RGB", ["X107"]),
}


@pytest.mark.parametrize("case", CHANGED)
def test_other_images_become_png_or_jpeg(case: str) -> None:
    data, mode, expected = CHANGED[case]
    name = "a." + case.split()[-1 if case.startswith("animated") else 0]
    made, problems = images.convert(name, data)
    assert made and codes(problems) == expected
    with Image.open(io.BytesIO(made.data)) as image:
        image.load()
        assert image.format == ("JPEG" if case.startswith("jpeg") else "PNG")
        assert mode in (None, image.mode)
        assert (image.width, image.height) == (made.width, made.height)
        if mode and not any(word in case for word in ("CMYK", "LAB", "pages")):
            grey = image.convert("L")
            assert grey.getpixel((5, 2)) < grey.getpixel((5, 37)), "the gradient is lost"
    assert images.convert(name, data)[0] == made, "the same bytes every time"


def test_deep_grey_stays_grey_however_large_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture("I;16", size=(60, 40))
    whole, problems = images.convert("a.png", data)
    monkeypatch.setattr(raster, "KEPT_PIXELS", 1_000)
    monkeypatch.setattr(raster, "LONG_SIDE", 30)
    small, _ = images.convert("a.png", data)
    assert whole and small and problems[0].hint
    for made in (whole, small):
        grey = Image.open(io.BytesIO(made.data)).convert("L")
        assert abs(grey.getpixel((3, made.height // 2)) - 128) < 8


def test_cmyk_keeps_its_colours() -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(buffer, "TIFF")
    made, _ = images.convert("red.tif", buffer.getvalue())
    assert made
    red, green, blue = Image.open(io.BytesIO(made.data)).convert("RGB").getpixel((4, 4))
    assert red > 200 and green < 90 and blue < 90


def test_a_photograph_is_turned_upright() -> None:
    made, problems = images.convert("a.jpg", turned())
    assert made and (made.width, made.height) == (40, 60) and not problems
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.getexif().get(0x0112, 1) == 1


def test_a_photograph_that_tells_its_place_is_kept_and_told() -> None:
    data = located()
    made, problems = images.convert("a.jpg", data)
    assert made and made.data == data and codes(problems) == ["X119"]


# --- what is refused --------------------------------------------------------------------------------------------

REFUSED = {
    "empty": (b"", "X103", "empty"),
    "web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "X103", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n", "X103", "Git LFS"),
    "annex": (b"/annex/objects/SHA256E-s5--1.png\n", "X103", "git-annex"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "X103", "HEIC"),
    "office": (b"PK\x03\x04rest", "X103", "office document"),
    "text": (b"just words", "X103", "no known image format"),
    "half a png": (picture(size=(300, 300))[:-300], "X104", "damaged"),
    "half a jpeg": (picture(suffix="JPEG", size=(300, 300))[:-900], "X104", "damaged"),
    "png of nothing": (b"\x89PNG\r\n\x1a\n", "X104", "damaged"),
    "real numbers": (picture("F", suffix="TIFF"), "X104", "real numbers"),
    "broken svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', "X104", "not well-formed"),
    "half an svgz": (gzip.compress(SVG.format("<g/>" * 900).encode())[:60], "X104", "not well-formed"),
    "svg bomb": (gzip.compress(b"<svg " + b" " * (vector.MAX_BYTES + 10)), "X110", "20 MB"),
    "entity bomb": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "'
        + b"&a;" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'"><!ENTITY d "' + b"&c;" * 1000
        + b'">]><svg xmlns="http://www.w3.org/2000/svg" id="&d;"/>', "X104", "not well-formed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_shown_is_refused_with_a_reason(case: str) -> None:
    data, code, words = REFUSED[case]
    made, problems = images.convert("figure.png", data)
    assert made is None
    assert problems[-1].code == code and words in problems[-1].message
    assert problems[-1].hint


@poppler
@pytest.mark.parametrize("data", [b"%PDF-1.4\nrubbish", pdf()[:150]])
def test_a_damaged_pdf_is_refused(data: bytes) -> None:
    made, problems = images.convert("a.pdf", data)
    assert made is None and codes(problems) == ["X104"]


@pytest.mark.parametrize(("name", "data", "expected"), [
    ("a.png", picture(suffix="JPEG"), ["X105"]), ("a.jpeg", picture(suffix="JPEG"), []), ("a", picture(), ["X105"]),
    ("a.PNG", picture(), []), ("a.svg", SVG.format("").encode(), []),
    ("a.svgz", gzip.compress(SVG.format("").encode()), []),
])  # fmt: skip
def test_the_content_tells_the_format(name: str, data: bytes, expected: list[str]) -> None:
    made, problems = images.convert(name, data)
    assert made and codes(problems) == expected


# --- size -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "options"), [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("TIFF", {})]
)
def test_a_huge_image_is_scaled_down(suffix: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "KEPT_PIXELS", 10_000)
    monkeypatch.setattr(raster, "LONG_SIDE", 50)
    made, problems = images.convert(f"a.{suffix.lower()}", picture(size=(400, 200), suffix=suffix, **options))
    assert made and (made.width, made.height) == (50, 25) and codes(problems) == ["X109"]


def test_a_huge_png_is_never_in_memory_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "KEPT_PIXELS", 10_000)
    monkeypatch.setattr(raster, "LONG_SIDE", 50)
    monkeypatch.setattr(strips, "reduce_png", lambda data, side: Image.new("RGB", (side, 7)))
    made, _ = images.convert("a.png", picture(size=(400, 200), suffix="PNG"))
    assert made and made.height == 7


@pytest.mark.parametrize(("suffix", "options"), [("TIFF", {}), ("JPEG", {"progressive": True}), ("PNG", {})])
def test_an_image_beyond_all_bounds_is_refused(
    suffix: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster, "KEPT_PIXELS", 1_000)
    monkeypatch.setattr(raster, "DECODED_PIXELS", 10_000)
    monkeypatch.setattr(raster, "READ_PIXELS", 20_000)
    made, problems = images.convert(f"a.{suffix.lower()}", picture(size=(400, 200), suffix=suffix, **options))
    assert made is None and codes(problems) == ["X110"]


def png(colour: int, depth: int, width: int, height: int, extra: bytes = b"") -> bytes:
    """A PNG of pseudo-random pixels whose rows use all five filters."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = (width * depth * channels + 7) // 8
    body, state = bytearray(), 12345
    for number in range(height):
        body.append(number % 5)
        for _ in range(row):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            body.append(state >> 16 & 0xFF)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if colour == 3 else b""
    packed = zlib.compress(bytes(body))
    data = chunk(b"IDAT", packed[:100]) + chunk(b"IDAT", packed[100:])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + extra + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(("colour", "depth"), sorted(strips._MODES))
def test_strips_give_what_the_whole_gives(colour: int, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "_STRIP_BYTES", 2000)
    data = png(colour, depth, 203, 157)
    made = strips.reduce_png(data, 40)
    with Image.open(io.BytesIO(data)) as whole:
        whole.load()
        if depth == 16:
            whole = whole.convert("I").point(lambda value: value / 256).convert("L")
        expected = whole.convert(made.mode).reduce(5)
    assert made.size == expected.size == (41, 32)
    worst = max(high for _, high in (channel.getextrema() for channel in _difference(made, expected).split()))
    assert worst <= (1 if depth < 16 else 2)


def _difference(one: Image.Image, other: Image.Image) -> Image.Image:
    from PIL import ImageChops

    return ImageChops.difference(one, other)


def test_strips_refuse_a_png_that_ends_early() -> None:
    with pytest.raises((ValueError, OSError, zlib.error)):
        strips.reduce_png(png(2, 8, 203, 157)[:-4000], 40)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is told by Linux only")
def test_a_giant_image_in_bounded_memory(tmp_path: Path) -> None:
    """An image that Pillow would hold in 144 MB, beside some 50 MB of program."""
    packer = zlib.compressobj(1)
    row = b"\x00" + b"\x7f" * 27000
    body = b"".join(packer.compress(row * 500) for _ in range(8)) + packer.flush()
    chunk = strips._chunk
    header = struct.pack(">IIBBBBB", 9000, 4000, 8, 2, 0, 0, 0)
    file = tmp_path / "giant.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    script = (
        "import re, sys, pathlib\n"
        "from proceedings import images\n"
        "from proceedings.images import raster\n"
        "raster.KEPT_PIXELS = raster.DECODED_PIXELS = 10_000_000\n"
        "made, problems = images.convert('giant.png', pathlib.Path(sys.argv[1]).read_bytes())\n"
        "peak = int(re.search(r'VmHWM:\\s*(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024\n"
        "print(made.width, made.height, [problem.code for problem in problems], peak)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    found = re.fullmatch(r"4000 1778 \['X109'\] (\d+)\n", done.stdout)
    assert found and int(found[1]) < 150, done.stdout


# --- SVG --------------------------------------------------------------------------------------------------------

PNG_URI = "data:image/png;base64," + base64.b64encode(picture()).decode()

# What stands in the SVG → what must not be left of it, what must be, and the codes.
SVGS = {
    "script": ("<script>alert(1)</script><g id='kept'/>", "alert", 'id="kept"', ["X113"]),
    "handler": ('<rect onclick="alert(1)" width="5" height="5"/>', "alert", "<rect", ["X113"]),
    "handler in another case": ('<rect ONLOAD="alert(1)" width="5" height="5"/>', "alert", "<rect", ["X113"]),
    "HTML": ('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">text</p></foreignObject>', "text", "", ["X113"]),
    "animation": (
        '<rect width="5" height="5"><animate attributeName="x" to="5"/></rect>', "animate", "<rect", ["X113"],
    ),
    "switch": (
        '<switch><foreignObject><p>a</p></foreignObject><text>b</text><text>c</text></switch>', "c</", "b</", ["X113"],
    ),
    "image elsewhere": (
        '<image href="https://example.org/a.png" width="5" height="5"/>', "example", "<image", ["X114"],
    ),
    "image in a file": ('<image xlink:href="file:///etc/passwd" width="5" height="5"/>', "passwd", "<image", ["X114"]),
    "use elsewhere": ('<use xlink:href="other.svg#a"/>', "other", "<use", ["X114"]),
    "use here": ('<g id="a"/><use xlink:href="#a"/>', "§", '"#a"', []),
    "link to the web": ('<a href="https://example.org"><g/></a>', "§", "https://example.org", []),
    "link to a script": ('<a href="javascript:alert(1)"><g/></a>', "alert", "<a", ["X113"]),
    "embedded image": (f'<image href="{PNG_URI}" width="5" height="5"/>', "§", "data:image/png", []),
    "embedded page": ('<image href="data:text/html,x" width="5" height="5"/>', "html", "<image", ["X114"]),
    "embedded damage": ('<image href="data:image/png;base64,AAAA" width="5" height="5"/>', "AAAA", "<image", ["X114"]),
    "style": (
        "<style>@import url(x.css); rect { fill: url(#a) } g { fill: url('http://b/c') }</style>",
        "//b", "url(#a)", ["X114", "X114"],
    ),
    "hidden style": (r"<style>rect { fill: u\72l(http://b/c) }</style>", "//b", "fill", ["X114"]),
    "style attribute": ('<rect style="fill: url(http://b/c#d); stroke: red"/>', "//b", "stroke: red", ["X114"]),
    "fill": ('<rect fill="url(//b/c#d)"/>', "//b", "<rect", ["X114"]),
    "own fill": ('<linearGradient id="a"/><rect fill="url(#a)"/>', "§", "url(#a)", []),
    "an editor's data": (
        '<metadata><x/></metadata><i:grid xmlns:i="urn:i"/><g i:label="x" xmlns:i="urn:i"/>', "urn:i", "<g", [],
    ),
    "comment": ("<!-- secret --><g/>", "secret", "<g", []),
    "text after what is removed": ("<text>a<script>x</script>b</text>", "script", ">ab<", ["X113"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SVGS)
def test_svg_is_made_safe(case: str) -> None:
    inside, gone, kept, expected = SVGS[case]
    made, problems = images.convert("a.svg", SVG.format(inside).encode())
    assert made and made.suffix == ".svg"
    assert gone not in made.data.decode() and kept in made.data.decode()
    assert codes(problems) == expected
    again, nothing = images.convert("a.svg", made.data)
    assert again and again.data == made.data and not nothing, "what is clean stays as it is"


def test_svg_fetches_no_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    head = f'<?xml-stylesheet href="http://a/b.css"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file://{secret}">]>'
    made, problems = images.convert("a.svg", (head + SVG.format("<text>&e;</text>")).encode())
    assert made and b"hidden" not in made.data and b"DOCTYPE" not in made.data
    assert codes(problems) == ["X114", "X114"]


SIZES = {
    'width="40" height="20"': (40, 20),
    'width="1in" height="0.5in"': (96, 48),
    'width="72pt" height="36pt" viewBox="0 0 9 9"': (96, 48),
    'viewBox="0 0 300,150"': (300, 150),
    'width="100%" height="100%" viewBox="0 0 30 15"': (30, 15),
    'width="60" viewBox="0 0 30 15"': (60, 30),
    'height="60" viewBox="0 0 30 15"': (120, 60),
}


@pytest.mark.parametrize("attributes", SIZES)
def test_svg_tells_its_size(attributes: str) -> None:
    data = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><g/></svg>'.encode()
    made, problems = images.convert("a.svg", data)
    assert made and (made.width, made.height) == SIZES[attributes] and not problems
    assert b"viewBox=" in made.data and f'width="{made.width}"'.encode() in made.data


def test_svg_without_size_is_told() -> None:
    made, problems = images.convert("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    assert made and made.width == 0 and codes(problems) == ["X118"]


HARD = {
    "many shapes": '<circle r="1"/>' * (vector.MAX_COST + 1),
    "one long path": f'<path d="M0 0{" L 1 1" * 800_000}"/>',
    "shapes that multiply": "".join(
        f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 10 + "</g>" for n in range(8)
    ) + '<g id="g8"><rect width="1" height="1"/></g>',
    "shapes without end": '<g id="a"><use href="#b"/><use href="#b"/></g>'
    + '<g id="b"><use href="#a"/><use href="#a"/></g>',
    "filter": '<filter id="f"><feGaussianBlur stdDeviation="1"/></filter><rect width="9" height="9" filter="url(#f)"/>',
}  # fmt: skip


@pytest.mark.parametrize("case", ["many shapes", "one long path", "filter"])
def test_hard_svg_becomes_dots(case: str) -> None:
    made, problems = images.convert("a.svg", SVG.format(HARD[case]).encode())
    assert made and made.suffix == ".png" and codes(problems) == ["X115"]
    assert (made.width, made.height) == (40, 20) and made.dots == 250


def test_svg_deeper_than_python_can_go_is_refused() -> None:
    groups = "".join(f'<g id="a{n}">' + "<g>" * 200 + f'<use href="#a{n + 1}"/>' + "</g>" * 201 for n in range(39))
    made, problems = images.convert("a.svg", SVG.format(groups).encode())
    assert made is None and codes(problems) == ["X110"]


@pytest.mark.parametrize("case", ["shapes that multiply", "shapes without end"])
def test_svg_that_multiplies_is_never_kept(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SECONDS", 3)
    made, problems = images.convert("a.svg", SVG.format(HARD[case]).encode())
    if made is None:
        assert codes(problems)[-1] in ("X104", "X110")
    else:
        assert len(made.data) < 100_000


# --- PDF and PostScript -----------------------------------------------------------------------------------------


@poppler
def test_pdf_becomes_svg() -> None:
    made, problems = images.convert("a.pdf", pdf())
    assert made and made.suffix == ".svg" and not problems
    assert (made.width, made.height) == (267, 133)
    assert b"<path" in made.data
    assert images.convert("a.pdf", pdf())[0] == made, "the same bytes every time"


@poppler
def test_pdf_of_several_pages_shows_the_first() -> None:
    made, problems = images.convert("a.pdf", pdf(pages=3))
    assert made and codes(problems) == ["X107"]


@poppler
@pytest.mark.parametrize(("rotate", "suffix", "size"), [(0, ".svg", (160, 80)), (90, ".svg", (80, 160))])
def test_pdf_is_cropped(rotate: int, suffix: str, size: tuple[int, int]) -> None:
    """The crop box holds nothing but the square and as much white to its right."""
    made, problems = images.convert("a.pdf", pdf(crop="20 20 140 80", rotate=rotate))
    assert made and made.suffix == suffix and not problems
    assert (made.width, made.height) == size
    with Image.open(io.BytesIO(programs.svg_to_png(made.data, "width", size[0]))) as drawn:
        square = drawn.convert("RGBA").getbbox()
    assert square == (0, 0, 80, 80)


@poppler
@ghostscript
@pytest.mark.parametrize(
    "data", [EPS, b"\xc5\xd0\xd3\xc6" + struct.pack("<IIIIII", 30, len(EPS), 0, 0, 0, 0) + b"\xff\xff" + EPS]
)
def test_eps_becomes_svg(data: bytes) -> None:
    made, problems = images.convert("a.eps", data)
    assert made and made.suffix == ".svg" and (made.width, made.height) == (133, 67) and not problems


@ghostscript
@pytest.mark.parametrize(
    "program",
    [b"(/etc/passwd) (r) file pop", b"(%pipe%id) (w) file pop", b"{} loop", b"/a { a a } def a", b"(x) (w) file pop"],
)
def test_postscript_programs_are_held(program: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SECONDS", 3)
    made, problems = images.convert("a.eps", EPS.replace(b"newpath", program + b"\nnewpath"))
    assert made is None and codes(problems)[-1] in ("X104", "X110")


@pytest.mark.parametrize(
    ("name", "data", "package"), [("a.pdf", pdf(), "poppler-utils"), ("a.eps", EPS, "ghostscript")]
)
def test_a_missing_program_is_named(name: str, data: bytes, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "which", lambda name: None)
    made, problems = images.convert(name, data)
    assert made is None and codes(problems) == ["X116"] and package in problems[0].hint


# --- the images of a document -----------------------------------------------------------------------------------


class Folder:
    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def open_file(self, path: str) -> bytes:
        if path.startswith(("../", "/")):
            raise PermissionError(path)
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def list_names(self) -> list[str]:
        return sorted(self.files)


def image(target: str, words: str = "A red bar", **attributes: str) -> dict[str, Any]:
    content = [{"t": "Str", "c": words}] if words else []
    return {"t": "Image", "c": [["", [], [[key, value] for key, value in attributes.items()]], content, [target, ""]]}


def figure(content: dict[str, Any]) -> dict[str, Any]:
    caption = [{"t": "Plain", "c": content["c"][1]}]
    return {"t": "Figure", "c": [["", [], []], [None, caption], [{"t": "Plain", "c": [content]}]]}


def collected(
    *blocks: dict[str, Any], files: dict[str, bytes] | None = None
) -> tuple[Any, list[Any], list[str], list[Any]]:
    wrapped = [block if block["t"] == "Figure" else {"t": "Para", "c": [block]} for block in blocks]
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": wrapped}
    folder = Folder(files if files is not None else {"a.png": picture(size=(700, 20)), "sub dir/ß.png": picture()})
    before = repr(document)
    done, assets, findings = images.collect(document, folder, "loom", "papers/loom.md")
    assert repr(document) == before, "the document given is left as it was"
    return done, assets, [item.code for item in findings], findings


TARGETS = {
    "a.png": [],
    "./a.png": [],
    "sub%20dir/%C3%9F.png": [],
    "sub dir/ß.png": [],
    "a": [],  # as in LaTeX
    "a.png?raw=true": [],
    "A.PNG": ["X106"],
    ".//a.png": [],
    "sub dir\\ß.png": ["X106"],
    "b.png": ["X100"],
    "": ["X100"],
    "../a.png": ["X101"],
    "/etc/passwd": ["X101"],
    "https://example.org/a.png": ["X102"],
    "//example.org/a.png": ["X102"],
    "file:///etc/passwd": ["X102"],
    PNG_URI: [],
    "data:image/png;base64,!!!": ["X120"],
    "data:text/html,<p>": ["X105", "X103"],
}


@pytest.mark.parametrize("target", TARGETS)
def test_targets(target: str) -> None:
    document, assets, found, _ = collected(image(target))
    assert [code for code in found if code != "X105" or "text/html" in target] in (TARGETS[target], ["X103"])
    node = document["blocks"][0]["c"][0]
    if assets:
        assert node["t"] == "Image" and node["c"][2][0] == assets[0][0].name
        assert re.fullmatch(r"loom-[a-z0-9-]+-[0-9a-f]{8}\.png", assets[0][0].name)
    else:
        assert node["t"] == "Span" and node["c"][0][1] == ["missing-image"]
        assert "A red bar" in repr(node) and (target[:60] in repr(node) or "\\" in target)


def test_a_missing_image_names_what_is_near() -> None:
    *_, findings = collected(image("plots/resluts.png"), files={"plots/results.png": b"", "old/resluts.png": b""})
    assert findings[0].hint == "Did you mean 'old/resluts.png' or 'plots/results.png'?"


def test_one_asset_for_one_image() -> None:
    files = {"a.png": picture(), "b.png": picture(size=(9, 9))}
    _, assets, _, findings = collected(
        image("a.png"), image("a.png", ""), image("b.png"), image("c.png", ""), files=files
    )
    assert [asset.name.split("-")[1] for asset, _ in assets] == ["a", "b"]
    assert [(item.code, item.location.token, item.location.nth) for item in findings] == [
        ("A001", "](a.png", 2), ("X100", "](c.png", 1),
    ]  # fmt: skip


DESCRIPTIONS = [
    (figure(image("a.png", "A caption", alt="Bars")), []),
    (figure(image("a.png", "A caption", alt="")), []),
    (figure(image("a.png", "A caption")), ["A001"]),
    (figure(image("a.png", "")), ["A001"]),
    (figure(image("a.png", "A caption", alt="a.png")), ["A002"]),
    (image("a.png", "a"), ["A002"]),
    (image("a.png", "Figure 3"), ["A002"]),
    (image("a.png", "Figure 3 of the report"), []),
    (image("a.png", ""), ["A001"]),
    (image("a.png", "The badge of the project"), []),
]


@pytest.mark.parametrize(("block", "expected"), DESCRIPTIONS)
def test_descriptions(block: dict[str, Any], expected: list[str]) -> None:
    assert collected(block)[2] == expected


@pytest.mark.parametrize(("attributes", "expected"), [
    ({}, ["X111"]), ({"width": "100%"}, ["X111"]), ({"width": "50%"}, []), ({"width": "2cm"}, []),
    ({"height": "9pt"}, []),
])  # fmt: skip
def test_few_dots_are_told(attributes: dict[str, str], expected: list[str]) -> None:
    block = figure(image("a.png", "x", alt="A grey bar", **attributes))
    assert collected(block, files={"a.png": picture(size=(400, 100))})[2] == expected


def test_no_bytes_make_it_crash() -> None:
    """Sound files with some bytes changed: a picture or a reason, never an exception."""
    chance = random.Random(1)
    files = [picture(), picture(suffix="JPEG"), picture(suffix="TIFF"), picture("P", suffix="GIF")]
    files.append(SVG.format("<g/>").encode())
    for number in range(300):
        data = bytearray(files[number % len(files)])
        for _ in range(chance.choice((1, 5, 60))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        made, problems = images.convert("figure", bytes(data))
        assert made is not None or problems[-1].hint


def test_images_of_the_metadata_are_collected_too() -> None:
    folder = Folder({"a.png": picture()})
    document = {
        "meta": {"rich": {"t": "MetaMap", "c": {"abstract": {"t": "MetaInlines", "c": [image("a.png")]}}}},
        "blocks": [],
    }
    _, assets, findings = images.collect(document, folder, "loom", "papers/loom.md")
    assert len(assets) == 1 and not findings
