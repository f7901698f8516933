"""`openvna apply`: the sources become what the files say, all or nothing, and a second time nothing changes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from openvna.app import open_gateway
from openvna.collect import Gateway
from openvna.settings import ServerSettings
from openvna.store import Source
from support.toy_plugin import GOOD_TOKEN, ToyPlugin

Cli = Callable[..., Any]

REFERENCE = "env:TOY_TOKEN"


@pytest.fixture(autouse=True)
def _referenced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator allows these variables, and one of them holds the token."""
    monkeypatch.setenv("OPENVNA_SECRET_ENV", "TOY_*")
    monkeypatch.setenv("TOY_TOKEN", GOOD_TOKEN)


def source(name: str, config: str = "", more: str = "", token: str = REFERENCE) -> str:
    """A source as it stands in a file."""
    credential = f'credential = {{ kind = "token", token = "{token}" }}'
    return f'[[source]]\nname = "{name}"\nplugin = "toy"\n{more}\n[source.config]\n{credential}\n{config}\n\n'


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def written(*sources: str, name: str = "sources.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(sources), encoding="utf-8")
        return path

    return written


@contextmanager
def opened(home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(ServerSettings(home=home))
    try:
        yield gateway
    finally:
        gateway.close()


def stored(home: Path) -> dict[str, Source]:
    with opened(home) as gateway:
        return {one.name: one for one in gateway.store.sources.list()}


File = Callable[..., Path]


def test_new_sources_are_verified_and_saved(cli: Cli, file: File, home: Path) -> None:
    path = file(source("one", 'areas = ["north"]', 'interval = "1h"'), source("two", more="paused = true"))
    ended = cli("apply", str(path))
    assert ended.code == 0, ended.err
    assert "+ one (toy, new)" in ended.out
    assert "Applied: 2 created." in ended.err
    found = stored(home)
    assert (found["one"].interval, found["one"].paused, found["one"].config["areas"]) == (3600, False, ["north"])
    assert (found["two"].interval, found["two"].paused) == (900, True)
    assert found["one"].verdict is not None
    assert found["one"].verdict["verdict"] == "ok"
    assert found["one"].applied_from == "sources.toml"


def test_a_second_time_nothing_changes_and_nothing_is_tried(
    cli: Cli, file: File, home: Path, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(source("one", 'areas = ["north"]'), source("two"))
    cli("apply", str(path))
    before = stored(home)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be verified")

    monkeypatch.setattr(ToyPlugin, "verify", refuse)
    ended = cli("apply", str(path))
    assert (ended.code, ended.out) == (0, "= 2 sources as they are\n")
    assert "Nothing to do" in ended.err
    assert stored(home) == before


def test_a_change_is_shown_before_it_is_made(cli: Cli, file: File, home: Path) -> None:
    cli("apply", str(file(source("one", 'areas = ["north"]\nretries = 5', 'interval = "1h"'), source("two"))))
    changed = file(source("one", 'areas = ["south"]', 'interval = "never"'), source("two"))
    dry = cli("apply", str(changed), "--dry-run")
    assert dry.code == 0
    assert dry.out.splitlines() == [
        "~ one (toy)",
        "    areas     - north, + south",
        "    retries   5 -> 3",
        "    interval  1h -> never",
        "= 1 source as it is",
    ]
    assert stored(home)["one"].config["areas"] == ["north"]
    assert cli("apply", str(changed), "--dry-run", "--exit-code").code == 3
    assert cli("apply", str(changed)).code == 0
    after = stored(home)["one"]
    # What the file no longer says is the plugin's default again.
    assert (after.config["areas"], after.config["retries"], after.interval) == (["south"], 3, None)
    assert cli("apply", str(changed), "--dry-run", "--exit-code").code == 0


def test_interval_and_pause_that_the_file_does_not_say_stay(cli: Cli, file: File, home: Path) -> None:
    path = file(source("one"))
    cli("apply", str(path))
    cli("source", "pause", "one")
    cli("source", "edit", "one", "--interval", "2h")
    assert "Nothing to do" in cli("apply", str(path)).err
    assert (stored(home)["one"].paused, stored(home)["one"].interval) == (True, 7200)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_changed(cli: Cli, file: File, home: Path) -> None:
    path = file(
        source("one", "retries = 99"),
        source("two", "areas = 3\nendpont = 1", 'intervall = "1h"'),
        source("three", more='interval = "soon"'),
        '[[source]]\nplugin = "toy"\n',
        '[[source]]\nname = "four"\nplugin = "tyo"\n',
        source("ONE"),
        source("good"),
    )
    ended = cli("apply", str(path))
    assert ended.code == 2
    for said in (
        'source "one": config.retries: is more than 10, the most that it can be.',
        'source "two": config.areas: ',
        'source "two": config.endpont: ',
        'source "two": intervall: A source has no such key. Did you mean interval?',
        "source \"three\": interval: 'soon' is not a duration.",
        "source 4: name: A source needs a name",
        'source "four": plugin: ',
        'source "ONE": name: There is another source of that name',
    ):
        assert f"{path}: {said}" in ended.err
    assert "these 8 places" in ended.err
    assert stored(home) == {}


def test_a_secret_in_a_file_is_refused_without_being_shown(cli: Cli, file: File, home: Path) -> None:
    ended = cli("apply", str(file(source("one", token=GOOD_TOKEN))))
    assert ended.code == 2
    assert 'sources.toml: source "one": config.credential.token: A secret does not belong into a file.' in ended.err
    assert "env:NAME" in ended.err
    assert GOOD_TOKEN not in ended.out + ended.err
    assert stored(home) == {}


def test_a_reference_that_leads_nowhere_is_told_with_its_place(cli: Cli, file: File) -> None:
    ended = cli("apply", str(file(source("one", token="env:TOY_OTHER"), source("two", token="env:HOME"))))
    assert ended.code == 2
    assert 'source "one": config.credential.token: ' in ended.err
    assert "TOY_OTHER" in ended.err
    assert "OPENVNA_SECRET_ENV" in ended.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[source]\n", "The file is not TOML: "),
        ("[source]\nname = 1\n", "in two brackets"),
        ("[[sources]]\n", "There is no table 'sources' here"),
        ('[[source]]\nname = "a/b"\nplugin = "toy"\n', "without '/'"),
        ('[[source]]\nname = "a"\n', "Name the plugin"),
        ('[[source]]\nname = "a"\nplugin = "toy"\nconfig = 3\n', "The settings are a table"),
        ('[[source]]\nname = "a"\nplugin = "toy"\npaused = "no"\n', "It is true or false."),
        ('[[source]]\nname = "a"\nplugin = "toy"\ninterval = 5\n', "The shortest interval is 60 seconds"),
    ],
)
def test_a_file_that_is_no_file_of_sources(cli: Cli, file: File, text: str, words: str) -> None:
    ended = cli("apply", str(file(text)))
    assert ended.code == 2
    assert words in ended.err


def test_a_file_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    ended = cli("apply", str(tmp_path / "none.toml"))
    assert ended.code == 2
    assert "none.toml: The file cannot be read: No such file or directory." in ended.err


def test_what_fails_its_verification_keeps_everything_as_it_is(
    cli: Cli, file: File, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_BAD", "wrong-token-0000")
    path = file(source("good"), source("bad", token="env:TOY_BAD"))
    ended = cli("apply", str(path))
    assert ended.code == 1
    assert f'{path}: source "bad": the verification failed' in ended.err
    assert "--save-anyway" in ended.err
    assert stored(home) == {}
    assert cli("apply", str(path), "--save-anyway").code == 0
    bad = stored(home)["bad"]
    assert bad.verdict is not None
    assert bad.verdict["verdict"] == "failed"


def test_sources_of_a_file_are_deleted_only_when_asked_and_confirmed(cli: Cli, file: File, home: Path) -> None:
    cli("source", "add", "toy", "by hand", "--config", str(by_hand(file)))
    cli("apply", str(file(source("other"), name="other.toml")))
    cli("apply", str(file(source("one"), source("two"))))
    shrunk = file(source("one"))
    assert "Nothing to do" in cli("apply", str(shrunk)).err
    asked = cli("apply", str(shrunk), "--prune")
    assert asked.code == 2
    assert "- two (toy, with all its data)" in asked.out
    assert "Confirm it with --yes." in asked.err
    assert set(stored(home)) == {"by hand", "other", "one", "two"}
    assert cli("apply", str(shrunk), "--prune", "--dry-run", "--exit-code").code == 3
    assert cli("apply", str(shrunk), "--prune", "--yes").code == 0
    # Those of another file, and of none, are left alone.
    assert set(stored(home)) == {"by hand", "other", "one"}


def by_hand(file: File) -> Path:
    return file(json.dumps({"credential": {"kind": "token", "token": GOOD_TOKEN}}), name="config.json")


def test_a_stored_secret_stays_where_the_file_names_none(cli: Cli, file: File, home: Path) -> None:
    """So that a secret may be entered by hand, and everything else be kept in git."""
    cli("source", "add", "toy", "one", "--config", str(by_hand(file)))
    text = source("one", 'areas = ["north"]').replace(f', token = "{REFERENCE}"', "")
    ended = cli("apply", str(file(text)))
    assert ended.code == 0, ended.err
    assert "    areas  + north" in ended.out
    with opened(home) as gateway:
        found = gateway.store.sources.get("one")
        assert gateway.store.sources.secrets(found.id) == {"credential.token": GOOD_TOKEN}


def test_a_stored_secret_becomes_a_reference(cli: Cli, file: File, home: Path) -> None:
    cli("source", "add", "toy", "one", "--config", str(by_hand(file)))
    ended = cli("apply", str(file(source("one"))))
    assert f"credential.token  (stored, never shown) -> {REFERENCE}" in ended.out
    assert stored(home)["one"].secrets == ()


def test_a_stored_secret_is_not_sent_to_another_place(cli: Cli, file: File, home: Path) -> None:
    cli("source", "add", "toy", "one", "--config", str(by_hand(file)))
    text = (
        '[[source]]\nname = "one"\nplugin = "toy"\n[source.config]\nendpoint = "https://elsewhere.example"\n'
        'credential = { kind = "token" }\n'
    )
    ended = cli("apply", str(file(text)))
    assert ended.code == 2
    assert 'source "one": config.credential.token: Enter it again, because endpoint changes.' in ended.err


def test_the_plugin_of_a_source_cannot_be_changed(cli: Cli, file: File) -> None:
    cli("apply", str(file(source("one"))))
    ended = cli("apply", str(file('[[source]]\nname = "one"\nplugin = "aws"\n')))
    assert ended.code == 2
    assert "The source reads with the plugin toy, which cannot be changed." in ended.err


def test_a_folder_and_several_files(cli: Cli, file: File, home: Path, tmp_path: Path) -> None:
    file(source("one"), name="conf.d/a.toml")
    file(source("two"), name="conf.d/b.toml")
    file("nothing of ours", name="conf.d/README.md")
    third = file(source("three"), name="more.toml")
    assert cli("apply", str(tmp_path / "conf.d"), str(third)).code == 0
    assert {name: one.applied_from for name, one in stored(home).items()} == {
        "one": "conf.d",
        "two": "conf.d",
        "three": "more.toml",
    }
    (tmp_path / "conf.d" / "b.toml").unlink()
    assert cli("apply", str(tmp_path / "conf.d"), "--prune", "--yes").code == 0
    assert set(stored(home)) == {"one", "three"}


def test_an_empty_folder_does_not_delete_everything(cli: Cli, file: File, home: Path, tmp_path: Path) -> None:
    cli("apply", str(file(source("one"), name="conf.d/a.toml").parent))
    (tmp_path / "conf.d" / "a.toml").unlink()
    ended = cli("apply", str(tmp_path / "conf.d"), "--prune", "--yes")
    assert ended.code == 2
    assert "The folder has no file that ends in .toml." in ended.err
    assert set(stored(home)) == {"one"}


def test_as_json_for_machines(cli: Cli, file: File) -> None:
    path = file(source("one", 'areas = ["north"]'))
    dry = cli("apply", str(path), "--dry-run", "--format", "json").json()
    assert dry["applied"] is False
    (one,) = dry["sources"]
    assert (one["name"], one["plugin"], one["action"], one["verdict"]) == ("one", "toy", "create", None)
    assert one["place"] == f'{path}: source "one"'
    assert {"path": "areas", "before": None, "after": ["north"]} in one["differences"]
    assert {"path": "credential.token", "before": None, "after": REFERENCE} in one["differences"]
    done = cli("apply", str(path), "--format", "json").json()
    assert done["applied"] is True
    assert done["sources"][0]["verdict"]["verdict"] == "ok"


def test_exit_code_goes_with_dry_run(cli: Cli, file: File) -> None:
    assert cli("apply", str(file(source("one"))), "--exit-code").code == 2


# Starting from what there is


def test_what_is_exported_and_applied_again_changes_nothing(cli: Cli, file: File, home: Path) -> None:
    cli("source", "add", "toy", "by hand", "--config", str(by_hand(file)), "--interval", "90m")
    cli("apply", str(file(source("one", 'areas = ["north", "a \\"b\\""]', 'interval = "never"\npaused = true'))))
    exported = cli("source", "export")
    assert exported.code == 0
    assert GOOD_TOKEN not in exported.out
    read = tomllib.loads(exported.out)["source"]
    assert read == [
        {
            "name": "by hand",
            "plugin": "toy",
            "interval": "90m",
            "config": {"credential": {"kind": "token"}},
        },
        {
            "name": "one",
            "plugin": "toy",
            "interval": "never",
            "paused": True,
            "config": {"areas": ["north", 'a "b"'], "credential": {"kind": "token", "token": REFERENCE}},
        },
    ]
    assert '# token = "env:OPENVNA_BY_HAND_TOKEN"' in exported.out
    before = {name: (one.config, one.secrets, one.interval, one.paused) for name, one in stored(home).items()}
    again = cli("apply", str(file(exported.out, name="exported.toml")))
    assert (again.code, again.out) == (0, "= 2 sources as they are\n"), again.err
    assert {name: (one.config, one.secrets, one.interval, one.paused) for name, one in stored(home).items()} == before


def test_one_source_is_exported(cli: Cli, file: File) -> None:
    cli("apply", str(file(source("one"), source("two"))))
    exported = cli("source", "export", "two")
    assert [each["name"] for each in tomllib.loads(exported.out)["source"]] == ["two"]


def test_a_source_whose_reference_leads_nowhere_is_exported_all_the_same(
    cli: Cli, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("apply", str(file(source("one", 'areas = ["north"]'))))
    monkeypatch.delenv("TOY_TOKEN")
    (one,) = tomllib.loads(cli("source", "export").out)["source"]
    assert one["config"]["areas"] == ["north"]
    assert one["config"]["credential"]["token"] == REFERENCE


def test_nothing_to_export(cli: Cli) -> None:
    ended = cli("source", "export")
    assert (ended.code, ended.out) == (0, "")
    assert "No source yet." in ended.err


@pytest.mark.parametrize("page", ["sources-as-files.md", "organizations.md"])
def test_the_files_that_the_documentation_shows_can_be_applied(
    cli: Cli, file: File, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVNA_SECRET_ENV", "PRODUCTION_*")
    monkeypatch.setenv("PRODUCTION_SECRET", "aB3/dE5+gH7iJ9kL1mN2oP4qR6sT8uV0wX/yZ+12")
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ended = cli("apply", str(file(shown)), "--dry-run")
    assert ended.code == 0, ended.err
    assert "+ everything (aws, new)" in ended.out


def test_the_address_of_a_proxy_is_a_secret_only_with_a_password_in_it(cli: Cli, file: File, home: Path) -> None:
    def text(proxy: str) -> Path:
        return file(
            '[[source]]\nname = "one"\nplugin = "toy"\n[source.config]\ncredential = { kind = "badge" }\n'
            f'proxy = "{proxy}"\n'
        )

    refused = cli("apply", str(text("http://user:hush-4711@proxy.example:3128")))
    assert refused.code == 2
    assert "config.proxy: A secret does not belong into a file." in refused.err
    assert "hush-4711" not in refused.out + refused.err
    assert cli("apply", str(text("http://proxy.example:3128"))).code == 0
    assert stored(home)["one"].secrets == ("proxy",)
    assert cli("apply", str(text("http://proxy.example:3128")), "--dry-run", "--exit-code").code == 0
    changed = cli("apply", str(text("http://other.example:3128")))
    assert changed.out == "~ one (toy)\n    proxy  (stored, never shown) -> (new, never shown)\n"
