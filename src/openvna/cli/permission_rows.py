"""What a source is allowed, for the terminal: a line for each feature and state, with its regions put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openvna.model import OpenVNAError

if TYPE_CHECKING:
    from openvna.collect import Gateway
    from openvna.collect.permissions import Lost
    from openvna.plugin import Feature, Missing, PermissionResult
    from openvna.store import Source

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A feature in the regions of an account where its permissions are in one state, for one reason."""

    account: str
    feature: str
    state: str
    regions: tuple[str, ...]
    of: int
    why: str

    @property
    def where(self) -> str:
        """The regions in a few words."""
        if self.regions == ("",):
            return "account"
        if len(self.regions) == self.of and self.of > 1:
            return f"all {self.of} regions"
        more = len(self.regions) - _SHOWN
        return ", ".join(self.regions[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def rows(cells: Iterable[PermissionResult], features: Sequence[Feature]) -> list[Row]:
    """The lines of a matrix, account by account, in the order of the features."""
    titles = {feature.id: feature.title for feature in features}
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    of: dict[tuple[str, str], int] = {}
    for cell in cells:
        why = " ".join(part for part in (cell.layer, f"({cell.cause})" if cell.cause else "") if part)
        if cell.state == "allowed" and cell.confidence == "inferred":
            why = "inferred"
        groups.setdefault((cell.account, cell.feature, cell.state.value, why), []).append(cell.region)
        of[cell.account, cell.feature] = of.get((cell.account, cell.feature), 0) + 1
    return [
        Row(account, titles.get(feature, feature), state, tuple(regions), of[account, feature], why)
        for (account, feature, state, why), regions in groups.items()
    ]


def remedies(missing: Iterable[Missing]) -> Iterable[str]:
    """What is denied and what brings it, cause by cause."""
    for each in missing:
        count = len(each.actions)
        head = f"Denied: {count} action{'s' if count != 1 else ''} of {', '.join(each.features)} [{each.cause}]"
        yield f"{head}\n{each.remedy}"


def losses(lost: Iterable[Lost]) -> Iterable[str]:
    """What collections were denied since when and what brings it back; what is back."""
    from openvna.cli.output import ago

    for each in lost:
        what = ", ".join(each.types) or "everything"
        where = ", ".join(each.regions) or ", ".join(each.accounts)
        if each.back_at is not None:
            yield f"Back {ago(each.back_at)}: {what} in {where} (lost {ago(each.since)})."
        else:
            head = f"Lost {ago(each.since)}: {what} in {where} [{each.cause}]"
            yield f"{head}\n{each.remedy}" if each.remedy else head


def lost_of(gateway: Gateway, source: Source) -> tuple[Lost, ...]:
    """The losses of a source; none where its plugin is not installed any more."""
    try:
        return gateway.permissions(source.id).lost
    except OpenVNAError:
        return ()
