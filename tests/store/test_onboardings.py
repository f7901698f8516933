"""A source that is being set up is kept until it is saved."""

from __future__ import annotations

import pytest

from openvna.model import NotFound
from openvna.store import Store

from .conftest import Clock

FIRST, SECOND = "2f1f4ad0-68a4-4a1e-9d9e-4f0f7b4b7a11", "9c6bb0f4-7c0d-4b43-8d0c-6e0c2f3f4b22"


def test_it_comes_back_as_it_was_kept(store: Store, clock: Clock) -> None:
    kept = store.onboardings.keep(" Lab ", "aws", FIRST, {"way": "role"}, {"credential": {"kind": "ambient"}})
    assert (kept.name, kept.plugin, kept.external_id) == ("Lab", "aws", FIRST)
    assert (kept.options, kept.config) == ({"way": "role"}, {"credential": {"kind": "ambient"}})
    assert kept.created_at == kept.updated_at == clock.now
    assert kept.id.startswith("onb_")
    assert store.onboardings.get(kept.id) == store.onboardings.get("lab") == kept
    assert store.onboardings.list() == (kept,)


def test_under_its_name_it_goes_on_with_the_same_external_id(store: Store, clock: Clock) -> None:
    begun = store.onboardings.keep("lab", "aws", FIRST, {"way": "role"}, {})
    later = clock.forward(days=1)
    again = store.onboardings.keep("LAB", "aws", SECOND, {"way": "pod"}, {"partition": "aws-cn"})
    assert (again.id, again.external_id, again.created_at) == (begun.id, FIRST, begun.created_at)
    assert (again.name, again.options, again.config) == ("LAB", {"way": "pod"}, {"partition": "aws-cn"})
    assert again.updated_at == later


def test_another_plugin_under_that_name_begins_anew(store: Store) -> None:
    begun = store.onboardings.keep("lab", "aws", FIRST, {}, {})
    other = store.onboardings.keep("lab", "toy", SECOND, {}, {})
    assert (other.plugin, other.external_id) == ("toy", SECOND)
    with pytest.raises(NotFound):
        store.onboardings.get(begun.id)


def test_it_goes_when_its_source_is_saved_or_when_it_is_given_up(store: Store) -> None:
    store.onboardings.keep("lab", "aws", FIRST, {}, {})
    kept = store.onboardings.keep("office", "aws", SECOND, {}, {})
    store.onboardings.done("Lab", "aws")
    store.onboardings.done("office", "toy")
    store.onboardings.done("nobody", "aws")
    assert store.onboardings.list() == (kept,)
    store.onboardings.delete(kept.id)
    assert store.onboardings.list() == ()
    with pytest.raises(NotFound, match="being set up"):
        store.onboardings.delete(kept.id)
