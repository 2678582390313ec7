"""The programs that draw PDF, PostScript and heavy SVG: each run alone in a folder of its own, with bounded time and memory."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from proceedings.images.refusal import Refused

TIMEOUT = 60  # seconds; a page of a hundred thousand points takes about 5
MEMORY = 2 * 1024**3  # bytes of address space
OUTPUT = 64 * 1024**2  # bytes of one file

_PACKAGES = {"pdftocairo": "poppler-utils", "pdfinfo": "poppler-utils", "gs": "ghostscript"}


@dataclass(frozen=True, slots=True)
class Page:
    """The first page of a PDF: boxes in points, as (left, bottom, right, top)."""

    pages: int
    media: tuple[float, ...]
    crop: tuple[float, ...]
    rotation: int

    @property
    def is_cropped(self) -> bool:
        return any(abs(a - b) > 0.01 for a, b in zip(self.media, self.crop, strict=True))


def describe_pdf(data: bytes) -> Page:
    """What a PDF says of its first page. Refused on a PDF that is damaged or locked."""
    text = _run(["pdfinfo", "-box", "-f", "1", "-l", "1", "in.pdf"], {"in.pdf": data}).decode("utf-8", "replace")

    def box(name: str) -> tuple[float, ...]:
        found = re.search(rf"^Page\s+1 {name}:\s*([-\d. ]+)$", text, re.M)
        return tuple(float(number) for number in found[1].split()) if found else (0.0, 0.0, 0.0, 0.0)

    pages = re.search(r"^Pages:\s*(\d+)", text, re.M)
    rotation = re.search(r"^Page\s+1 rot:\s*(\d+)", text, re.M)
    if not pages or not int(pages[1]):
        raise Refused("X104", "the PDF has no page", "Export the figure again.")
    return Page(int(pages[1]), box("MediaBox"), box("CropBox"), int(rotation[1]) if rotation else 0)


def pdf_to_svg(data: bytes) -> bytes:
    """The first page of a PDF as SVG, text as outlines."""
    return _run(["pdftocairo", "-svg", "-f", "1", "-l", "1", "in.pdf", "out.svg"], {"in.pdf": data}, "out.svg")


def pdf_to_png(data: bytes, long_side: int) -> bytes:
    """The first page of a PDF as PNG, cropped, its longer side of `long_side` pixels."""
    command = ["pdftocairo", "-png", "-singlefile", "-cropbox", "-f", "1", "-scale-to", str(long_side), "in.pdf", "out"]
    return _run(command, {"in.pdf": data}, "out.png")


def postscript_to_pdf(data: bytes) -> bytes:
    """PostScript or EPS as PDF, cut to its bounding box; no program in it may touch a file."""
    command = ["gs", "-q", "-dSAFER", "-dNOPAUSE", "-dBATCH", "-dEPSCrop", "-dAutoRotatePages=/None", "-sDEVICE=pdfwrite",
               "-sOutputFile=out.pdf", "in.eps"]  # fmt: skip
    return _run(command, {"in.eps": data}, "out.pdf")


_RESVG = (
    "import resvg_py, pathlib, sys\n"
    "pathlib.Path('out.png').write_bytes(resvg_py.svg_to_bytes(svg_string=pathlib.Path('in.svg').read_text('utf-8'),"
    " dpi=96, **{sys.argv[1]: int(sys.argv[2])}))"
)


def svg_to_png(data: bytes, side: str, pixels: int) -> bytes:
    """An SVG drawn as PNG with its `side` ('width' or 'height') of so many pixels; `data` must be cleaned and in UTF-8."""
    return _run([sys.executable, "-I", "-c", _RESVG, side, str(pixels)], {"in.svg": data}, "out.png")


def _run(command: Sequence[str], files: dict[str, bytes], result: str = "") -> bytes:
    """Run a program in a new folder that holds `files`; return the file `result`, or what it printed."""
    program = which(command[0])
    if program is None:
        package = _PACKAGES.get(command[0], command[0])
        message = f"the program {command[0]} is not installed, so the image cannot be converted"
        raise Refused("X116", message, f"Install it: apt-get install {package}")
    with tempfile.TemporaryDirectory(prefix="proceedings-") as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder}
        try:
            done = subprocess.run(
                [program, *command[1:]], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=TIMEOUT, preexec_fn=_limit,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            message = f"{Path(program).name} did not finish drawing it within {TIMEOUT} s"
            raise Refused("X110", message, "Simplify the figure, or export it as PNG.") from error
        made = Path(folder) / result if result else None
        if done.returncode or (made and not made.is_file()):
            raise _failed(Path(program).name, done)
        return made.read_bytes() if made else done.stdout


def _limit() -> None:
    """Runs in the child before the program starts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _failed(name: str, done: subprocess.CompletedProcess[bytes]) -> Refused:
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if "ncorrect password" in said:
        return Refused("X104", "the PDF is locked with a password", "Save it without a password.")
    if done.returncode < 0:
        message = f"{name} needed more than {MEMORY // 1024**3} GB of memory, {OUTPUT // 1024**2} MB of output or {TIMEOUT} s"
        return Refused("X110", message, "Simplify the figure, or export it as PNG.")
    detail = f": {lines[-1][:200]}" if lines else ""
    return Refused("X104", f"{name} cannot read it{detail}", "Export the figure again.")
