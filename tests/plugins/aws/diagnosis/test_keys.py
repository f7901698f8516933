"""What is seen of a key without a call, and what is undone."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from openvna.log import redact
from openvna.plugins.aws import plugin
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AccessKey, AwsConfig
from openvna.plugins.aws.keys import account_of, inspect, masked, repaired
from support.fault_server import AKIA, ASIA, SECRET, TOKEN


def causes(given: Credentials) -> list[str]:
    return [each.cause for each in inspect(given).findings]


@pytest.mark.parametrize(
    ("pasted", "undone"),
    [
        (f"{SECRET} ", "blanks"),
        (f"\t{SECRET}\r\n", "blanks"),
        (f'"{SECRET}"', "quotes"),
        (f"“{SECRET}”", "quotes"),
        (SECRET.replace("/", "%2F").replace("+", "%2B"), "percent-encoding"),
        (SECRET.replace("/", "%2f"), "percent-encoding"),
        (SECRET.replace("/", "%252F"), "percent-encoding"),
        (SECRET.replace("/", "\\/"), "JSON escapes"),
        (SECRET.replace("+", "\\u002b"), "JSON escapes"),
        (SECRET.replace("+", "&#43;").replace("/", "&#x2F;"), "HTML entities"),
        (SECRET.replace("+", " "), "'+' turned to a blank"),
        (SECRET.replace("+", " ").replace("/", "%2F"), "percent-encoding"),
        (f"\u200b{SECRET}\ufeff", "invisible characters"),
        (f"\u00a0{SECRET}", "blanks"),
        (f"{SECRET[:22]}\n{SECRET[22:]}", "line breaks"),
        (f"aws_secret_access_key = {SECRET}", "name pasted along"),
        (f"AWS_SECRET_ACCESS_KEY={SECRET}", "name pasted along"),
        (f"export AWS_SECRET_ACCESS_KEY='{SECRET}'", "name pasted along"),
        (f'"SecretAccessKey": "{SECRET}",', "name pasted along"),
    ],
)
def test_a_mangled_secret_is_repaired_and_said_so_without_showing_it(pasted: str, undone: str) -> None:
    found = inspect(Credentials(AKIA, pasted))
    assert found.credentials == Credentials(AKIA, SECRET)
    (finding,) = found.findings
    assert (finding.cause, finding.repaired, finding.certain) == ("C-SECRET-MANGLED", True, False)
    assert undone.split()[0] in finding.evidence[0]
    assert SECRET not in finding.evidence[0]
    assert SECRET not in redact(f"the secret is {SECRET}")


@pytest.mark.parametrize("secret", [SECRET[:-1], SECRET + "A", SECRET.replace("/", "!"), "hunter2hunter2"])
def test_a_secret_that_nothing_makes_whole_is_left_as_it_is(secret: str) -> None:
    found = inspect(Credentials(AKIA, secret))
    assert found.credentials.secret_access_key == secret
    assert [each.cause for each in found.findings] == ["C-SECRET-FORMAT"]
    assert str(len(secret)) in found.findings[0].evidence[0]
    assert secret not in found.findings[0].evidence[0]


@settings(max_examples=15, deadline=None)
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+", min_size=40, max_size=40))
def test_every_secret_of_right_form_is_left_alone_and_survives_percent_encoding(secret: str) -> None:
    assert inspect(Credentials(AKIA, secret)).credentials.secret_access_key == secret
    assert inspect(Credentials(AKIA, quote(secret, safe=""))).credentials.secret_access_key == secret


@pytest.mark.parametrize(
    ("key_id", "cause"),
    [
        (AKIA[:-1], "C-KEYID-LEN"),
        (AKIA + "A", "C-KEYID-LEN"),
        (AKIA[:-1] + "0", "C-KEYID-CHARSET"),
        (AKIA[:-1] + "8", "C-KEYID-CHARSET"),
        (AKIA.lower(), "C-KEYID-FORMAT"),
        ("reader@corp.net", "C-KEYID-FORMAT"),
        ("AROARZPUZDIKGB2VALC4", "C-KEYID-WRONGKIND"),
        ("AIDARZPUZDIKGB2VALC4", "C-KEYID-WRONGKIND"),
        ("AKIAIOSFODNN7EXAMPLE", "C-PLACEHOLDER"),
        ("AKIA7777777777777777", "C-KEYID-CORRUPT"),
        (f"{AKIA[:10]}\n{AKIA[10:]}", "C-KEYID-CHARSET"),
        (f"{AKIA[:-1]}é", "C-KEYID-CHARSET"),
    ],
)
def test_a_damaged_key_id_is_named(key_id: str, cause: str) -> None:
    assert causes(Credentials(key_id, SECRET)) == [cause]


@pytest.mark.parametrize("key_id", [f" {AKIA}", f"{AKIA}\n", f"\u200b{AKIA}", f"\u00a0{AKIA}", f'"{AKIA}"'])
def test_blanks_around_the_key_id_are_removed(key_id: str) -> None:
    found = inspect(Credentials(key_id, SECRET))
    assert found.credentials.access_key_id == AKIA
    assert [each.cause for each in found.findings] == ["C-KEYID-WS"]


@pytest.mark.parametrize(("key_id", "secret"), [("", SECRET), (AKIA, ""), ("", ""), ("  ", SECRET)])
def test_an_empty_field_is_named(key_id: str, secret: str) -> None:
    (finding,) = inspect(Credentials(key_id, secret)).findings
    assert (finding.cause, finding.certain) == ("C-EMPTY", True)
    assert ("access key ID" in finding.evidence[0]) == (not key_id.strip())
    assert ("secret access key" in finding.evidence[0]) == (not secret)


def test_swapped_values_are_swapped_back_even_when_the_secret_is_mangled() -> None:
    found = inspect(Credentials(SECRET.replace("/", "%2F"), f" {AKIA}"))
    assert found.credentials == Credentials(AKIA, SECRET)
    assert [each.cause for each in found.findings] == ["C-SWAPPED", "C-SECRET-MANGLED"]


def test_a_temporary_key_without_its_token_is_certain_to_fail() -> None:
    (finding,) = inspect(Credentials(ASIA, SECRET)).findings
    assert (finding.cause, finding.certain, finding.advisory) == ("C-TEMP-NO-TOKEN", True, False)
    assert causes(Credentials(ASIA, SECRET, TOKEN)) == []


def test_a_token_beside_a_permanent_key_is_dropped() -> None:
    found = inspect(Credentials(AKIA, SECRET, TOKEN))
    assert found.credentials == Credentials(AKIA, SECRET)
    assert [each.cause for each in found.findings] == ["C-PERM-WITH-TOKEN"]


@pytest.mark.parametrize(
    "token",
    [
        f" {TOKEN}\n",
        TOKEN.replace("/", "%2F").replace("=", "%3D"),
        f"{TOKEN[:20]}\n{TOKEN[20:]}",
        f"aws_session_token={TOKEN}",
    ],
)
def test_a_mangled_token_is_repaired(token: str) -> None:
    found = inspect(Credentials(ASIA, SECRET, token))
    assert found.credentials.token == TOKEN
    assert [each.cause for each in found.findings] == ["C-TOKEN-MANGLED"]


def test_a_token_of_strange_characters_is_not_sent() -> None:
    found = inspect(Credentials(ASIA, SECRET, "tök€n"))
    assert found.findings[0].cause == "C-TOKEN-MANGLED"
    assert found.findings[0].certain


@pytest.mark.parametrize("place", range(3))
def test_what_is_pasted_costs_its_length_to_look_at(place: int) -> None:
    """A million blanks behind a word that looks like a label took hours, while nothing else in the process ran."""
    pasted = f"{' ' * 100_000}key{' ' * 100_000}x"
    begun = time.process_time()
    inspect(Credentials(*(pasted if place == at else usual for at, usual in enumerate((ASIA, SECRET, TOKEN)))))
    assert time.process_time() - begun < 5


def test_the_account_inside_a_key_id() -> None:
    """The vectors are published ones."""
    assert account_of("ASIAY34FZKBOKMUTVV7A") == "609629065308"
    assert account_of("AKIARZPUZDIKGB2VALC4") == "123456789012"
    assert account_of("AKIAIOSFODNN7EXAMPLE") is None


def test_a_key_id_is_shown_by_its_ends() -> None:
    assert masked(AKIA) == "AKIA…ALC4"
    assert SECRET not in repr(inspect(Credentials(AKIA, SECRET)))


def test_a_sources_settings_are_repaired_and_nothing_else_is_touched() -> None:
    key = AccessKey(access_key_id=f" {AKIA}", secret_access_key=SecretStr(f"{SECRET}\n"))
    config = AwsConfig(credential=key, regions=("eu-west-1",))
    done = repaired(config)
    assert isinstance(done.credential, AccessKey)
    assert done.credential.access_key_id == AKIA
    assert done.credential.secret_access_key.get_secret_value() == SECRET
    assert done.regions == ("eu-west-1",)
    assert repaired(done) is done
    assert plugin.repair(config) == done


def test_what_could_not_even_be_sent_is_certain_at_an_emulator_too() -> None:
    (finding,) = inspect(Credentials("test\r\nHost: elsewhere", SECRET)).findings
    assert (finding.cause, finding.certain, finding.advisory) == ("C-KEYID-CHARSET", True, False)
