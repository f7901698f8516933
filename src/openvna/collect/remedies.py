"""Many refusals, few things to do: remedies that ask for the same become one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def merged(remedies: Iterable[str]) -> tuple[str, ...]:
    """The remedies, each once, in their order; those that differ only in one list of the JSON text at their end (the
    actions of a policy statement) become one with all that the lists hold."""
    done: list[tuple[str, Any]] = []
    for remedy in dict.fromkeys(remedies):
        words, document = _parts(remedy)
        for place, (known, held) in enumerate(done):
            together = _together(held, document) if words == known else None
            if together is not None:
                done[place] = (words, together)
                break
        else:
            done.append((words, document))
    return tuple(
        words if document is None else f"{words}\n{json.dumps(document, indent=2)}" for words, document in done
    )


def _parts(remedy: str) -> tuple[str, Any]:
    """The words of a remedy and the JSON object that ends it; None where none does."""
    words, brace, rest = remedy.partition("\n{")
    if brace:
        try:
            return words, json.loads("{" + rest)
        except ValueError:
            return remedy, None
    return remedy, None


def _together(one: Any, other: Any) -> dict[str, Any] | None:
    """Two objects as one, when they differ in nothing but one list of texts."""
    if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
        return None
    different = [key for key in one if one[key] != other[key]]
    if len(different) != 1:
        return None
    lists = one[different[0]], other[different[0]]
    if not all(isinstance(each, list) and all(isinstance(item, str) for item in each) for each in lists):
        return None
    return {**one, different[0]: sorted({*lists[0], *lists[1]})}
