"""Tables on a terminal: they fit, and what one types again stays whole as long as it can."""

from __future__ import annotations

import pytest

from openvna.cli.output import fit


def fitted(room: int, **columns: int) -> dict[str, int]:
    widths = list(columns.values())
    fit(widths, list(columns), room)
    return dict(zip(columns, widths, strict=True))


def test_what_fits_is_left_alone() -> None:
    assert fitted(42, id=20, name=20) == {"id": 20, "name": 20}


def test_what_is_only_read_gives_way_to_what_is_typed_again() -> None:
    """Of 60 columns 2 stand between the two."""
    assert fitted(60, type=45, title=40) == {"type": 45, "title": 13}


def test_the_end_of_a_very_long_id_goes_before_a_time() -> None:
    assert fitted(80, at=19, id=90) == {"at": 19, "id": 59}


def test_a_date_can_still_be_told_while_an_id_is_cut() -> None:
    assert fitted(60, id=90, changed=19) == {"id": 47, "changed": 11}


def test_an_id_of_ours_stays_whole_even_where_the_line_is_broken() -> None:
    """A run has an id of 20 characters: `openvna runs ID` takes it."""
    found = fitted(40, id=20, source=30, started=19, account=12)
    assert found == {"id": 20, "source": 8, "started": 8, "account": 8}


@pytest.mark.parametrize("room", [30, 50, 80, 120, 200])
def test_a_line_is_never_wider_than_the_terminal_unless_all_is_as_narrow_as_it_gets(room: int) -> None:
    found = fitted(room, type=49, id=90, name=30, account=12, region=14, changed=19)
    whole = sum(found.values()) + 2 * 5
    assert whole <= room or (found["id"], max(width for name, width in found.items() if name != "id")) == (24, 8)
