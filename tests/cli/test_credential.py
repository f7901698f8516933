"""Every form in which AWS and its tools print an access key is understood; nothing else is taken for one."""

from __future__ import annotations

import io

import pytest

from openvna.cli.credential import chosen, from_text
from openvna.model import InvalidInput

ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's own example, of its documentation
SESSION = "IQoJb3JpZ2luX2VjEXAMPLE//token=="

FORMS = {
    "sts": f'{{"Credentials": {{"AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{SESSION}"}}}}',
    "assume-role with the user": (
        '{"AssumedRoleUser": {"Arn": "arn:aws:sts::111122223333:assumed-role/x/y"}, '
        f'"Credentials": {{"AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{SESSION}"}}}}'
    ),
    "process": f'{{"Version": 1, "AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{SESSION}"}}',
    "exports": (
        f"export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY='{SECRET}'\n"
        f'export AWS_SESSION_TOKEN="{SESSION}"\n'
    ),
    "ini": f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\naws_session_token = {SESSION}\n",
    "powershell": (
        f'$Env:AWS_ACCESS_KEY_ID="{ID}"\r\n$Env:AWS_SECRET_ACCESS_KEY="{SECRET}"\r\n$Env:AWS_SESSION_TOKEN="{SESSION}"\r\n'
    ),
    "cmd": f"SET AWS_ACCESS_KEY_ID={ID}\nSET AWS_SECRET_ACCESS_KEY={SECRET}\nSET AWS_SESSION_TOKEN={SESSION}",
    "bare lines": f"{ID}\n{SECRET}\n{SESSION}\n",
    "a byte order mark": f"\ufeff{ID}\n{SECRET}\n{SESSION}",
}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_temporary_key_in_each_form(form: str) -> None:
    assert from_text(FORMS[form]) == {
        "kind": "access-key",
        "access_key_id": ID,
        "secret_access_key": SECRET,
        "session_token": SESSION,
    }


def test_a_permanent_key_has_no_token() -> None:
    given = from_text(f'{{"AccessKey": {{"UserName": "x", "AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}"}}}}')
    assert (given["access_key_id"], given["session_token"]) == (ID, None)
    assert from_text(f"{ID}\n{SECRET}")["session_token"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ('{"AccessKeyId": "x",', "Line 1"),
        ('{"name": "x"}', "no AccessKeyId"),
        ("[1, 2]", "0 lines"),
        ("one line", "1 line"),
        ("1\n2\n3\n4\n", "4 lines"),
        ('{"a":' * 100_000, "too deeply"),
    ],
)
def test_what_is_none_is_refused_without_repeating_it(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        from_text(text)
    assert said in str(refused.value)


def test_standard_input_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00"), encoding="utf-8"))
    with pytest.raises(InvalidInput, match="not text"):
        chosen(stdin=True)


def test_no_message_repeats_what_was_pasted() -> None:
    with pytest.raises(InvalidInput) as refused:
        from_text(f'{{"SecretAccessKey": "{SECRET}')
    assert SECRET not in str(refused.value)


def test_one_place_only() -> None:
    assert chosen() is None
    assert chosen(profile="x") == {"kind": "profile", "profile": "x"}
    assert chosen(ambient=True) == {"kind": "ambient"}
    with pytest.raises(InvalidInput):
        chosen(ambient=True, prompt=True)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"Credentials": {{"AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{SESSION}", '
        '"Expiration": "2026-05-01T12:00:00+00:00"}}',
        f"export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\nexport AWS_SESSION_TOKEN={SESSION}\n"
        "export AWS_CREDENTIAL_EXPIRATION=2026-05-01T12:00:00+00:00\n",
    ],
    ids=["json", "exports"],
)
def test_the_end_of_a_session_comes_along(text: str) -> None:
    assert from_text(text)["expires_at"] == "2026-05-01T12:00:00+00:00"


def test_a_permanent_key_comes_without_an_end() -> None:
    assert "expires_at" not in from_text(f"AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\nExpiration=x\n")
