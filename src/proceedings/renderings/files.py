"""Files that go with a contribution, in HTML: players where an output can play, words and an address where it cannot.

The tree has a link of the class `file` for a file that the text leads to, and an empty span of the class `recording`
for one that stands in it; the list of supplements stands behind the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from proceedings.edition import FILE, RECORDING, FileAsset, Prepared, Supplied
from proceedings.model import Volume

Reach = Callable[[FileAsset], str]
"""Under which address an output has a file; '' where it does not carry it."""


def nowhere(asset: FileAsset) -> str:
    """What print carries."""
    return ""


def published(asset: FileAsset, prepared: Prepared, volume: Volume) -> str:
    """The address of a file on the volume's site; '' where it is not known where that will stand."""
    return f"{volume.url.rstrip('/')}/html/{prepared.contribution.slug}/{asset.name}" if volume.url else ""


def size(asset: FileAsset) -> str:
    """How large a file is, in decimal units: '12 kB', '3.4 MB'."""
    if asset.size < 1_000_000:
        return f"{max(1, round(asset.size / 1000))} kB"
    return f"{asset.size / 1_000_000:.1f} MB"


def supplement_id(slug: str, number: int) -> str:
    """The id of a supplement, counted from 1, in every output; no id begins with a digit."""
    return f"{'_' if slug[:1].isdigit() else ''}{slug}--supplement-{number}"


def placed(body: str, prepared: Prepared, volume: Volume, words: Mapping[str, str], reach: Reach) -> str:
    """A body with its links to files, and its recordings, as an output has them."""
    if f'"{FILE}:' not in body and f'class="{RECORDING}' not in body:
        return body
    assets = {asset.name: asset for asset in prepared.files}
    numbers = {one.asset.name: number for number, one in enumerate(prepared.supplements(), 1) if one.asset}

    def link(match: re.Match[str]) -> str:
        asset = assets.get(match[1])
        if asset is None:
            return "<a"
        address = reach(asset)
        if address:
            return f'<a href="{escape(address)}" download="{escape(asset.own_name)}"'
        if asset.name in numbers:
            return f'<a href="#{supplement_id(prepared.contribution.slug, numbers[asset.name])}"'
        return f'<a href="{escape(published(asset, prepared, volume))}"' if volume.url else "<a"

    def recording(match: re.Match[str]) -> str:
        asset = assets.get(match["name"])
        return "" if asset is None else _recording(match[0], asset, prepared, volume, words, reach(asset))

    body = re.sub(rf'<a href="{FILE}:([^"]*)"', link, body)
    return re.sub(rf'<span\b[^>]*class="{RECORDING}\b[^>]*data-file="(?P<name>[^"]*)"[^>]*></span>', recording, body)


def _recording(
    mark: str, asset: FileAsset, prepared: Prepared, volume: Volume, words: Mapping[str, str], address: str
) -> str:
    """A player; where there can be none, what it is, its file's name and its address."""
    name, alt = re.search(r'\bid="[^"]*"', mark), re.search(r'\balt="([^"]*)"', mark)
    own = f" {name[0]}" if name else ""
    described = f' aria-label="{alt[1]}"' if alt else ""
    if address:
        return (
            f'<{asset.medium}{own} class="{RECORDING}" src="{escape(address)}" controls="controls"'
            f' preload="metadata"{described}></{asset.medium}>'
        )
    where = published(asset, prepared, volume)
    link = f' <a href="{escape(where)}">{escape(where)}</a>' if where else ""
    title = f" {alt[1]}" if alt else ""
    kind = escape(words[asset.medium])
    return (
        f'<span{own} class="{RECORDING}"><span class="medium">{kind}:</span> {escape(asset.own_name)}'
        f" ({size(asset)}).{title}{link}</span>"
    )


def listed(prepared: Prepared, volume: Volume, reach: Reach) -> list[dict[str, Any]]:
    """The supplements for the list behind the text."""
    return [_row(number, one, prepared, volume, reach) for number, one in enumerate(prepared.supplements(), 1)]


def _row(number: int, one: Supplied, prepared: Prepared, volume: Volume, reach: Reach) -> dict[str, Any]:
    asset = one.asset
    address = reach(asset) if asset else ""
    where = one.item.address or (published(asset, prepared, volume) if asset and not address else "")
    return {
        "id": supplement_id(prepared.contribution.slug, number),
        "field": one.field,
        "titled": one.item.title is not None,
        "name": asset.own_name if asset else "",
        "size": size(asset) if asset else "",
        "address": address,
        "elsewhere": where,
    }
