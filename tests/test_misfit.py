"""What is wrong with a value is said in words of our own, with the next step, and without the value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from openvna.model import RunState
from openvna.model.misfit import Misfit, misfit, remedy_of


class Ground(BaseModel):
    kind: Literal["ground"]


class Roof(BaseModel):
    kind: Literal["roof"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    floor: Annotated[Ground | Roof, Field(discriminator="kind")]


def _never(value: str) -> str:
    raise ValueError("a start URL looks like https://d-1234567890.awsapps.com/start")


def found(kind: Any, value: object) -> list[Misfit]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(value)
    return [misfit(each) for each in raised.value.errors()]


@pytest.mark.parametrize(
    ("kind", "value", "why", "remedy"),
    [
        (int, "sesame", "is not a whole number", "Give a whole number."),
        (int, 1.5, "is not a whole number", "Give a whole number."),
        (int, "9" * 5000, "has too many digits", "Give a smaller number."),
        (float, "sesame", "is not a number", "Give a number."),
        (bool, "sesame", "is neither true nor false", "Give true or false."),
        (Annotated[int, Field(ge=0)], -7, "is less than 0, the least that it can be", "Give 0 or more."),
        (Annotated[int, Field(le=1000)], 7000, "is more than 1000, the most that it can be", "Give 1000 at most."),
        (Annotated[float, Field(gt=0)], -7.0, "is not more than 0", "Give more than 0."),
        (Annotated[float, Field(lt=0.5)], 7.0, "is not less than 0.5", "Give less than 0.5."),
        (
            RunState,
            "sesame",
            "is none of: running, ok, partial, failed, interrupted",
            "Choose one of these.",
        ),
        (Literal["asc"], "sesame", "is none of: asc", "Choose one of these."),
        (str, 7, "is not a text", "Give a text."),
        (Annotated[str, Field(min_length=1)], "", "is empty", "Give one, or leave it out."),
        (Annotated[str, Field(min_length=9)], "sesame", "has fewer than 9 characters", "Give 9 characters or more."),
        (Annotated[str, Field(max_length=5)], "sesame", "has more than 5 characters", "Give 5 characters at most."),
        (Annotated[str, Field(pattern=r"^[^\x00]*$")], "ses\0ame", "holds a NUL character", "Leave that out."),
        (Annotated[str, Field(pattern=r"^\d+$")], "sesame", r"does not have the form ^\d+$", "Give it in this form."),
        (list[str], "sesame", "is not a list", "Give a list."),
        (Annotated[list[str], Field(min_length=1)], [], "is an empty list", "Name one, or leave it out."),
        (Annotated[list[str], Field(max_length=1)], ["sesame"] * 2, "holds more than 1", "Give 1 at most."),
        (dict[str, str], "sesame", "is not an object", "Give an object with its fields."),
        (AwareDatetime, "sesame", "is not a time like 2026-03-02T08:30:00Z", "Give a time of RFC 3339."),
        (
            AwareDatetime,
            "2026-03-02T08:30:00",
            "has no time zone",
            "Write one behind the time: Z for UTC, or +02:00.",
        ),
        (Strict, {}, "is missing", "Give it."),
        (
            Strict,
            {"floor": {"kind": "sesame"}},
            "has a kind that is none of: ground, roof",
            "Choose one of these.",
        ),
        (Strict, {"floor": {}}, "has no kind, which says what else belongs to it", "Give its kind."),
        (
            Strict,
            {"floor": {"kind": "roof"}, "sesame": 1},
            "is not a known field",
            "Leave it out, or correct its name.",
        ),
        (
            Annotated[str, AfterValidator(_never)],
            "sesame",
            "a start URL looks like https://d-1234567890.awsapps.com/start",
            "Correct it.",
        ),
    ],
)
def test_each_says_why_and_the_next_step(kind: Any, value: object, why: str, remedy: str) -> None:
    (one,) = found(kind, value)
    assert one == Misfit(why, remedy)
    assert "sesame" not in one.why + one.remedy


def test_one_step_is_told_where_it_is_the_same_for_all() -> None:
    whole, number = found(int, "x")[0], found(float, "x")[0]
    assert remedy_of([whole, whole], "Correct these.") == "Give a whole number."
    assert remedy_of([whole, number], "Correct these.") == "Correct these."
