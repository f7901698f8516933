"""The nouns that all rooms speak."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from openvna.model import Kind, Relation, Resource

VALUES = ("id", "x.link", Kind.LINK, "account", "region", "alias", "name", {"a": "b"}, {"n": 1}, (), {"N": "1"}, ("n",))


def test_a_resource_is_the_same_however_it_is_made() -> None:
    made = Resource.made(*VALUES)
    assert made == Resource(*VALUES)
    assert type(made) is Resource
    assert replace(made, relations=(Relation("beside", "b"),)) == Resource(
        *VALUES[:9], (Relation("beside", "b"),), *VALUES[10:]
    )
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


def test_a_resource_stays_as_it_is() -> None:
    for made in (Resource(*VALUES), Resource.made(*VALUES)):
        with pytest.raises(FrozenInstanceError):
            made.name = "another"  # type: ignore[misc]  # that is what is refused
        with pytest.raises(FrozenInstanceError):
            del made.name
