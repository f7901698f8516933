"""Every case of the scored corpus gets the cause, and no more certainty, than its label says (tests/corpus)."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest

from openvna.plugins.aws.causes import CATALOGUE
from support.corpus import FOLDER, Case, cases
from support.corpus_run import run, wrong
from support.emulators import Emulator, ministack_server

CASES = cases()
MADE_UP_ACCOUNTS = {"111122223333", "444455556666", "777788889999", "123456789012", "000000000000", "999988887777"}
"""Account ids that AWS's own documentation uses as examples."""


def named(case: Case) -> str:
    return f"{case.file.removesuffix('.toml')}: {case.name}"


@pytest.fixture(scope="module")
def emulator() -> Generator[Emulator, None, None]:
    with ministack_server(auth=True) as running:
        yield running


@pytest.mark.parametrize("case", [each for each in CASES if each.kind != "emulated"], ids=named)
def test_a_case_is_told_as_its_label_says(case: Case) -> None:
    found = run(case)
    assert wrong(case, found) == [], found.told


@pytest.mark.parametrize("case", [each for each in CASES if each.kind == "emulated"], ids=named)
def test_an_emulated_case_is_told_as_its_label_says(case: Case, emulator: Emulator) -> None:
    found = run(case, emulator)
    assert wrong(case, found) == [], found.told


def test_the_corpus_is_large_and_holds_healthy_accesses_too() -> None:
    assert sum(not case.healthy for case in CASES) >= 160
    assert sum(case.healthy for case in CASES) >= 3


def test_names_are_unique() -> None:
    names = [named(case) for case in CASES]
    assert len(set(names)) == len(names)


def test_every_label_is_a_cause_of_the_catalogue() -> None:
    labels = {label for case in CASES for label in (case.cause, *case.alternates) if label}
    assert labels - set(CATALOGUE) == set()


def test_no_real_account_is_in_it() -> None:
    found = {
        number
        for path in FOLDER.glob("*.toml")
        for number in re.findall(r"(?<![\w.-])\d{12}(?![\w.])", path.read_text(encoding="utf-8"))
    }
    assert found <= MADE_UP_ACCOUNTS
