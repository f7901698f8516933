"""What an inventory page shows, as its URL says it: the whole state is there, so that a link is all one needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from openvna.model import InvalidInput
from openvna.store import Query
from openvna.web.show import exact

PATH = "/inventory"
SORTS = ("type", "name", "id", "account", "region", "changed_at")
PAGE = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: what it says, and the address without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A filtered, sorted list of resources, and how far one has read in it."""

    type: str = ""
    kind: str = ""
    source: str = ""
    account: str = ""
    region: str = ""
    text: str = ""
    where: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    deleted: bool = False
    at: datetime | None = None
    sort: str = "type"
    descending: bool = False
    cursor: str = ""
    problems: tuple[str, ...] = field(default=())

    @property
    def query(self) -> Query:
        return Query(
            type=self.type or None,
            kind=self.kind or None,
            source_id=self.source or None,
            account=self.account or None,
            region=self.region or None,
            where=dict(self.where),
            tags=dict(self.tags),
            text=self.text,
            deleted=self.deleted,
            at=self.at,
        )

    @property
    def filtered(self) -> bool:
        """Whether anything but the type narrows the list."""
        return replace(self, type="", cursor="", sort="type", descending=False, problems=()) != Listing()

    def params(self) -> list[tuple[str, str]]:
        pairs = [
            ("type", self.type),
            ("kind", self.kind),
            ("source", self.source),
            ("account", self.account),
            ("region", self.region),
            ("q", self.text),
            *(("where", f"{name}={value}") for name, value in self.where),
            *(("tag", name if value is None else f"{name}={value}") for name, value in self.tags),
            ("deleted", "1" if self.deleted else ""),
            ("at", exact(self.at)),
            ("sort", self.sort if self.sort != usual_sort(self.type) else ""),
            ("desc", "1" if self.descending else ""),
            ("cursor", self.cursor),
        ]
        return [(name, value) for name, value in pairs if value]

    def url(self, path: str = PATH, **changes: Any) -> str:
        """The address of this list with some of it changed. A change starts the list from its top."""
        if "type" in changes and "sort" not in changes and self.sort == usual_sort(self.type):
            changes = {**changes, "sort": usual_sort(changes["type"])}
        query = urlencode(replace(self, **{"cursor": "", **changes}).params())
        return f"{path}?{query}" if query else path

    def sorted_by(self, sort: str) -> str:
        """The address that sorts by this column, or turns its order round when it is sorted by it already."""
        return self.url(sort=sort, descending=not self.descending if sort == self.sort else sort == "changed_at")

    def aria_sort(self, sort: str) -> str:
        if sort != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"

    def chips(self, source_names: Mapping[str, str]) -> list[Chip]:
        """The filters in force beyond the type and the search text, each with the address that drops it."""
        found = [
            Chip(label, value, self.url(**{name: ""}))
            for name, label, value in (
                ("kind", "Kind", self.kind),
                ("source", "Source", source_names.get(self.source, self.source)),
                ("account", "Account", self.account),
                ("region", "Region", self.region),
            )
            if value
        ]
        for pair in self.where:
            found.append(Chip(pair[0], pair[1], self.url(where=_without(self.where, pair))))
        for tag in self.tags:
            shown = "any value" if tag[1] is None else tag[1]
            found.append(Chip(f"Tag {tag[0]}", shown, self.url(tags=_without(self.tags, tag))))
        if self.deleted:
            found.append(Chip("Deleted", "shown", self.url(deleted=False)))
        if self.at:
            found.append(Chip("As of", self.at.strftime("%Y-%m-%d %H:%M UTC"), self.url(at=None)))
        return found


def usual_sort(type: str) -> str:
    """How a list is sorted unless its address says otherwise."""
    return "name" if type else "type"


def read_listing(params: QueryParams) -> Listing:
    """The listing of an address. What cannot be understood is left out and named in `problems`."""
    problems: list[str] = []
    where, tags = [], []
    for text in params.getlist("where"):
        name, mark, value = text.partition("=")
        if text and mark and name.strip():
            where.append((name.strip(), value.strip()))
        elif text:
            problems.append(f"“{text}” is not of the form attribute=value.")
    for text in params.getlist("tag"):
        name, mark, value = text.partition("=")
        if name.strip():
            tags.append((name.strip(), value.strip() if mark else None))
        elif text:
            problems.append(f"“{text}” is not of the form tag or tag=value.")
    usual = usual_sort(params.get("type", ""))
    sort = params.get("sort") or usual
    if sort not in SORTS:
        problems.append(f"The list cannot be sorted by “{sort}”. It can be by {', '.join(SORTS)}.")
        sort = usual
    return Listing(
        type=params.get("type", ""),
        kind=params.get("kind", ""),
        source=params.get("source", ""),
        account=params.get("account", ""),
        region=params.get("region", ""),
        text=params.get("q", "").strip(),
        where=tuple(dict(where).items()),
        tags=tuple(dict(tags).items()),
        deleted=params.get("deleted") == "1",
        at=_read_time(params.get("at", ""), problems),
        sort=sort,
        descending=params.get("desc") == "1",
        cursor=params.get("cursor", ""),
        problems=tuple(problems),
    )


def read_time(text: str) -> datetime | None:
    """A time in ISO 8601, UTC unless it says otherwise. Raises `InvalidInput` for anything else; None when empty."""
    problems: list[str] = []
    found = _read_time(text, problems)
    if problems:
        raise InvalidInput("This time cannot be read.", problems[0], "Write it like 2026-01-31T12:00Z.")
    return found


def _read_time(text: str, problems: list[str]) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"“{text}” is not a time like 2026-01-31T12:00Z.")
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        problems.append(f"“{text}” is outside of the years 1 to 9999.")
        return None


def _without(pairs: Sequence[Any], one: Any) -> tuple[Any, ...]:
    return tuple(pair for pair in pairs if pair != one)
