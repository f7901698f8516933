"""What a source is allowed and what its collections lost, on both databases."""

from __future__ import annotations

from openvna.model import Failure, Outcome, Scope
from openvna.store import Store

DENIED = Failure(
    Outcome.DENIED, "No.", code="AccessDenied", cause="P-IDENTITY-IMPLICIT", action="a:Read", remedy="Allow it."
)
CELLS = [
    {"account": "1", "region": "north", "feature": "vpc", "state": "allowed"},
    {"account": "2", "region": "north", "feature": "vpc", "state": "denied"},
]


def source(store: Store, **verdict: object) -> str:
    return store.sources.add("lab", "toy", {}, {}, None, {"verdict": "ok", **verdict}).id  # type: ignore[dict-item]  # JSON


def test_the_matrix_of_a_verdict_is_kept_by_account_and_not_in_the_verdict(store: Store) -> None:
    id = source(store, permissions=CELLS)
    kept = store.permissions.of(id)
    assert [(each.account, list(each.cells)) for each in kept] == [("1", [CELLS[0]]), ("2", [CELLS[1]])]
    assert store.sources.get(id).verdict == {"verdict": "ok"}


def test_a_new_matrix_takes_the_place_of_the_old_one(store: Store) -> None:
    id = source(store, permissions=CELLS)
    store.sources.update(id, verdict={"verdict": "ok", "permissions": CELLS[1:]})
    assert [each.account for each in store.permissions.of(id)] == ["2"]


def test_a_verification_that_got_not_so_far_leaves_the_matrix(store: Store) -> None:
    id = source(store, permissions=CELLS)
    store.sources.update(id, verdict={"verdict": "failed", "permissions": []})
    assert len(store.permissions.of(id)) == 2


def test_other_settings_have_another_matrix_or_none(store: Store) -> None:
    id = source(store, permissions=CELLS)
    store.sources.update(id, config={"regions": ["south"]}, verdict={"verdict": "failed"})
    assert store.permissions.of(id) == ()


def test_a_loss_is_anew_once_and_back_once(store: Store) -> None:
    id = source(store)
    assert store.permissions.note(id, "1", "north", {"toy.net": DENIED}, ["toy.port"]) == ("toy.net",)
    assert store.permissions.note(id, "1", "north", {"toy.net": DENIED}, []) == ()
    (lost,) = store.permissions.losses(id)
    assert (lost.account, lost.region, lost.type, lost.back_at, lost.failure) == ("1", "north", "toy.net", None, DENIED)
    assert store.permissions.note(id, "1", "north", {}, ["toy.net"]) == ()
    (back,) = store.permissions.losses(id)
    assert back.back_at is not None
    assert back.since == lost.since
    assert store.permissions.note(id, "1", "north", {"toy.net": DENIED}, []) == ("toy.net",)
    assert store.permissions.losses(id)[0].back_at is None


def test_a_loss_in_one_region_is_none_in_another(store: Store) -> None:
    id = source(store)
    store.permissions.note(id, "1", "north", {"toy.net": DENIED}, [])
    store.permissions.note(id, "1", "south", {}, ["toy.net"])
    assert store.permissions.losses(id)[0].back_at is None


def test_a_run_tells_at_its_end_what_its_scope_lost_before(store: Store) -> None:
    """So nobody need ask again whether it has come back, which for nearly all runs would find nothing."""
    id = source(store)
    scopes = {region: Scope(f"1/{region}", "toy", "1", region) for region in ("north", "south")}
    store.permissions.note(id, "1", "north", {"toy.net": DENIED, "toy.port": DENIED}, [])
    store.permissions.note(id, "1", "north", {}, ["toy.port"])
    ended = {region: store.runs.begin(id, scope) for region, scope in scopes.items()}
    for writer in ended.values():
        writer.finish()
    assert {region: writer.lost for region, writer in ended.items()} == {"north": {"toy.net"}, "south": set()}


def test_both_go_with_the_source(store: Store) -> None:
    id = source(store, permissions=CELLS)
    store.permissions.note(id, "1", "north", {"toy.net": DENIED}, [])
    store.sources.delete(id)
    assert store.permissions.of(id) == ()
    assert store.permissions.losses(id) == ()
