"""What every plugin has to keep, as checks that any plugin's tests run in five lines:

    @pytest.fixture(scope="module")
    def subject() -> Subject:
        return Subject(plugin, config)

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_the_plugin_keeps_the_contract(check: Check, subject: Subject) -> None:
        check(subject)

The settings have to be good ones, for an access that has something to show. A check raises `Violation`.
"""

from __future__ import annotations

from openvna.plugin.conformance import collected, declared
from openvna.plugin.conformance.subject import Check, Subject, Violation

CHECKS: tuple[Check, ...] = (*declared.CHECKS, *collected.CHECKS)

__all__ = ["CHECKS", "Check", "Subject", "Violation"]
