"""The page of a PDF that is the figure, as a PDF of its own: what it shows depends on no reader's idea of boxes."""

from __future__ import annotations

import io

from proceedings.diagnostics import said
from proceedings.images.refusal import Refused


def first_page(data: bytes) -> tuple[bytes, int]:
    """The first page alone, cut to its crop box; and how many pages there were. Refused on a damaged or locked PDF."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            count = len(document.pages)
            page = document.pages[0]
            shown = page.cropbox
            page.mediabox = shown
            for box in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
                if box in page:
                    del page[box]
            alone = pikepdf.new()
            alone.pages.append(page)
            buffer = io.BytesIO()
            alone.save(buffer, static_id=True)
    except pikepdf.PasswordError as error:
        raise Refused("X104", "the PDF is locked with a password", "Save it without a password.") from error
    except (pikepdf.PdfError, ValueError, IndexError, RuntimeError) as error:
        raise Refused("X104", f"the PDF is damaged: {said(error)[:200]}", "Export the figure again.") from error
    return buffer.getvalue(), count
