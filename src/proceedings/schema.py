"""The JSON Schemas of volume.yaml and of a contribution's metadata, made from the model plus the shorter forms that the
reader accepts (frontmatter)."""

from __future__ import annotations

import json
from typing import Any

from proceedings.model import Contribution, Relation, Volume

NAMES = ("volume", "contribution")
_TEXT = {"type": "string"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """The schema called `name`. KeyError for another name than those of NAMES."""
    return {"volume": _volume, "contribution": _contribution}[name]()


def as_text(name: str) -> str:
    return json.dumps(schema(name), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _volume() -> dict[str, Any]:
    made = Volume.model_json_schema(by_alias=True)
    made.update({"$schema": _DIALECT, "title": "volume.yaml of a proceedings volume"})
    entries = {"type": "array", "items": {"anyOf": [_TEXT, {"$ref": "#/$defs/ContentsEntry"}]}}
    made["$defs"]["Section"]["properties"]["papers"] = {
        **entries,
        "description": "Slugs, or mappings with editors' facts.",
    }
    made["properties"]["contents"] = {**entries, "description": "Contributions of a volume without sections."}
    made["properties"]["editors"] = {
        "type": "array",
        "items": {"anyOf": [_TEXT, {"$ref": "#/$defs/Contributor"}]},
    }
    _scalars(made)
    return made


def _contribution() -> dict[str, Any]:
    made = Contribution.model_json_schema(by_alias=True)
    made.update({"$schema": _DIALECT, "title": "Metadata of a contribution"})
    fields = made["properties"]
    for name in ("slug", "section"):
        del fields[name]
    made["required"] = ["title"]
    fields["title"] = {
        "anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}],
        "description": "Markdown; or one for each language tag.",
    }
    fields["abstract"] = {"anyOf": [_TEXT, {"type": "array", "items": {"$ref": "#/$defs/AbstractSection"}}]}
    people = {"type": "array", "items": {"anyOf": [_TEXT, {"$ref": "#/$defs/Contributor"}]}}
    fields["authors"] = {**people, "description": "Contributors whose role is author."}
    fields["contributors"] = {**people, "description": "Translators, illustrators and others."}
    fields["bibliography"] = {
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
        "description": "Libraries beside the paper.",
    }
    fields["references"] = {"type": "array", "items": {"type": "object"}, "description": "CSL items."}
    fields["nocite"] = {
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
        "description": "References that are listed without being cited.",
    }
    for relation in Relation:
        work = {
            "anyOf": [
                _TEXT,
                {"$ref": "#/$defs/RelatedWorkShort"},
                {"type": "array", "items": {"$ref": "#/$defs/RelatedWorkShort"}},
            ]
        }
        fields[relation.value] = {
            **work,
            "description": "A DOI, a slug of this volume, or {doi, title, authors, …}.",
        }
    short = json.loads(json.dumps(made["$defs"]["RelatedWork"]))
    short["required"] = []
    short["properties"].pop("relation")
    made["$defs"]["RelatedWorkShort"] = short
    _scalars(made)
    return made


def _scalars(node: Any) -> None:
    """YAML gives editors' tools numbers and dates where the model wants text: allow both."""
    if isinstance(node, dict):
        if node.get("type") == "string" and not {"enum", "pattern", "format", "contentMediaType"} & set(node):
            node["type"] = ["string", "number"]
        for value in node.values():
            _scalars(value)
    elif isinstance(node, list):
        for value in node:
            _scalars(value)
