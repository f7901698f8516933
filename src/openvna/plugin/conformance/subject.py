"""What the checks look at: a plugin that is asked once for all that they see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeAlias

from pydantic import BaseModel, SecretStr

from openvna.model import Resource, Scope
from openvna.plugin.contract import Complete, Plugin, Problem, Record, ScopeProblem
from openvna.plugin.declaration import TypeSpec
from openvna.plugin.verification import Step, Verdict

SHAPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
}
"""The types that an attribute may declare."""


class Violation(AssertionError):
    """A plugin breaks an obligation of the contract."""


class _Lines(logging.Handler):
    """Keeps every line that is logged, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Subject:
    """A plugin with good settings, asked once for what the checks look at."""

    def __init__(self, plugin: Plugin, config: BaseModel, secrets: tuple[str, ...] = ()) -> None:
        """`secrets` are values that nothing may show besides the secrets of the settings."""
        self.plugin = plugin
        self.config = config
        self.secrets = (*secrets, *_secrets_in(config))
        self.kept: list[BaseModel] = []
        self.lines: list[str] = []

    def keep(self, settings: BaseModel) -> None:
        """As the gateway does: what was renewed is what is used from then on."""
        self.kept.append(settings)
        self.config = settings
        self.secrets = (*self.secrets, *_secrets_in(settings))

    @cached_property
    def types(self) -> dict[str, TypeSpec]:
        return {each.type: each for each in self.plugin.spec().types}

    @cached_property
    def verification(self) -> list[Step | Verdict]:
        with self._overheard():
            return list(self.plugin.verify(self.config, self.keep))

    @cached_property
    def discovered(self) -> list[Scope | ScopeProblem]:
        return self.discover()

    @property
    def scopes(self) -> list[Scope]:
        return [each for each in self.discovered if isinstance(each, Scope)]

    @cached_property
    def collected(self) -> dict[str, list[Record | Complete | Problem]]:
        """What each scope gave, by the scope's key."""
        return {scope.key: self.collect(scope) for scope in self.scopes}

    @property
    def resources(self) -> Iterator[tuple[str, Resource]]:
        for key, seen in self.collected.items():
            yield from ((key, each.resource) for each in seen if isinstance(each, Record))

    def discover(self) -> list[Scope | ScopeProblem]:
        with self._overheard(), self.plugin.open(self.config, self.keep) as session:
            return list(session.discover())

    def collect(self, scope: Scope, types: list[str] | None = None) -> list[Record | Complete | Problem]:
        with self._overheard(), self.plugin.open(self.config, self.keep) as session:
            return list(session.collect(scope, types))

    @contextmanager
    def _overheard(self) -> Iterator[None]:
        root, handler = logging.getLogger(), _Lines()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            self.lines += handler.lines


Check: TypeAlias = Callable[[Subject], None]


def demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        if len(value.get_secret_value()) >= 8:
            yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(item)
