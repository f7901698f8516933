"""What stops the demo before it starts is said in words."""

from __future__ import annotations

import sys

import pytest

from openvna import demo
from openvna.demo import simulation
from openvna.model import OpenVNAError


def test_without_its_libraries_the_demo_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None if name == "moto" else object())
    with pytest.raises(OpenVNAError) as told:
        demo.run(0)
    assert "moto" in told.value.why
    assert "pip install 'openvna[demo]'" in told.value.remedy


def test_a_simulation_that_does_not_start_tells_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(simulation.SimulationFailed) as told, simulation.simulated_aws():
        pytest.fail("there is nothing to use")
    assert told.value.why == "It gave no reason."
