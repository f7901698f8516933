"""What a person may give as a name, an interval, a type."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Literal

from openvna.model import Conflict, InvalidInput
from openvna.store import Source

LONGEST = 100
SHORTEST_INTERVAL = 60
LONGEST_INTERVAL = 366 * 86400


def source_name(name: str) -> str:
    """The name as it is kept. Raises `InvalidInput`."""
    name = name.strip()
    if not name:
        problem = "A source needs a name."
    elif len(name) > LONGEST:
        problem = f"A name has at most {LONGEST} characters; this one has {len(name)}."
    elif not name.isprintable() or "/" in name:
        problem = "A name holds printable characters without '/'."
    elif name.startswith("-"):
        problem = "A name does not begin with '-'."
    else:
        return name
    raise InvalidInput("This cannot be the name of a source.", problem, "Choose another name.", (("name", problem),))


def free(name: str, sources: Iterable[Source]) -> None:
    """Raises `Conflict` when one of the sources has this name, whatever its case."""
    for one in sources:
        if one.name.casefold() == name.casefold():
            raise Conflict(
                f"There is a source {one.name!r} already.",
                f"It was added on {one.created_at:%Y-%m-%d} and reads with the plugin {one.plugin}.",
                "Choose another name, or edit that source.",
            )


def interval(seconds: int | Literal["never"] | None) -> None:
    """Raises `InvalidInput` for an interval that would never let a source rest, or never wake it."""
    if not isinstance(seconds, int):
        return
    if seconds < SHORTEST_INTERVAL:
        problem = f"The shortest interval is {SHORTEST_INTERVAL} seconds; this is {seconds}."
        raise InvalidInput("This interval cannot be used.", problem, "Choose a longer one.", (("interval", problem),))
    if seconds > LONGEST_INTERVAL:
        problem = f"The longest interval is {LONGEST_INTERVAL // 86400} days; this is {seconds // 86400}."
        remedy = "Choose a shorter one, or none: then it is collected on demand only."
        raise InvalidInput("This interval cannot be used.", problem, remedy, (("interval", problem),))


def types(wanted: Collection[str], known: Collection[str], title: str) -> None:
    """Raises `InvalidInput` for a type that the plugin does not have, with near matches."""
    if not wanted:
        raise InvalidInput("No resource type is named.", "The list of types is empty.", "Name one, or leave it out.")
    for type in wanted:
        if type not in known:
            near = near_matches(type, known)
            remedy = f"Did you mean {' or '.join(near)}?" if near else f"Types: {', '.join(sorted(known))}."
            problem = f"{title} has no resource type {type!r}."
            raise InvalidInput(problem, "", remedy, (("types", f"{problem} {remedy}"),))


def near_matches(wanted: str, known: Iterable[str]) -> list[str]:
    """Up to three that look or end like it: `vpc` finds `aws.ec2.vpc`."""
    pool = sorted(known)
    low = wanted.lower()
    ends = [one for one in pool if one.rpartition(".")[2] == low]
    holds = [one for one in pool if len(low) > 2 and low in one]  # a letter or two are in all of them
    close = difflib.get_close_matches(low, pool, 3, 0.6)
    tails = {one.rpartition(".")[2]: one for one in pool}
    close_tails = [tails[tail] for tail in difflib.get_close_matches(low.rpartition(".")[2], tails, 3, 0.7)]
    return list(dict.fromkeys([*ends, *close, *close_tails, *holds]))[:3]
