"""Makes pages.png, the picture of the README, from pages of the sample volume.

.venv/bin/python docs/images/montage.py [build/pdf/volume.pdf]

And styles.png, of the guide to the look, from the same volume in the conference style beside it:

.venv/bin/python docs/images/montage.py build/pdf/volume.pdf conference/pdf/volume.pdf
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PAGES = (4, 7, 19, 22, 27, 45)
OPENING = "often picked from a ranking"  # words on the first page of the paper that styles.png shows
ACROSS, GAP, PAPER, EDGE = 3, 14, "white", "#d5d1c8"


def page(volume: Path, number: int) -> Image.Image:
    """One page at 62 dots per inch, with a thin edge."""
    command = ["pdftoppm", "-f", str(number), "-l", str(number), "-r", "62", "-png", str(volume)]
    drawn = Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)).convert("RGB")
    framed = Image.new("RGB", (drawn.width + 2, drawn.height + 2), EDGE)
    framed.paste(drawn, (1, 1))
    return framed


def main() -> None:
    volume = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "build" / "pdf" / "volume.pdf"
    if len(sys.argv) > 2:
        both = [found for file in (volume, Path(sys.argv[2])) for found in opening(file)]
        save([page(file, number) for file, number in both], len(both), "styles.png")
    else:
        save([page(volume, number) for number in PAGES], ACROSS, "pages.png")


def opening(volume: Path) -> list[tuple[Path, int]]:
    """The first two pages of the contribution whose opening names it first."""
    text = subprocess.run(["pdftotext", str(volume), "-"], check=True, capture_output=True, text=True).stdout
    first = next(number for number, page in enumerate(text.split("\f"), 1) if OPENING in " ".join(page.split()))
    return [(volume, first), (volume, first + 1)]


def save(pages: list[Image.Image], across: int, name: str) -> None:
    width, height = pages[0].width + GAP, pages[0].height + GAP
    picture = Image.new("RGB", (across * width + GAP, -(-len(pages) // across) * height + GAP), PAPER)
    for place, drawn in enumerate(pages):
        picture.paste(drawn, (GAP + place % across * width, GAP + place // across * height))
    picture.quantize(112, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
