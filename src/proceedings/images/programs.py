"""The programs that draw PDF, PostScript and hard SVG, each in a folder of its own, with bounded time and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from shutil import which
from typing import Any

from proceedings import typefaces
from proceedings.images.refusal import Refused

SECONDS = 60  # of processor time, whatever else the machine does; a page of a hundred thousand points takes about 5
SVG_SECONDS = 20  # of resvg, which draws ten thousand curves in one
PATIENCE = 60  # times as long by the clock, for a program that waits and computes nothing
MEMORY = 2 * 1024**3  # bytes of address space
OUTPUT = 64 * 1024**2  # bytes of one file

_PACKAGES = {"pdftocairo": "poppler-utils", "gs": "ghostscript"}


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """The programs and their versions, "" for one that is absent, and the typefaces: what a converted figure depends
    on besides its file."""
    from proceedings.installation import program_version

    asked = (("pdftocairo", "-v"), ("gs", "--version"))
    found = tuple((name, program_version(name, option) or "") for name, option in asked)
    return (*found, *(("typefaces", folder.name) for folder in typefaces.folders()))


def pdf_to_svg(data: bytes) -> bytes:
    """A PDF of one page as SVG, text as outlines."""
    return _run(["pdftocairo", "-svg", "in.pdf", "out.svg"], {"in.pdf": data}, "out.svg", SECONDS)


def pdf_to_png(data: bytes, long_side: int) -> bytes:
    """A PDF of one page as PNG, its longer side of `long_side` pixels."""
    command = ["pdftocairo", "-png", "-singlefile", "-scale-to", str(long_side), "in.pdf", "out"]
    return _run(command, {"in.pdf": data}, "out.png", SECONDS)


def postscript_to_pdf(data: bytes) -> bytes:
    """PostScript or EPS as PDF, cut to its bounding box; no program in it may touch a file."""
    options = ["-q", "-dSAFER", "-dNOPAUSE", "-dBATCH", "-dEPSCrop", "-dAutoRotatePages=/None"]
    command = ["gs", *options, "-sDEVICE=pdfwrite", "-sOutputFile=out.pdf", "in.eps"]
    return _run(command, {"in.eps": data}, "out.pdf", SECONDS)


_RESVG = (
    "import json, resvg_py, pathlib, sys\n"
    "pathlib.Path('out.png').write_bytes(resvg_py.svg_to_bytes(svg_string=pathlib.Path('in.svg').read_text('utf-8'),"
    " dpi=96, **json.loads(sys.argv[1])))"
)


def svg_to_png(data: bytes, side: str, pixels: int) -> bytes:
    """A clean SVG in UTF-8 drawn as PNG, its `side` ('width' or 'height') of so many pixels. Its text is set in the
    typefaces of the house and in Noto; in those of the machine where the house's are not installed."""
    options: dict[str, Any] = {side: pixels}
    if found := typefaces.folders():
        options |= {"skip_system_fonts": True, "font_dirs": [str(folder) for folder in found]}
        options |= {f"{name.replace('-', '_')}_family": family for name, family in typefaces.HOUSE.items()}
    command = [sys.executable, "-I", "-c", _RESVG, json.dumps(options)]
    return _run(command, {"in.svg": data}, "out.png", min(SECONDS, SVG_SECONDS))


def _run(command: Sequence[str], files: dict[str, bytes], result: str, seconds: int) -> bytes:
    """Run a program in a new folder that holds `files`; return the file `result` that it made there, in so many
    `seconds` of processor time."""
    program = which(command[0])
    called = "resvg" if command[0] == sys.executable else Path(command[0]).name
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
                timeout=PATIENCE * seconds, preexec_fn=partial(_limit, seconds),
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            message = f"{called} did not finish drawing it within {PATIENCE * seconds} s"
            raise Refused("X110", message, "Simplify the figure, or export it as PNG.") from error
        made = Path(folder) / result
        if done.returncode or not made.is_file():
            raise _failed(called, done, seconds)
        return made.read_bytes()


def _limit(seconds: int) -> None:
    """Runs in the child before the program starts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _failed(name: str, done: subprocess.CompletedProcess[bytes], seconds: int) -> Refused:
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if done.returncode < 0:
        message = (
            f"{name} needed more than {MEMORY // 1024**3} GB of memory, {OUTPUT // 1024**2} MB of output or {seconds} s"
            " of processor time"
        )
        return Refused("X110", message, "Simplify the figure, or export it as PNG.")
    detail = f": {lines[-1][:200]}" if lines else ""
    return Refused("X104", f"{name} cannot read it{detail}", "Export the figure again.")
