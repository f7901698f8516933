"""Puts a source's settings together from options and from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.model import JSON

AWS = "aws"


def aws_settings(
    *,
    role_arn: str | None,
    external_id: str | None,
    region: Sequence[str] | None,
    account: Sequence[str] | None,
    partition: str | None,
    endpoint_url: str | None,
    organization: dict[str, JSON] | None = None,
) -> dict[str, JSON]:
    """What was given of an AWS source's settings; what was not given is left out."""
    found: dict[str, JSON] = {}
    role = {key: value for key, value in (("role_arn", role_arn), ("external_id", external_id)) if value is not None}
    if role:
        found["assume_role"] = cast("JSON", role)
    if organization:
        found["organization"] = dict(organization)
    for name, values in (("regions", region), ("accounts", account)):
        if values:
            found[name] = [one for value in values for one in value.split(",") if one]
    for name, text in (("partition", partition), ("endpoint_url", endpoint_url)):
        if text is not None:
            found[name] = text
    return found


def from_file(path: Path) -> dict[str, JSON]:
    """The settings in a JSON file. Raises `InvalidInput` naming the place where it is not JSON."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInput(
            f"The file {path} cannot be read.", f"{error.strerror or error}.", "Give the settings as a JSON file."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The file {path} is not JSON.", "It is not text.", "Give a JSON file.") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"The file {path} is not JSON.",
            f"Line {error.lineno}, column {error.colno}: {error.msg}.",
            "Correct it there.",
        ) from None
    except RecursionError:
        raise InvalidInput(
            f"The file {path} holds no settings.", "It is nested too deeply.", "Give the settings as a JSON file."
        ) from None
    if not isinstance(found, dict):
        raise InvalidInput(
            f"The file {path} holds no settings.",
            f"It holds a JSON {type(found).__name__} where an object is needed.",
            'Give an object, like {"regions": ["eu-west-1"]}.',
        )
    return cast("dict[str, JSON]", found)


def together(plugin: str, file: Path | None, options: dict[str, JSON]) -> dict[str, JSON]:
    """The settings of the file with those of the options over them. The options are those of AWS alone."""
    if options and plugin != AWS:
        raise InvalidInput(
            f"These options are not for the plugin {plugin!r}.",
            f"Settings of AWS were given: {', '.join(sorted(options))}.",
            "Give its settings with --config FILE.json (see: openvna plugin list --format json).",
        )
    whole = from_file(file) if file is not None else {}
    for name, value in options.items():
        before = whole.get(name)
        if name in ("assume_role", "organization") and isinstance(value, dict) and isinstance(before, dict):
            value = {**before, **value}
        whole[name] = value
    return whole
