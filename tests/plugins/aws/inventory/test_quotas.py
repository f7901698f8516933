"""What the quotas of AWS bound, by the declarations."""

from __future__ import annotations

import pytest

from openvna.plugins.aws.resources.quotas import BOUNDS, LIMITS, SERVICES, Bound
from openvna.plugins.aws.types import TYPES


@pytest.mark.parametrize("name", BOUNDS)
def test_a_quota_is_one_of_a_service_that_is_asked(name: str) -> None:
    service, _, code = name.partition("/")
    assert service in SERVICES
    assert code.startswith("L-")


@pytest.mark.parametrize("bound", [*BOUNDS.values(), *LIMITS.values()], ids=[*BOUNDS, *LIMITS])
def test_a_quota_bounds_what_is_read_by_attributes_that_it_has(bound: Bound) -> None:
    fields = {each.name: each for each in TYPES[bound.counts].fields}
    for attribute in (bound.by, bound.where.partition("=")[0]):
        assert not attribute or (attribute in fields and not fields[attribute].volatile)
    assert not TYPES[bound.counts].once, "it is counted by region"
