"""The documentation speaks of what there is: its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.cli.root import command as cli

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("src/openvna/**/README.md")])
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text())
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[str]:
    """Every command line that a page shows: in a block, with or without a prompt, or between backticks."""
    text = page.read_text()
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")
    yield from INLINE.findall(FENCE.sub("", text))


def openvna_commands() -> list[tuple[str, str]]:
    found = {
        (page.relative_to(ROOT).as_posix(), command.split(" | ")[0].split(" # ")[0].strip())
        for page in PAGES
        for command in commands(page)
        if re.match(r"openvna( |$)", command)
    }
    return sorted(found)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(page.read_text()):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_is_linked_from_the_index() -> None:
    linked = {target.partition("#")[0] for target in LINK.findall((DOCS / "index.md").read_text())}
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= linked


def test_the_readme_links_the_index_and_shows_the_product() -> None:
    targets = LINK.findall((ROOT / "README.md").read_text())
    assert "docs/index.md" in targets
    assert any(target.endswith(".png") for target in targets)


def test_both_commands_stand_on_the_first_screen_of_the_readme() -> None:
    first = "\n".join((ROOT / "README.md").read_text().splitlines()[:40])
    assert "make demo" in first
    assert "make test" in first


@pytest.mark.parametrize(("page", "line"), openvna_commands())
def test_commands_exist(page: str, line: str) -> None:
    """The command, its subcommands and its options are those of the CLI. Words in capitals stand for values."""
    command = cli()
    context = command.make_context("openvna", [], resilient_parsing=True)
    words = shlex.split(re.sub(r"[<>\[\]]|\.\.\.", " ", line))[1:]
    for word in words:
        if word.startswith("--"):
            names = {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}
            assert word.partition("=")[0] in names, f"{page}: {command.name} has no {word}"
        elif hasattr(command, "get_command"):
            found = command.get_command(context, word)
            if found is None and word.isupper():
                break
            assert found is not None, f"{page}: {command.name} has no command {word}"
            command, context = found, found.make_context(word, [], parent=context, resilient_parsing=True)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = {command.split()[1] for command in commands(page) if re.match(r"make [a-z-]+( |$)", command)}
    assert used <= targets
