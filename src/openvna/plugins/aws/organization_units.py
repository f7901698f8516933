"""The tree of an organization's units: found by id, path or name, walked no further than was asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.forms import is_unit_id

if TYPE_CHECKING:
    from openvna.plugins.aws.organization import Account, Directory

_NO_SUCH = frozenset({"ParentNotFoundException", "InvalidInputException"})
"""What Organizations answers to the id of a unit that it does not have."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit or root. `path` is empty where nobody asked for it, and for the root."""

    id: str
    path: str = ""


class Units:
    """Asks each unit for what is below it once. Raises `CallError`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._below: dict[str, tuple[tuple[str, str], ...]] = {}
        self._accounts: dict[str, tuple[Account, ...]] = {}

    def find(self, entry: str) -> tuple[Unit, ...]:
        """The units that an entry may mean: none, the one, or several of the same name."""
        if is_unit_id(entry):
            try:
                self._children(entry)
            except CallError as error:
                if error.code in _NO_SUCH:
                    return ()
                raise
            return (Unit(entry),)
        if "/" in entry:
            return tuple(self._along(entry.strip("/").split("/")))
        return tuple(each for each in self._all() if each.path.rpartition("/")[2] == entry)

    def near(self, entry: str) -> str:
        """The path, or for an id the id, of the unit that was probably meant."""
        known = list(self._all())
        if is_unit_id(entry):
            found = difflib.get_close_matches(entry, [each.id for each in known], 1, 0.8)
            return found[0] if found else ""
        wanted = entry.strip("/").lower()
        for words in (
            {each.path.lower(): each.path for each in known},
            {each.path.rpartition("/")[2].lower(): each.path for each in known},
        ):
            found = difflib.get_close_matches(wanted, list(words), 1, 0.75)
            if found:
                return words[found[0]]
        return ""

    def accounts(self, tops: Iterable[Unit]) -> Iterator[Account]:
        """The accounts in these units and in all that are below them, each once, by id."""
        found: dict[str, Account] = {}
        waiting, seen = [each.id for each in tops], set[str]()
        while waiting:
            id = waiting.pop()
            if id in seen:
                continue
            seen.add(id)
            if id not in self._accounts:
                self._accounts[id] = tuple(self._directory.accounts(id))
            found |= {each.id: each for each in self._accounts[id]}
            waiting.extend(child for child, _ in self._children(id))
        yield from (found[id] for id in sorted(found))

    def _children(self, parent: str) -> tuple[tuple[str, str], ...]:
        if parent not in self._below:
            self._below[parent] = self._directory.units(parent)
        return self._below[parent]

    def _roots(self) -> tuple[str, ...]:
        if "" not in self._below:
            self._below[""] = tuple((id, "") for id in self._directory.roots())
        return tuple(id for id, _ in self._below[""])

    def _along(self, names: list[str]) -> Iterator[Unit]:
        """What a path leads to, asking only the units on it. Names are unique below one parent."""
        level = list(self._roots())
        for name in names:
            level = [id for parent in level for id, called in self._children(parent) if called == name]
        yield from (Unit(id, "/".join(names)) for id in level)

    def _all(self) -> Iterator[Unit]:
        """Every unit below the roots."""
        waiting = [Unit(id) for id in self._roots()]
        while waiting:
            parent = waiting.pop(0)
            for id, name in self._children(parent.id):
                child = Unit(id, f"{parent.path}/{name}" if parent.path else name)
                waiting.append(child)
                yield child
