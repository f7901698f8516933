"""`--credential KIND` and `--set PATH=VALUE`: any setting by its path, no secret on the command line."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tests.cli.conftest import Cli

from openvna.cli import set_options
from openvna.cli.entering import Given, anew, change
from openvna.model import InvalidInput
from openvna.plugins.aws.config import AwsConfig
from support.toy_plugin import GOOD_TOKEN, ToyPlugin


def patch(*sets: str, kind: str | None = None, before: dict[str, Any] | None = None) -> dict[str, Any]:
    return set_options.patch(AwsConfig, kind, sets, before)


def test_values_have_the_types_of_their_settings() -> None:
    found = patch(
        "credential.role_arn=arn:aws:iam::111122223333:role/pod",
        "credential.token_file=/run/token=1",
        "credential.duration=7200",
        "regions=eu-west-1, eu-west-2",
        "regions=eu-central-1",
        "fips=true",
        "assume_role.role_arn=arn:aws:iam::{account}:role/Net",
        "assume_role.tags=team=net,env=prod",
        "endpoint_urls.ec2=https://vpce-1.example.net",
        "via.0.role_arn=arn:aws:iam::111122223333:role/First",
        "via.1.role_arn=arn:aws:iam::111122223333:role/Second",
        "home_region=",
        kind="web-identity",
    )
    assert found == {
        "credential": {
            "kind": "web-identity",
            "role_arn": "arn:aws:iam::111122223333:role/pod",
            "token_file": "/run/token=1",
            "duration": 7200,
        },
        "regions": ["eu-west-1", "eu-west-2", "eu-central-1"],
        "fips": True,
        "assume_role": {"role_arn": "arn:aws:iam::{account}:role/Net", "tags": ["team=net", "env=prod"]},
        "endpoint_urls": {"ec2": "https://vpce-1.example.net"},
        "via": [
            {"role_arn": "arn:aws:iam::111122223333:role/First"},
            {"role_arn": "arn:aws:iam::111122223333:role/Second"},
        ],
        "home_region": None,
    }
    assert AwsConfig.model_validate(found).via[1].role_arn.endswith("Second")


def test_json_for_what_has_parts() -> None:
    roles = '[{"role_arn": "arn:aws:iam::111122223333:role/First"}]'
    assert patch(f"via={roles}", "assume_role=") == {"via": json.loads(roles), "assume_role": None}
    with pytest.raises(InvalidInput, match="takes JSON"):
        patch("assume_role=role")


def test_the_kind_that_is_there_says_which_settings_there_are() -> None:
    before = {"credential": {"kind": "process", "program": "vend"}}
    assert patch("credential.arguments=--fast,a", before=before) == {"credential": {"arguments": ["--fast", "a"]}}
    assert patch("credential.kind=profile", "credential.profile=net") == {
        "credential": {"kind": "profile", "profile": "net"}
    }


@pytest.mark.parametrize(
    ("sets", "kind", "words"),
    [
        (("regoins=eu-west-1",), None, ("no setting 'regoins'", "Did you mean regions?")),
        (("credential.tokenfile=x",), "web-identity", ("credential.tokenfile", "Did you mean token_file?", "role_arn")),
        (
            ("credential.token_file=x",),
            "container-x",
            ("no kind of credential 'container-x'", "Did you mean container?"),
        ),
        (("regions.0.x=1",), None, ("regions.0",)),
        (("regions.x=1",), None, ("regions.x",)),
        (("partition.x=1",), None, ("partition.x",)),
        (("via.1.role_arn=x",), None, ("no entry 'via.1'", "Begin with 0")),
        (("fips=maybe",), None, ("fips is yes or no",)),
        (("assume_role.duration=long",), None, ("assume_role.duration is a number",)),
        (("regions",), None, ("no PATH=VALUE",)),
        (("credential.secret_access_key=abcdefgh12345",), "access-key", ("is secret", "env:NAME")),
        (("proxy_url=http://user:secret-pass-word@proxy",), None, ("proxy_url is secret",)),
    ],
)
def test_what_cannot_be_set_says_why(sets: tuple[str, ...], kind: str | None, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as raised:
        patch(*sets, kind=kind)
    for word in words:
        assert word in str(raised.value)
    assert "abcdefgh12345" not in str(raised.value)
    assert "secret-pass-word" not in str(raised.value)


def test_a_secret_may_be_named_where_it_is() -> None:
    found = patch("credential.private_key=file:/run/secrets/key", "proxy_url=env:PROXY", kind="roles-anywhere")
    assert found["credential"]["private_key"] == "file:/run/secrets/key"
    assert found["proxy_url"] == "env:PROXY"


def terminal(monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """Somebody types these lines at a terminal; the questions that were asked."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    lines, asked = iter(text.splitlines()), []

    def answer(question: str, **more: Any) -> str:
        asked.append(question)
        return next(lines) or more.get("default") or ""

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.prompt", answer)
    return asked


def test_secrets_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = terminal(monkeypatch, "the-key\n\n")
    found = change(AwsConfig, Given(kind="roles-anywhere", sets=("credential.certificate=/c.pem",)))
    assert asked == ["Private key", "Passphrase (Enter for none)"]
    assert found["credential"] == {"kind": "roles-anywhere", "certificate": "/c.pem", "private_key": "the-key"}
    asked = terminal(monkeypatch, "")
    assert change(AwsConfig, Given(kind="instance-role")) == {"credential": {"kind": "instance-role"}}
    assert asked == []


def test_secrets_are_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"private_key": "k", "certificate": "c"}'))
    found = change(AwsConfig, Given(kind="roles-anywhere", stdin=True))
    assert found["credential"] == {"kind": "roles-anywhere", "private_key": "k", "certificate": "c"}
    for text, word in (
        ("[1]", "not a JSON object"),
        ("{", "not a JSON object"),
        ('{"key": "s3cr3t-1"}', "has no 'key'"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        with pytest.raises(InvalidInput, match=word) as raised:
            change(AwsConfig, Given(kind="roles-anywhere", stdin=True))
        assert "s3cr3t-1" not in str(raised.value)


def test_a_script_is_told_how_to_give_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(InvalidInput, match="Private key is missing") as raised:
        change(AwsConfig, Given(kind="roles-anywhere"))
    assert "--set credential.private_key=file:/path" in raised.value.remedy


@pytest.mark.parametrize("other", [{"profile": "p"}, {"ambient": True}, {"sign_in": {"kind": "identity-center"}}])
def test_one_place_only(other: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="one place only"):
        change(AwsConfig, Given(kind="container", **other))


def test_identity_center_is_signed_in_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch, "")
    with pytest.raises(InvalidInput, match="signed in for"):
        change(AwsConfig, Given(kind="identity-center"))


def test_entering_again_asks_for_the_secrets_of_the_kind_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"credential": {"kind": "roles-anywhere", "certificate": "/c.pem"}}
    asked = terminal(monkeypatch, "next-key\n\n")
    assert anew(AwsConfig, Given(), before) == {
        "credential": {"kind": "roles-anywhere", "private_key": "next-key", "passphrase": None}
    }
    assert asked == ["Private key", "Passphrase (Enter for none)"]
    monkeypatch.setattr("sys.stdin", io.StringIO('{"private_key": "k2"}'))
    assert anew(AwsConfig, Given(stdin=True), before)["credential"] == {"kind": "roles-anywhere", "private_key": "k2"}


# As a person calls it


def test_a_source_of_any_plugin_is_made_with_these_options(cli: Cli, toys: ToyPlugin) -> None:
    ended = cli(
        "source", "add", "toy", "lab", "--credential", "token", "--stdin", "--set", "retries=5", "--set", "areas=a,b",
        stdin=json.dumps({"token": GOOD_TOKEN, "user": "clerk"}),
    )  # fmt: skip
    assert ended.code == 0, ended.err
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["config"]["retries"], source["config"]["areas"]) == (5, ["a", "b"])
    assert source["config"]["credential"]["user"] == "clerk"
    assert cli("source", "edit", "lab", "--set", "retries=7").code == 0
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["config"]["retries"], source["config"]["areas"]) == (7, ["a", "b"])
    toys.world.accepts = {"the-next-token-1"}
    again = cli("source", "reenter", "lab", "--stdin", stdin='{"token": "the-next-token-1"}')
    assert again.code == 0, again.err
    assert cli("source", "edit", "lab", "--credential", "badge", "--set", "credential.badge=guest").code == 0
    (source,) = cli("source", "list", "--format", "json").json()
    assert (source["config"]["credential"], source["secrets"]) == ({"kind": "badge", "badge": "guest"}, [])


def test_a_wrong_setting_is_told_before_anything_is_asked(cli: Cli) -> None:
    ended = cli("source", "add", "toy", "lab", "--credential", "tokn")
    assert ended.code == 2
    assert "Did you mean token?" in ended.err
    ended = cli("source", "add", "aws", "lab", "--ambient", "--set", "regionz=x")
    assert ended.code == 2
    assert "Did you mean regions?" in ended.err


def test_every_kind_of_credential_has_a_way_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that is added needs no word here: this fails where one cannot be given."""
    arns = "arn:aws:rolesanywhere:eu-west-1:111122223333:"
    secrets: dict[str, str] = {
        "access-key": '{"AccessKeyId": "AKIARZPUZDIKGB2VALC4", "SecretAccessKey": "x"}',
        "roles-anywhere": json.dumps(
            {
                "certificate": "/c.pem",
                "private_key": "k",
                "trust_anchor_arn": f"{arns}trust-anchor/a",
                "profile_arn": f"{arns}profile/p",
                "role_arn": "arn:aws:iam::111122223333:role/r",
            }
        ),
        "identity-center": '{"sign_in": "x", "start_url": "https://corp.awsapps.com/start", "sso_region": "eu-west-1"}',
    }
    kinds = list(AwsConfig.model_json_schema()["properties"]["credential"]["discriminator"]["mapping"])
    assert len(kinds) == 9
    for kind in kinds:
        monkeypatch.setattr("sys.stdin", io.StringIO(secrets.get(kind, "{}")))
        found = change(AwsConfig, Given(kind=kind, stdin=True))
        assert AwsConfig.model_validate(found).credential.kind == kind
