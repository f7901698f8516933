"""What is wrong with a value that somebody gave, in our words: the validation library's are a programmer's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

_WITHOUT_NUL = r"^[^\x00]*$"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit, and the next step. `why` goes on from the name of the value: "is not a whole number".
    Neither holds the value, which may be a secret; only what a validator of ours says of it may."""

    why: str
    remedy: str


def misfit(finding: Mapping[str, Any]) -> Misfit:
    """The same as one finding of pydantic (`ErrorDetails`). What it finds under a name that is not known here keeps its
    own words."""
    kind, context = finding["type"], finding.get("ctx") or {}
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _MEASURED:
        try:
            return _MEASURED[kind](context)
        except KeyError:  # a finding that was asked for without its context
            pass
    return Misfit(str(finding["msg"]).removeprefix("Value error, ").removesuffix("."), "Correct it.")


def remedy_of(found: Collection[Misfit], otherwise: str) -> str:
    """The next step for all of them together: what is to be done about each, or `otherwise` where that differs."""
    remedies = {each.remedy for each in found}
    return remedies.pop() if len(remedies) == 1 else otherwise


def _bound(context: Mapping[str, Any], name: str) -> str:
    return f"{context[name]:.15g}" if isinstance(context[name], int | float) else str(context[name])


def _chosen(expected: object) -> str:
    """`'a', 'b' or 'c'` as `a, b, c`."""
    return str(expected).replace("' or '", "', '").replace("'", "")


def _least(context: Mapping[str, Any]) -> Misfit:
    least = _bound(context, "ge")
    return Misfit(f"is less than {least}, the least that it can be", f"Give {least} or more.")


def _most(context: Mapping[str, Any]) -> Misfit:
    most = _bound(context, "le")
    return Misfit(f"is more than {most}, the most that it can be", f"Give {most} at most.")


def _above(context: Mapping[str, Any]) -> Misfit:
    return Misfit(f"is not more than {_bound(context, 'gt')}", f"Give more than {_bound(context, 'gt')}.")


def _below(context: Mapping[str, Any]) -> Misfit:
    return Misfit(f"is not less than {_bound(context, 'lt')}", f"Give less than {_bound(context, 'lt')}.")


def _choice(context: Mapping[str, Any]) -> Misfit:
    return Misfit(f"is none of: {_chosen(context['expected'])}", "Choose one of these.")


def _tag(context: Mapping[str, Any]) -> Misfit:
    name = str(context["discriminator"]).strip("'")
    return Misfit(f"has a {name} that is none of: {_chosen(context['expected_tags'])}", "Choose one of these.")


def _no_tag(context: Mapping[str, Any]) -> Misfit:
    name = str(context["discriminator"]).strip("'")
    return Misfit(f"has no {name}, which says what else belongs to it", f"Give its {name}.")


def _short(context: Mapping[str, Any]) -> Misfit:
    least = context["min_length"]
    if least == 1:
        return Misfit("is empty", "Give one, or leave it out.")
    return Misfit(f"has fewer than {least} characters", f"Give {least} characters or more.")


def _long(context: Mapping[str, Any]) -> Misfit:
    most = _bound(context, "max_length")
    return Misfit(f"has more than {most} characters", f"Give {most} characters at most.")


def _few(context: Mapping[str, Any]) -> Misfit:
    least = context["min_length"]
    if least == 1:
        return Misfit("is an empty list", "Name one, or leave it out.")
    return Misfit(f"holds fewer than {least}", f"Give {least} or more.")


def _many(context: Mapping[str, Any]) -> Misfit:
    most = _bound(context, "max_length")
    return Misfit(f"holds more than {most}", f"Give {most} at most.")


def _form(context: Mapping[str, Any]) -> Misfit:
    if context["pattern"] == _WITHOUT_NUL:
        return Misfit("holds a NUL character", "Leave that out.")
    return Misfit(f"does not have the form {context['pattern']}", "Give it in this form.")


_WHOLE = Misfit("is not a whole number", "Give a whole number.")
_NUMBER = Misfit("is not a number", "Give a number.")
_YES_OR_NO = Misfit("is neither true nor false", "Give true or false.")
_TEXT = Misfit("is not a text", "Give a text.")
_LIST = Misfit("is not a list", "Give a list.")
_OBJECT = Misfit("is not an object", "Give an object with its fields.")
_TIME = Misfit("is not a time like 2026-03-02T08:30:00Z", "Give a time of RFC 3339.")

_PLAIN = {
    "missing": Misfit("is missing", "Give it."),
    "extra_forbidden": Misfit("is not a known field", "Leave it out, or correct its name."),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": Misfit("has too many digits", "Give a smaller number."),
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": Misfit("has no time zone", "Write one behind the time: Z for UTC, or +02:00."),
}
"""What pydantic finds, by its name for it (pydantic, Usage, Validation errors)."""

_MEASURED: Mapping[str, Callable[[Mapping[str, Any]], Misfit]] = {
    "greater_than_equal": _least,
    "less_than_equal": _most,
    "greater_than": _above,
    "less_than": _below,
    "enum": _choice,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_too_short": _short,
    "string_too_long": _long,
    "string_pattern_mismatch": _form,
    "too_short": _few,
    "too_long": _many,
}
"""The same for what has a measure, which it tells in its context."""
