"""Makes pages.png, the picture of the README, from pages of the sample volume.

.venv/bin/python docs/images/montage.py [build/pdf/volume.pdf]
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PAGES = (1, 4, 12, 14, 19, 35)
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
    pages = [page(volume, number) for number in PAGES]
    width, height = pages[0].width + GAP, pages[0].height + GAP
    picture = Image.new("RGB", (ACROSS * width + GAP, -(-len(pages) // ACROSS) * height + GAP), PAPER)
    for place, drawn in enumerate(pages):
        picture.paste(drawn, (GAP + place % ACROSS * width, GAP + place // ACROSS * height))
    picture.quantize(112, dither=Image.Dither.NONE).save(HERE / "pages.png", optimize=True)


if __name__ == "__main__":
    main()
