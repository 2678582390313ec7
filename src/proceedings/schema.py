"""The JSON Schemas of volume.yaml and of a contribution's metadata, for editors' tools: the model, and the shorter ways
of writing that the reader understands (frontmatter). Dialects of other tools are read too, but are not described here.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from proceedings.frontmatter.volumes import SYNONYMS
from proceedings.model import Contribution, Relation, Volume

NAMES = ("volume", "contribution")

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}

# Records that may be written as one text: the name of the thing, or a contribution's slug.
_NAMED = ("Affiliation", "ContentsEntry", "Contributor", "Event", "Organisation", "Publisher", "Series")

# Lists that have to be written as lists; everywhere else one item will do.
_LISTS_ONLY = (("Contributor", "variants"), ("Limits", "required"), ("Limits", "sections"), ("", "related"))


def schema(name: str) -> Schema:
    """The schema called `name`. KeyError for another name than those of NAMES."""
    return {"volume": _volume, "contribution": _contribution}[name]()


def as_text(name: str) -> str:
    return json.dumps(schema(name), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


class _Untitled(GenerateJsonSchema):
    """Without the titles that pydantic makes of the names of fields: they say nothing that the name does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


# --- the two schemas ------------------------------------------------------------------------------------------------


def _volume() -> Schema:
    made = _eased(Volume.model_json_schema(by_alias=True, schema_generator=_Untitled))
    made |= {"$schema": _DIALECT, "title": "volume.yaml of a proceedings volume"}
    fields, definitions = made["properties"], made["$defs"]
    entry = _either(_TEXT, _reference("ContentsEntry"), _keyed({"type": "object"}))
    contents = _either(_array(entry), entry)
    section = _either(_reference("Section"), _keyed(contents) | {"maxProperties": 1})
    members = definitions["Committee"]["properties"]["members"]
    definitions["Section"]["properties"]["papers"] |= contents
    fields["contents"] |= contents
    fields["sections"] |= _either(_array(section), section)
    fields["committees"]["anyOf"].append(_keyed(members))
    said = {"description": fields["stylesheets"]["description"]}
    fields["stylesheets"] = _either(_reference("Stylesheets"), _array(_TEXT), _TEXT) | said
    for other, ours in SYNONYMS.items():
        fields[other] = _synonym(ours)
    definitions["Event"]["properties"]["organizers"] = _synonym("organisers", "#/$defs/Event")
    return made


def _contribution() -> Schema:
    made = _eased(Contribution.model_json_schema(by_alias=True, schema_generator=_Untitled))
    made |= {"$schema": _DIALECT, "title": "Metadata of a contribution", "required": ["title"]}
    fields, definitions = made["properties"], made["$defs"]
    for name in ("slug", "section"):
        del fields[name]
    fields["title"] = _either(fields["title"], _keyed(_TEXT)) | {
        "description": "The title; or one for each language tag."
    }
    part = _either(_TEXT, _reference("AbstractSection"), _keyed(_TEXT))
    fields["abstract"] |= _either(_array(part), part)
    fields["authors"] = fields["contributors"] | {"description": "Contributors whose role is author."}
    fields["contributors"] |= {"description": "Translators, illustrators and others, each with a `role`."}
    fields |= _of_citations()
    definitions["Work"] = _without_relation(definitions["RelatedWork"])
    work = _either(_TEXT, _reference("Work"))
    for relation in Relation:
        fields[relation.value] = _either(work, _array(work)) | {
            "description": "The work: a DOI, a slug of this volume, an address, or {title, authors, …}."
        }
    return made


def _of_citations() -> Schema:
    """What the reader takes from the metadata for the references; no part of the record."""
    texts = _either(_TEXT, _array(_TEXT))
    return {
        "bibliography": texts | {"description": "Libraries beside the paper."},
        "references": _array({"type": "object"}) | {"description": "References themselves, as CSL items."},
        "nocite": texts | {"description": "Keys of references that are listed without being cited."},
    }


def _without_relation(work: Schema) -> Schema:
    fields = {name: field for name, field in work["properties"].items() if name != "relation"}
    return {**work, "properties": fields, "required": []}


# --- shorter ways of writing ----------------------------------------------------------------------------------------


def _eased(made: Schema) -> Schema:
    """The model's schema, with names for records, one item for a list, and numbers where text is wanted."""
    records = {"": made, **made["$defs"]}
    for owner, record in records.items():
        for name, field in record.get("properties", {}).items():
            record["properties"][name] = _eased_field(field, (owner, name) in _LISTS_ONLY)
    person = made["$defs"]["Contributor"]["properties"]
    person["name"] = _TEXT | {"description": "The whole name, instead of its parts."}
    person["affiliations"] |= _either(
        _array(_either(_TEXT, _reference("Affiliation"))), _TEXT, _reference("Affiliation")
    )
    person["affiliation"] = {"$ref": "#/$defs/Contributor/properties/affiliations"}
    return made


def _eased_field(field: Schema, list_only: bool) -> Schema:
    made = {key: _eased_value(value) for key, value in field.items()}
    if field.get("$ref", "").removeprefix("#/$defs/") in _NAMED:
        made |= _either(_TEXT, {"$ref": made.pop("$ref")})
    elif field.get("type") == "array" and not list_only:
        made |= _either({"type": made.pop("type"), "items": made["items"]}, made.pop("items"))
    elif field.get("type") == "string" and not {"enum", "pattern", "format", "contentMediaType"} & set(field):
        made["type"] = ["string", "number"]
    if made.get("format") == "date":  # dates in words are understood too
        made["examples"] = ["2024-10-16"]
        del made["format"]
    return made


def _eased_value(value: Any) -> Any:
    """Schemas inside of a schema: under `items`, `anyOf`, `additionalProperties`."""
    if isinstance(value, dict):
        return _eased_field(value, list_only=True)
    if isinstance(value, list):
        return [_eased_value(item) for item in value]
    return value


def _synonym(ours: str, owner: str = "#") -> Schema:
    return {"$ref": f"{owner}/properties/{ours}", "description": f"Another name of `{ours}`.", "deprecated": True}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _keyed(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}
