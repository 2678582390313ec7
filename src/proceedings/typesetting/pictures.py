"""What HTML says of images in attributes and text, as CSS sees it."""

from __future__ import annotations

from typing import Any


def prepare(root: Any) -> None:
    """Give images the size of their attributes, which WeasyPrint does not read, and paragraphs of nothing but images
    the class `pictures`."""
    for image in root.iter("img"):
        for name in ("width", "height"):  # one is enough: no image is distorted where there is no room for it
            if (length := image.get(name, "")).isdecimal():
                image.set("style", f"{name}: {length}px; {image.get('style', '')}")
                break
    for paragraph in root.iter("p"):
        if _holds_images_only(paragraph):
            paragraph.set("class", f"{paragraph.get('class', '')} pictures".strip())


def _holds_images_only(paragraph: Any) -> bool:
    texts = [paragraph.text, *(child.tail for child in paragraph)]
    images = [child for child in paragraph if child.tag != "br"]
    return (
        bool(images)
        and not any(text and text.strip() for text in texts)
        and all(child.tag == "img" and "math" not in child.get("class", "").split() for child in images)
    )
