"""`--credential KIND` and `--set PATH=VALUE`: every setting that a plugin's model has, without a word about each.

The model says what there is, of which type, and what is secret. A secret never stands on a command line: it is asked
for, read from standard input, or named by a reference (`env:NAME`, `file:/path`).
"""

from __future__ import annotations

import difflib
import json
import sys
import types
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

import typer

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from openvna.model import JSON

CREDENTIAL = "credential"
"""The setting that holds the credential, in every plugin that has one."""

Kind = Annotated[
    str | None,
    typer.Option(
        "--credential",
        metavar="KIND",
        help="A credential of this kind: access-key, profile, web-identity, container, ... Its settings follow by "
        "--set, its secrets are asked for or read by --stdin as a JSON object.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Any setting that is not secret: credential.token_file=/run/token, assume_role.duration=7200, "
        "regions=eu-west-1,eu-west-2; again for more. An empty value takes it out.",
    ),
]


def patch(
    model: type[BaseModel], kind: str | None, sets: Sequence[str] | None, before: Mapping[str, JSON] | None = None
) -> dict[str, JSON]:
    """What these options change, as a merge patch. `before` are the settings that are changed, if there are any.

    Raises `InvalidInput` for a kind, path or value that the model does not know, and for a secret.
    """
    found: dict[str, Any] = {}
    if kind is not None:
        _member(model, kind)
        found[CREDENTIAL] = {"kind": kind}
    for text in sets or ():
        path, sign, value = text.partition("=")
        if not sign or not path.strip():
            raise InvalidInput(
                f"--set {path or text!r} cannot be used.", "It is no PATH=VALUE.", "Write it like regions=eu-west-1."
            )
        _put(model, found, before or {}, path.strip(), value)
    return found


def over(base: Mapping[str, JSON], change: Mapping[str, JSON]) -> dict[str, JSON]:
    """Settings with a change laid over them: objects are merged, unless the change makes another kind of them."""
    result = dict(base)
    for name, value in change.items():
        before = result.get(name)
        if (
            isinstance(value, dict)
            and isinstance(before, dict)
            and value.get("kind", before.get("kind")) == before.get("kind")
        ):
            result[name] = over(before, value)
        else:
            result[name] = value
    return result


def kind_of(settings: Mapping[str, JSON]) -> str | None:
    """The kind of credential in settings."""
    credential = settings.get(CREDENTIAL)
    kind = credential.get("kind") if isinstance(credential, Mapping) else None
    return kind if isinstance(kind, str) else None


def has_secrets(model: type[BaseModel], kind: str) -> bool:
    """Whether a credential of this kind holds any."""
    return any(_secret(field.annotation) for field in _member(model, kind).model_fields.values())


def read_secrets(model: type[BaseModel], kind: str, text: str) -> dict[str, JSON]:
    """The credential's settings in a JSON object of standard input, secrets among them. Raises `InvalidInput`."""
    member = _member(model, kind)
    names = [name for name in member.model_fields if name != "kind"]
    remedy = f"Give a JSON object with {', '.join(names)}, as far as they are not given by --set."
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("Standard input holds no credential.", "It is not a JSON object.", remedy) from None
    if not isinstance(found, dict):
        raise InvalidInput("Standard input holds no credential.", "It is not a JSON object.", remedy)
    unknown = [str(name) for name in found if name not in member.model_fields]
    if unknown:
        raise InvalidInput(f"A credential of kind {kind} has no {unknown[0]!r}.", "", remedy)
    from openvna.log import hide

    secret = (found.get(name) for name, field in member.model_fields.items() if _secret(field.annotation))
    hide(*(value for value in secret if isinstance(value, str)))
    return cast("dict[str, JSON]", {**found, "kind": kind})


def ask_secrets(model: type[BaseModel], kind: str, given: Mapping[str, JSON], *, anew: bool = False) -> dict[str, JSON]:
    """The secrets of a credential of this kind that `given` leaves open, asked for on the terminal, without echo.

    `anew`: an optional one that is left empty is taken out, and not kept. Raises `InvalidInput` where nobody is there
    to ask and one is needed, or where a person signs in for it.
    """
    from openvna.log import hide
    from openvna.plugin import SIGN_IN

    found: dict[str, JSON] = {}
    for name, field in _member(model, kind).model_fields.items():
        if not _secret(field.annotation) or name in given:
            continue
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(SIGN_IN):
            raise InvalidInput(
                f"A credential of kind {kind} is signed in for.",
                "It has no secret to type.",
                "Use --sign-in START_URL.",
            )
        needed = field.is_required() or not _optional(field.annotation)
        title = field.title or name
        if not sys.stdin.isatty():
            if not needed:
                continue
            raise InvalidInput(
                f"{title} is missing.",
                "It is secret, so it is no option, and there is no terminal to ask on.",
                f"Give a JSON object by --stdin, or a reference: --set {CREDENTIAL}.{name}=file:/path (or env:NAME).",
                ((f"{CREDENTIAL}.{name}", "is missing"),),
            )
        label = title if needed else f"{title} (Enter for none)"
        text = typer.prompt(label, hide_input=True, default=None if needed else "", show_default=False, err=True)
        hide(text)
        if text or anew:
            found[name] = text or None
    return found


def _member(model: type[BaseModel], kind: str) -> type[BaseModel]:
    """The model of a kind of credential."""
    field = model.model_fields.get(CREDENTIAL)
    kinds = {tag: one for one in _models(field.annotation) for tag in _tags(one)} if field else {}
    if not kinds:
        raise InvalidInput("These settings hold no credential.", "", "Leave --credential out.")
    if kind not in kinds:
        raise InvalidInput(
            f"There is no kind of credential {kind!r}.", _near(kind, kinds), f"Kinds: {', '.join(kinds)}."
        )
    return kinds[kind]


def _put(model: type[BaseModel], found: dict[str, Any], before: Mapping[str, Any], path: str, text: str) -> None:
    """Set what stands at a path, with its value as the type there has it."""
    *way, last = path.split(".")
    place: Any = found
    old: Any = before
    at: type[BaseModel] | None = model
    annotation: Any = None
    walked: list[str] = []
    for part in way:
        if at is not None:
            field = _field(at, part, walked)
            annotation = field.annotation
        else:
            annotation = _inner(annotation, part, walked)
        walked.append(part)
        old = _below(old, part)
        if isinstance(place, list):
            place = _entry(place, part, walked)
        else:
            empty: Any = [] if _origin(annotation) in (list, tuple) else {}
            place = place.setdefault(part, empty)
            if not isinstance(place, dict | list):
                raise InvalidInput(f"--set {path} cannot be used.", f"{'.'.join(walked)} was set already.", "Keep one.")
        at = _chosen(annotation, place, old) if isinstance(place, dict) else None
    if at is not None:
        field = _field(at, last, walked)
        value = _value(field, ".".join([*walked, last]), text)
        if isinstance(value, list) and isinstance(place.get(last), list):
            value = [*place[last], *value]
        place[last] = value
        return
    annotation = _inner(annotation, last, walked)
    if isinstance(place, list):
        raise InvalidInput(f"--set {path} cannot be used.", f"{last} is one of a list.", "Name one of its settings.")
    place[last] = text


def _field(model: type[BaseModel], name: str, walked: Sequence[str]) -> FieldInfo:
    if name in model.model_fields:
        return model.model_fields[name]
    where = ".".join(walked) or "A source"
    kind = next(iter(_tags(model)), "")
    names = [each for each in model.model_fields if each != "kind"]
    raise InvalidInput(
        f"There is no setting {'.'.join([*walked, name])!r}.",
        _near(name, names),
        f"{where}{f' of kind {kind}' if kind else ''} has: {', '.join(names) or 'nothing to set'}.",
    )


def _chosen(annotation: Any, place: Mapping[str, Any], old: Any) -> type[BaseModel] | None:
    """The model below an annotation: of a union, that of the kind that was chosen, or that is there."""
    members = list(_models(annotation))
    if len(members) <= 1:
        return members[0] if members else None
    kind = place.get("kind") or (old.get("kind") if isinstance(old, Mapping) else None)
    return next((one for one in members if kind in _tags(one)), members[0])


def _value(field: FieldInfo, path: str, text: str) -> Any:
    annotation, kind = field.annotation, _bare(field.annotation)
    if text == "" and (_optional(annotation) or _origin(annotation) in (list, tuple, dict)):
        return [] if _origin(annotation) in (list, tuple) else None
    if _secret(annotation):
        from openvna.model import reference_in

        if reference_in(text) is None:
            raise InvalidInput(
                f"{path} is secret: it cannot stand on the command line, where others see it.",
                "",
                f"Leave it out to be asked, give it by --stdin, or say where it is: {path}=file:/path or env:NAME.",
            )
        return text
    if kind is bool:
        if text.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
            raise InvalidInput(f"{path} is yes or no.", f"{text!r} is neither.", f"Write {path}=true or {path}=false.")
        return text.lower() in ("true", "yes", "on", "1")
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            raise InvalidInput(f"{path} is a number.", f"{text!r} is none.", f"Write it like {path}=3600.") from None
    if _origin(annotation) in (list, tuple):
        if text.lstrip().startswith("[") or any(_models(annotation)):
            return _json(path, text)
        return [part.strip() for part in text.split(",") if part.strip()]
    if _origin(annotation) is dict or any(_models(annotation)):
        return _json(path, text)
    return text


def _json(path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(
            f"{path} takes JSON, or its settings one by one.",
            "What was given is not JSON.",
            f"Name one: {path}.NAME=...",
        ) from None


def _inner(annotation: Any, part: str, walked: Sequence[str]) -> Any:
    """The annotation of an entry of a list or of a dictionary."""
    origin = _origin(annotation)
    if origin in (list, tuple) and part.isdecimal():
        return get_args(_bare(annotation))[0]
    if origin is dict:
        return get_args(_bare(annotation))[1]
    raise InvalidInput(
        f"There is no setting {'.'.join([*walked, part])!r}.",
        f"{'.'.join(walked)} has nothing below it.",
        f"Give it as a whole: {'.'.join(walked)}=VALUE.",
    )


def _entry(place: list[Any], part: str, walked: Sequence[str]) -> Any:
    number = int(part) if part.isdecimal() else -1
    if not 0 <= number <= len(place):
        raise InvalidInput(
            f"There is no entry {'.'.join(walked)!r}.", "Entries are numbered from 0, in their order.", "Begin with 0."
        )
    if number == len(place):
        place.append({})
    return place[number]


def _below(value: Any, part: str) -> Any:
    return value.get(part) if isinstance(value, Mapping) else None


def _near(name: str, among: Sequence[str] | Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, list(among), n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else ""


def _models(annotation: Any) -> list[type[BaseModel]]:
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, types.UnionType, Annotated, list, tuple):
        return [one for part in get_args(annotation) for one in _models(part)]
    return []


def _tags(model: type[BaseModel]) -> list[str]:
    field = model.model_fields.get("kind")
    return (
        [str(each) for each in get_args(field.annotation)] if field and get_origin(field.annotation) is Literal else []
    )


def _bare(annotation: Any) -> Any:
    """The annotation without `| None` and `Annotated`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        real = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(real[0]) if len(real) == 1 else annotation
    return annotation


def _origin(annotation: Any) -> Any:
    return get_origin(_bare(annotation))


def _optional(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)


def _secret(annotation: Any) -> bool:
    from pydantic import SecretStr

    return _bare(annotation) is SecretStr
