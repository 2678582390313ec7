"""The plain way to make a volume: one pandoc call for each paper, and all their HTML as one WeasyPrint document.

Formulas are drawn by ziamath, the engine that the tool uses unless told otherwise, and stand in the HTML as SVG. The
fonts, the paper and the size of the type are those of the house style, so that both sides set about the same pages; the
PDF is tagged (PDF/UA-1), since the tool's is. `python -m benchmarks.plain OUT.pdf FOLDER ...`
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

STYLE = """
@page { size: A4; margin: 24mm 27mm 26mm;
  @bottom-center { content: counter(page) } @top-center { content: string(title) } }
body { font: 10.2pt/14pt "Source Serif 4", serif; hyphens: auto; text-align: justify }
h1.title { string-set: title content(); bookmark-level: 1 } article { break-before: page }
figure, table { break-inside: avoid } img { max-width: 100% } .footnotes { font-size: 8pt }
svg { vertical-align: middle }
table { border-collapse: collapse } td, th { border: .4pt solid; padding: 2pt 4pt }
"""
MATH = re.compile(r"<math\b.*?</math>", re.S)
ANNOTATION = re.compile(r"<annotation\b.*?</annotation>", re.S)


def article(folder: Path) -> str:
    """A paper as HTML, its formulas as drawings."""
    import pypandoc

    command = [
        pypandoc.get_pandoc_path(), "paper.md", "--from=markdown", "--to=html5", "--standalone", "--mathml",
        "--citeproc", "--bibliography=works.bib", f"--id-prefix={folder.name}-",
    ]  # fmt: skip
    page = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    body = page[page.index("<body>") + 6 : page.index("</body>")]
    body = re.sub(
        r'<img([^>]*)src="([^"]+)"', lambda match: f'<img{match[1]}src="{(folder / match[2]).as_uri()}"', body
    )
    return f'<article id="{folder.name}">{MATH.sub(drawn, body)}</article>'


def drawn(match: re.Match[str]) -> str:
    """A formula as an SVG element."""
    from ziamath import Math

    return Math(ANNOTATION.sub("", match[0]), size=13).svg()


def volume(articles: Sequence[str], out: Path) -> None:
    """One document of all articles, printed."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from proceedings.renderings.pages import font_folders
    from proceedings.typesetting import fonts

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    html = f'<html lang="en-GB"><title>Harbours and Registers</title><body>{"".join(articles)}</body></html>'
    with fonts.only(font_folders()):
        configuration = FontConfiguration()
        style = weasyprint.CSS(string=STYLE, font_config=configuration)
        document = weasyprint.HTML(string=html)
        document.write_pdf(out, stylesheets=[style], font_config=configuration, pdf_variant="pdf/ua-1")


if __name__ == "__main__":
    volume([article(Path(name).resolve()) for name in sys.argv[2:]], Path(sys.argv[1]))
