"""A support bundle says how an installation is, also a broken one, and tells no secret and, if wished, no name."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from openvna import log
from openvna.model import Calls, Failure, Outcome, Scope
from openvna.settings import ServerSettings
from openvna.store import load_vault, open_store
from openvna.support import Bundle, write_bundle
from openvna.support.pseudonyms import Pseudonyms
from support.canaries import canary, leaks

ACCOUNT = "418273645091"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader-of-acme"
PARTS = {
    "MANIFEST.txt",
    "versions.json",
    "settings.json",
    "environment.json",
    "system.json",
    "database.json",
    "sources.json",
    "runs.json",
    "openvna.log",
}


def texts(bundle: Bundle) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(bundle.content)) as archive:
        found = {}
        for entry in archive.getmembers():
            file = archive.extractfile(entry)
            assert file is not None
            assert entry.mode == 0o600
            found[entry.name.partition("/")[2]] = file.read().decode()
    return found


def part(bundle: Bundle, name: str) -> Any:
    return json.loads(texts(bundle)[name])


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = ServerSettings(home=folder)
        self.url = f"sqlite:///{folder / 'openvna.db'}"
        self.secrets = {name: canary(name) for name in ("stored", "variable", "password")}
        self.secrets["forgotten"] = canary("forgotten", awkward=False)
        self.environment = {
            "AWS_SECRET_ACCESS_KEY": self.secrets["variable"],
            "AWS_REGION": "eu-west-1",
            "HTTPS_PROXY": f"http://robot:{self.secrets['password']}@proxy.acme.example:3128",
            "OPENVNA_SOMETHING": "acme-internal",
            "PATH": "/usr/bin",
        }

    def bundle(self, **how: Any) -> Bundle:
        return write_bundle(self.settings, self.url, environment=self.environment, **how)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    config = {
        "credential": {"kind": "access-key", "access_key_id": "AKIAQX4LLWN5TEST6KEY"},
        "assume_role": {"role_arn": ROLE, "external_id": "7f1c-external", "session_name": "acme-session"},
        "endpoint_url": "https://gateway.acme.example/aws",
    }
    verdict = {
        "verdict": "failed",
        "cause": "K-CLOCK",
        "summary": f"{ROLE} at 203.0.113.9 refused vpc-0a1b2c3d4e5f60718",
    }
    with open_store(made.url, load_vault(made.folder / "key")) as store:
        source = store.sources.add(
            "acme prod", "aws", config, {"credential.secret_access_key": made.secrets["stored"]}, 900, verdict
        )
        writer = store.runs.begin(source.id, Scope(f"aws/{ACCOUNT}/eu-west-1", "aws", ACCOUNT, "eu-west-1"))
        writer.complete("aws.ec2.vpc", Calls())
        writer.problem("aws.ec2.subnet", Failure(Outcome.DENIED, "Not authorized.", cause="P-IDENTITY-IMPLICIT"))
        writer.finish()
    log.redaction.forget_all_but(())  # what another process would know
    lines = [
        {"event": "it began", "source": "acme prod"},
        {"event": f"a line of old with {made.secrets['stored']} in it"},
        {"event": f"SessionToken: {made.secrets['forgotten']}"},
    ]
    (made.folder / "openvna.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    yield made


def test_it_holds_all_that_is_needed_and_says_so(home: Home) -> None:
    bundle = home.bundle()
    assert set(texts(bundle)) == PARTS == set(bundle.parts)
    assert bundle.problems == ()
    manifest = texts(bundle)["MANIFEST.txt"]
    assert all(name in manifest for name in PARTS - {"MANIFEST.txt"})
    assert "Left out:" in manifest
    assert part(bundle, "versions.json")["packages"]["pydantic"]
    database = part(bundle, "database.json")
    assert (database["kind"], database["rows"]["source"], database["rows"]["listing"]) == ("sqlite", 1, 2)
    assert [key["sources"] for key in database["keys"]] == [1]
    (source,) = part(bundle, "sources.json")
    assert source["verdict"]["cause"] == "K-CLOCK"
    assert source["secrets"] == ["credential.secret_access_key"]
    assert source["config"]["assume_role"]["external_id"] == "(set, not shown)"
    assert {line["type"] for line in source["coverage"]} == {"aws.ec2.vpc", "aws.ec2.subnet"}
    (run,) = part(bundle, "runs.json")
    assert [line["failure"]["cause"] for line in run["ledger"]] == ["P-IDENTITY-IMPLICIT"]
    assert part(bundle, "environment.json") == {
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "(set, not shown)",
        "HTTPS_PROXY": "(set, not shown)",
        "OPENVNA_SOMETHING": "(set, not shown)",
    }
    system = part(bundle, "system.json")
    assert {file["name"]: file["mode"] for file in system["files"]}["key"] == "-rw-------"
    assert system["disk"]["free"] > 0
    assert system["server"] == "none has run on this data directory"
    assert json.loads(texts(bundle)["openvna.log"].splitlines()[0])["event"] == "it began"


@pytest.mark.parametrize("anonymise", [False, True])
def test_no_secret_is_in_it(home: Home, anonymise: bool) -> None:
    bundle = home.bundle(anonymise=anonymise)
    found = leaks(((name, text.encode()) for name, text in texts(bundle).items()), home.secrets.values())
    assert found == []
    assert "a line of old with *** in it" in texts(bundle)["openvna.log"]


def test_with_pseudonyms_it_does_not_tell_whose_it_is(home: Home) -> None:
    bundle = home.bundle(anonymise=True)
    everything = "\n".join(texts(bundle).values())
    for name in (ACCOUNT, "acme", "203.0.113.9", "0a1b2c3d4e5f60718", "6KEY", "7f1c-external", str(home.folder)):
        assert name not in everything, name
    (source,) = part(bundle, "sources.json")
    (run,) = part(bundle, "runs.json")
    assert run["source"] == source["name"]
    assert run["account"] in source["config"]["assume_role"]["role_arn"]
    assert len(run["account"]) == 12
    assert part(bundle, "sources.json")[0]["name"] == part(home.bundle(anonymise=True), "sources.json")[0]["name"]


class TestOfABrokenInstallation:
    def said(self, home: Home, **how: Any) -> str:
        bundle = home.bundle(**how)
        assert {"MANIFEST.txt", "versions.json", "settings.json", "system.json", "openvna.log"} <= set(bundle.parts)
        assert all(problem in texts(bundle)["MANIFEST.txt"] for problem in bundle.problems)
        known = {name: secret for name, secret in home.secrets.items() if name != "stored"}
        assert leaks(((name, text.encode()) for name, text in texts(bundle).items()), known.values()) == []
        return "\n".join(bundle.problems)

    def test_a_damaged_database(self, home: Home) -> None:
        for name in ("openvna.db-wal", "openvna.db-shm"):
            (home.folder / name).unlink(missing_ok=True)
        content = bytearray((home.folder / "openvna.db").read_bytes())
        content[:2000] = b"\xff" * 2000
        (home.folder / "openvna.db").write_bytes(content)
        assert "is not a SQLite database" in self.said(home)

    def test_a_locked_database(self, home: Home) -> None:
        with closing(sqlite3.connect(home.folder / "openvna.db", isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE meta SET value = value")
            assert "no answer within 0.5 s" in self.said(home, seconds=0.5)

    def test_no_database(self, home: Home) -> None:
        (home.folder / "openvna.db").unlink()
        assert "There is no database" in self.said(home)
        assert not (home.folder / "openvna.db").exists()

    def test_no_key(self, home: Home) -> None:
        (home.folder / "key").unlink()
        said = self.said(home)
        assert "key: there is none" in said
        assert "secrets of acme prod" in said
        assert not (home.folder / "key").exists()
        assert "sources.json" in home.bundle().parts

    def test_another_schema(self, home: Home) -> None:
        with closing(sqlite3.connect(home.folder / "openvna.db")) as other:
            other.execute("DROP TABLE listing")
            other.commit()
        assert "runs.json" in self.said(home)
        assert "database.json" in home.bundle().parts

    def test_no_data_directory_at_all(self, tmp_path: Path) -> None:
        bundle = write_bundle(ServerSettings(home=tmp_path / "none"), f"sqlite:///{tmp_path}/none/openvna.db")
        assert "MANIFEST.txt" in bundle.parts
        assert not (tmp_path / "none").exists()


class TestPseudonyms:
    @pytest.fixture
    def replaced(self) -> Any:
        return Pseudonyms(b"k" * 32, ["acme", "acme-prod"]).replaced

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-26T08:20:48.123456Z [info] in 12 s, 1234 resources, 123456789 bytes",
            "127.0.0.1:8321 and 169.254.169.254 and ::1",
            "request 0b1c2d3e-0000-4000-8000-000000000000, cause K-CLOCK, version 1.2.3.4.5",
            "arn:aws:iam::aws:policy",
            "credential.secret_access_key of aws.ec2.vpc in eu-west-1",
        ],
    )
    def test_what_is_nobodys_stays(self, replaced: Any, text: str) -> None:
        assert replaced(text) == text

    def test_the_same_is_the_same_everywhere(self, replaced: Any) -> None:
        account = replaced(ACCOUNT)
        assert account.isdigit()
        assert account != ACCOUNT
        assert replaced(f"in {ACCOUNT}: {ROLE}").startswith(f"in {account}: arn:aws:iam::{account}:role/name-")
        assert replaced("4182-7364-5091") == account
        assert replaced("vpc-0a1b2c3d4e5f60718") == replaced("vpc-0a1b2c3d4e5f60718") != "vpc-0a1b2c3d4e5f60718"
        assert replaced("10.1.2.0/24").endswith("/24")
        assert replaced("2001:db8::1") != "2001:db8::1"

    def test_the_longest_name_counts(self, replaced: Any) -> None:
        assert replaced("acme-prod") != f"{replaced('acme')}-prod"

    def test_another_key_gives_other_ones(self, replaced: Any) -> None:
        assert Pseudonyms(b"l" * 32).replaced(ACCOUNT) != replaced(ACCOUNT)
