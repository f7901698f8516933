"""Reads the JSON Schema of a plugin's settings into fields that a form can draw.

It knows the schemas that pydantic writes for models made of strings, secrets, numbers, booleans, enumerations, lists
of strings, nested models, optional nested models and discriminated unions. Whatever else a plugin may come up with is
drawn as a JSON field, so that every setting can be given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from openvna.model import reference_in
from openvna.plugin import ENTERED_ANEW, SIGN_IN
from openvna.plugin.sign_in import CHOICE

FieldKind = Literal["text", "secret", "number", "flag", "choice", "tags", "section", "union", "json", "sign-in", "list"]
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to fill a union: the value of its discriminator, and the fields that then apply."""

    tag: str
    title: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form.

    `path` is dotted (`credential.secret_access_key`). `value` is what stands in it now: the stored setting, else the
    schema's default. It is never a secret: of those, `stored` says whether there is one, and `value` is the reference
    where it is kept elsewhere. `optional` means that the setting may be null, `spaced` that the entries of a list may
    hold spaces. `aliases` are what else it is called in texts that people paste; `entered_anew`: it belongs to the
    secrets beside it, and new ones drop it.
    """

    kind: FieldKind
    path: str
    title: str
    description: str = ""
    variant: str = ""
    """The tag of its variant, where another variant has a field at the same path: two inputs need two ids."""
    required: bool = False
    optional: bool = False
    value: Any = None
    stored: bool = False
    advanced: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    multiline: bool = False
    aliases: tuple[str, ...] = ()
    entered_anew: bool = False
    integer: bool = False
    spaced: bool = False
    discriminator: str = ""
    fields: tuple[Field, ...] = ()
    variants: tuple[Variant, ...] = ()
    entries: tuple[tuple[Field, ...], ...] = ()
    """Of a list of models: the fields of each entry. `fields` are those of an entry to add, with `#` for its number."""
    choice: str = ""
    """What is chosen here after a sign-in (`account`, `role`); empty: nothing."""

    @property
    def id(self) -> str:
        """The id of its element in the page."""
        return "-".join(filter(None, ("field", self.variant, self.path.replace(".", "-").replace("_", "-"))))


def read_fields(
    schema: Schema, values: Mapping[str, Any] | None = None, secrets: Sequence[str] = ()
) -> tuple[Field, ...]:
    """The fields of a settings model.

    `schema` is what `model_json_schema()` gives; `values` the stored settings (none for a new source) and `secrets`
    the dotted paths of the stored secrets.
    """
    reader = _Reader(schema.get("$defs", {}), frozenset(secrets))
    return tuple(_fold(field) for field in reader.properties(schema, "", values))


def split_advanced(fields: Sequence[Field]) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The fields to show at once, and those to fold away."""
    return tuple(f for f in fields if not f.advanced), tuple(f for f in fields if f.advanced)


def _fold(field: Field) -> Field:
    """At the top, a scalar that may stay empty can wait behind "Advanced" (a proxy, a CA bundle)."""
    scalar = field.kind in ("text", "secret", "number", "flag", "json")
    return replace(field, advanced=field.advanced or (scalar and field.optional))


class _Reader:
    def __init__(self, definitions: Schema, secrets: frozenset[str]) -> None:
        self._definitions = definitions
        self._secrets = secrets

    def properties(self, schema: Schema, prefix: str, values: Mapping[str, Any] | None) -> tuple[Field, ...]:
        required = frozenset(schema.get("required", ()))
        return tuple(
            self._field(f"{prefix}{name}", name, part, name in required, values)
            for name, part in schema.get("properties", {}).items()
            if "const" not in part
        )

    def _resolve(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if reference is None:
            return schema
        target = self._definitions[str(reference).rsplit("/", 1)[-1]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}

    def _field(self, path: str, name: str, part: Schema, required: bool, values: Mapping[str, Any] | None) -> Field:
        schema, optional = self._optional(self._resolve(part))
        title = str(part.get("title") or schema.get("title") or name.replace("_", " ").capitalize())
        description = str(part.get("description") or schema.get("description") or "")
        known = values is not None and name in values
        value = values[name] if values is not None and known else part.get("default")
        base = Field(
            kind="text",
            path=path,
            title=title,
            description=description,
            required=required,
            optional=optional,
            value=value,
            stored=path in self._secrets,
            advanced=bool(part.get("x-advanced") or schema.get("x-advanced")),
            choice=str(part.get(CHOICE, "")),
            multiline=bool(part.get("x-multiline") or schema.get("x-multiline")),
            entered_anew=bool(part.get(ENTERED_ANEW) or schema.get(ENTERED_ANEW)),
            aliases=tuple(part.get("x-aliases") or schema.get("x-aliases") or ()),
        )
        return self._typed(base, schema)

    def _optional(self, schema: Schema) -> tuple[Schema, bool]:
        """`X | None` as X."""
        options = schema.get("anyOf")
        if not options:
            return schema, False
        real = [option for option in options if option.get("type") != "null"]
        if len(real) == 1 and len(options) == 2:
            inner = self._resolve(real[0])
            outer = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
            return {**inner, **outer}, True
        return schema, len(real) < len(options)

    def _typed(self, base: Field, schema: Schema) -> Field:
        if "oneOf" in schema and "discriminator" in schema:
            return self._union(base, schema)
        if schema.get(SIGN_IN):
            return replace(base, kind="sign-in", value=None)
        if schema.get("writeOnly") or schema.get("format") == "password":
            # A secret is not among the settings; what stands in its place is a reference to it.
            reference = base.value if isinstance(base.value, str) and reference_in(base.value) else None
            return replace(base, kind="secret", value=reference, stored=base.stored or reference is not None)
        if "enum" in schema:
            return replace(base, kind="choice", choices=tuple(map(str, schema["enum"])))
        kind = schema.get("type")
        if kind == "object" and "properties" in schema:
            return self._section(base, schema)
        if kind == "boolean":
            return replace(base, kind="flag")
        if kind in ("integer", "number"):
            return replace(
                base,
                kind="number",
                integer=kind == "integer",
                minimum=schema.get("minimum"),
                maximum=schema.get("maximum"),
            )
        if kind == "array" and schema.get("items", {}).get("type") == "string":
            return replace(base, kind="tags", value=list(base.value or ()), spaced=bool(schema.get("x-spaced")))
        item = self._resolve(schema.get("items", {})) if kind == "array" else {}
        if item.get("type") == "object" and "properties" in item:
            return self._list(base, item)
        if kind == "string":
            return replace(base, pattern=str(schema.get("pattern", "")))
        return replace(base, kind="json")

    def _section(self, base: Field, schema: Schema) -> Field:
        inside = base.value if isinstance(base.value, Mapping) else None
        return replace(
            base, kind="section", value=inside is not None, fields=self._inside(schema, f"{base.path}.", inside)
        )

    def _list(self, base: Field, schema: Schema) -> Field:
        values = [each for each in base.value or () if isinstance(each, Mapping)]
        entries = tuple(self._inside(schema, f"{base.path}.{number}.", each) for number, each in enumerate(values))
        return replace(
            base, kind="list", value=None, entries=entries, fields=self._inside(schema, f"{base.path}.#.", None)
        )

    def _inside(self, schema: Schema, prefix: str, values: Mapping[str, Any] | None) -> tuple[Field, ...]:
        """The fields of a model within a form: what it can do without waits behind "More"."""
        return tuple(
            replace(
                field,
                advanced=field.advanced or not (field.required or field.optional or field.kind in ("section", "tags")),
            )
            for field in self.properties(schema, prefix, values)
        )

    def _union(self, base: Field, schema: Schema) -> Field:
        discriminator = schema["discriminator"]
        name = str(discriminator["propertyName"])
        inside = base.value if isinstance(base.value, Mapping) else {}
        variants = []
        seen: set[str] = set()
        # The order of `oneOf` is the author's; that of `mapping` is alphabetical.
        tags = {reference: tag for tag, reference in discriminator["mapping"].items()}
        for reference, tag in ((option["$ref"], tags[option["$ref"]]) for option in schema["oneOf"]):
            model = self._resolve({"$ref": reference})
            chosen = inside.get(name) == tag
            fields = self.properties(model, f"{base.path}.", inside if chosen else None)
            if not chosen:
                fields = tuple(replace(field, stored=False) for field in fields)
            fields = tuple(replace(field, variant=tag) if field.path in seen else field for field in fields)
            seen |= {field.path for field in fields}
            title = _words(str(model.get("title", tag)))
            variants.append(Variant(tag, title, str(model.get("description", "")), fields))
        return replace(
            base,
            kind="union",
            discriminator=name,
            variants=tuple(variants),
            value=inside.get(name) or (variants[0].tag if variants else None),
        )


def _words(title: str) -> str:
    """`AccessKey`, as pydantic titles a model, in words: "Access key"."""
    if " " in title:
        return title
    spaced = "".join(f" {letter}" if letter.isupper() and index else letter for index, letter in enumerate(title))
    return spaced.capitalize()
