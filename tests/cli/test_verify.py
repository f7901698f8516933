"""`openvna verify aws`, as a person calls it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from openvna.__main__ import run as openvna
from support import fault_server as faults
from support.fault_server import AKIA, ASIA, SECRET, TOKEN, FaultServer, fault_server

Verify = Callable[..., tuple[int, str, str]]


@pytest.fixture
def aws() -> Generator[FaultServer, None, None]:
    with fault_server() as server:
        yield server.good()


@pytest.fixture
def verify(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Call the command with this on standard input; exit code, stdout, stderr."""

    def called(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        given = [*arguments, "--stdin"] if stdin is not None else list(arguments)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin or ""))
        code = openvna(["verify", "aws", *given])
        out, err = capfd.readouterr()
        for secret in (SECRET, TOKEN):
            assert secret not in out + err
        return code, out, err

    return called


KEY = f"{AKIA}\n{SECRET}\n"


@pytest.mark.parametrize(
    "stdin",
    [
        KEY,
        f"AWS_ACCESS_KEY_ID={AKIA}\nAWS_SECRET_ACCESS_KEY={SECRET}\n",
        f'export AWS_ACCESS_KEY_ID="{AKIA}"\nexport AWS_SECRET_ACCESS_KEY="{SECRET}"\n',
        f"[default]\naws_access_key_id = {AKIA}\naws_secret_access_key = {SECRET}\n",
        json.dumps({"AccessKey": {"AccessKeyId": AKIA, "SecretAccessKey": SECRET, "Status": "Active"}}),
    ],
    ids=["lines", "variables", "exports", "ini", "json"],
)
def test_a_good_key_from_standard_input(aws: FaultServer, verify: Verify, stdin: str) -> None:
    code, out, _ = verify("--endpoint-url", aws.url, stdin=stdin)
    assert code == 0
    assert "Verdict:    ok." in out
    assert aws.url in out
    assert {each.key for each in aws.requests if each.key} == {AKIA}


def test_a_session_from_standard_input(aws: FaultServer, verify: Verify) -> None:
    session = {"Credentials": {"AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": TOKEN}}
    assert verify("--endpoint-url", aws.url, stdin=json.dumps(session))[0] == 0
    assert {each.token for each in aws.requests if each.key} == {TOKEN}


def test_json_is_one_object_and_nothing_else(aws: FaultServer, verify: Verify) -> None:
    code, out, err = verify("--endpoint-url", aws.url, "--region", "us-east-1", "--format", "json", stdin=KEY)
    verdict = json.loads(out)
    assert (code, err) == (0, "")
    assert set(verdict) == {
        "verdict", "cause", "confidence", "summary", "identity", "steps", "regions", "calls", "remedy", "endpoint",
        "expires_at", "end_unknown",
        "permissions", "missing",
    }  # fmt: skip
    assert (verdict["verdict"], verdict["cause"], verdict["confidence"]) == ("ok", None, "proven")
    assert verdict["identity"] == {
        "account": faults.ACCOUNT,
        "arn": faults.USER,
        "kind": "iam-user",
        "partition": "aws",
    }
    assert [each["region"] for each in verdict["regions"]] == ["us-east-1"]
    assert verdict["endpoint"].startswith(aws.url)


def test_the_endpoint_of_the_environment_is_honoured_and_shown(
    aws: FaultServer, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    code, out, _ = verify(stdin=KEY)
    assert code == 0
    assert f"{aws.url} (the environment variable AWS_ENDPOINT_URL)" in out


def test_the_environments_key_is_the_default(aws: FaultServer, verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", AKIA)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert verify("--endpoint-url", aws.url)[0] == 0
    assert verify("--endpoint-url", aws.url, "--env")[0] == 0


def test_a_failing_access_names_cause_evidence_and_remedy(aws: FaultServer, verify: Verify) -> None:
    aws.on("GetCallerIdentity", faults.sts_error("SignatureDoesNotMatch", "The request signature does not match"))
    code, out, _ = verify("--endpoint-url", aws.url, stdin=KEY)
    assert code == 1
    assert "Verdict:    failed." in out
    assert "Cause:      K-SECRET-WRONG (reported)" in out
    assert "Evidence:   GetCallerIdentity in us-east-1: 403 SignatureDoesNotMatch" in out
    assert "Remedy:     Enter the secret that belongs to this access key ID." in out


def test_a_missing_permission_comes_with_the_statement_to_paste(aws: FaultServer, verify: Verify) -> None:
    who = f"User: {faults.USER} is not authorized to perform: ec2:DescribeInstances because no identity-based policy"
    aws.on("DescribeInstances", faults.ec2_error("UnauthorizedOperation", f"{who} allows the action"))
    code, out, _ = verify("--endpoint-url", aws.url, stdin=KEY)
    assert code == 1
    assert "Verdict:    degraded." in out
    assert "P-IDENTITY-IMPLICIT" in out
    assert json.loads(out[out.index("\n{") :])["Action"] == ["ec2:DescribeInstances"]


@pytest.mark.parametrize(
    ("stdin", "cause"),
    [
        (f"{ASIA}\n{SECRET}\n", "C-TEMP-NO-TOKEN"),
        (f"AWS_ACCESS_KEY_ID={AKIA}\nAWS_SECRET_ACCESS_KEY=\n", "C-EMPTY"),
        (f"{AKIA[:-2]}\n{SECRET}\n", "C-KEYID-LEN"),
        (f"{AKIA}\n{SECRET[:-2]}\n", "C-SECRET-FORMAT"),
    ],
)
def test_bad_keys_fail_without_any_call(verify: Verify, stdin: str, cause: str) -> None:
    code, out, _ = verify("--format", "json", stdin=stdin)
    verdict = json.loads(out)
    assert (code, verdict["verdict"], verdict["cause"], verdict["calls"]) == (1, "failed", cause, 0)


def test_a_swapped_key_works(aws: FaultServer, verify: Verify) -> None:
    code, out, _ = verify("--endpoint-url", aws.url, stdin=f"{SECRET}\n{AKIA}\n")
    assert code == 0
    assert "C-SWAPPED" in out


def test_an_unknown_profile(verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    code, out, _ = verify("--profile", "nobody")
    assert code == 1
    assert "C-PROFILE-NOTFOUND" in out
    assert "'nobody'" in out
    assert str(tmp_path / "config") in out


def test_a_wrong_region(verify: Verify) -> None:
    code, out, _ = verify("--region", "eu-west1", stdin=KEY)
    assert code == 1
    assert "Did you mean eu-west-1?" in out


def test_the_partition_follows_the_region(verify: Verify) -> None:
    code, out, _ = verify("--region", "cn-north-1", "--region", "eu-west-1", stdin=KEY)
    assert code == 1
    assert "C-PARTITION" in out
    assert "the settings say aws-cn" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--secret-access-key", SECRET), "No such option"),
        (("--bogus",), "No such option"),
        (("extra",), "extra"),
        (("--format", "xml"), "xml"),
        (("--profile", "a", "--prompt"), "one place only"),
        (("--external-id", "vna-1"), "--role-arn"),
        (("--region", "eu_west"), "'eu_west'"),
        (("--role-arn", "OpenVNA"), "arn:aws:iam::"),
        (("--account", "12"), "12 digits"),
        (("--endpoint-url", "nowhere"), "http://"),
        (("--partition", "mars"), "partition"),
    ],
)
def test_wrong_usage(verify: Verify, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = verify(*arguments)
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("stdin", ["", "hello", "{not json", '{"a": 1}'])
def test_nothing_of_use_on_standard_input(verify: Verify, stdin: str) -> None:
    code, out, err = verify(stdin=stdin)
    assert (code, out) == (2, "")
    assert "standard input" in err.lower()


def test_somebody_at_the_terminal_is_asked(
    aws: FaultServer, verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([AKIA, SECRET, ""])
    monkeypatch.setattr("typer.prompt", lambda *_args, **_options: next(answers))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("io.StringIO", Terminal)
    code, out, err = verify("--endpoint-url", aws.url)
    assert code == 0
    assert "no AWS credential" in err
    assert "Verdict:    ok." in out


def test_help_names_every_way_to_give_a_key(verify: Verify) -> None:
    code, out, _ = verify("--help")
    assert code == 0
    for word in ("--profile", "--stdin", "--prompt", "--env", "AWS_ENDPOINT_URL", "No secret is ever taken"):
        assert word in out


def test_a_role_by_option(aws: FaultServer, verify: Verify) -> None:
    aws.on("AssumeRole", faults.role_session("a"))
    role = ["--role-arn", "arn:aws:iam::444455556666:role/OpenVNA", "--external-id", "vna-7f3a"]
    code, out, _ = verify("--endpoint-url", aws.url, *role, stdin=KEY)
    assert code == 0
    assert "Assume arn:aws:iam::444455556666:role/OpenVNA" in out


def test_a_second_profile_by_option(
    aws: FaultServer, verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text(
        "[clerk]\naws_access_key_id = AKIARZPUZDIKH7QXW2MN\naws_secret_access_key = " + SECRET[::-1] + "\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    listed = f"<AccessKeyMetadata><member><AccessKeyId>{AKIA}</AccessKeyId><Status>Inactive</Status></member>"
    unknown = faults.sts_error("InvalidClientTokenId", "The security token included in the request is invalid.")
    aws.on("GetCallerIdentity", unknown, faults.identity(f"arn:aws:iam::{faults.ACCOUNT}:user/clerk"))
    aws.on("GetAccessKeyInfo", faults.result("GetAccessKeyInfo", f"<Account>{faults.ACCOUNT}</Account>"))
    aws.on("GetAccessKeyLastUsed", faults.result("GetAccessKeyLastUsed", "<UserName>reader</UserName>"))
    aws.on("ListAccessKeys", faults.result("ListAccessKeys", f"{listed}</AccessKeyMetadata>"))
    code, out, _ = verify("--endpoint-url", aws.url, "--second-profile", "clerk", stdin=KEY)
    assert code == 1
    assert "Cause:      K-KEY-INACTIVE (proven)" in out
    assert f"aws iam update-access-key --access-key-id {AKIA} --status Active --user-name reader" in out
    assert SECRET[::-1] not in out


def test_nothing_heavy_is_imported_for_help() -> None:
    import subprocess
    import sys

    script = (
        "import sys\nfrom openvna.__main__ import run\ncode = run(['verify', 'aws', '--help'])\n"
        "heavy = {'botocore', 'boto3', 'pydantic', 'rich', 'sqlalchemy', 'fastapi', 'ssl', 'http.client'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done: Any = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_a_key_is_verified_without_botocore(aws: FaultServer) -> None:
    import subprocess
    import sys

    script = (
        "import sys\nfrom openvna.__main__ import run\n"
        f"code = run(['verify', 'aws', '--stdin', '--endpoint-url', {aws.url!r}])\n"
        "heavy = {'botocore', 'boto3', 'urllib3', 'rich', 'sqlalchemy'}\n"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done: Any = subprocess.run(
        [sys.executable, "-c", script], input=KEY, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip() == "0 []"


def test_the_way_is_chosen_by_options(aws: FaultServer, verify: Verify) -> None:
    nowhere = "--service-endpoint=s3=http://127.0.0.1:9"
    code, out, _ = verify(f"--service-endpoint=sts={aws.url}", f"--service-endpoint=ec2={aws.url}", nowhere, stdin=KEY)
    assert code == 0
    assert f"{aws.url} (the source's setting endpoint_urls of sts)" in out
    code, out, _ = verify("--partition=aws-iso-e", "--dual-stack", stdin=KEY)
    assert (code, "C-ENDPOINT-KIND" in out) == (1, True)


def test_an_endpoint_without_its_service_is_told_how_to_be_written(verify: Verify) -> None:
    code, _, err = verify("--service-endpoint=https://sts.example.net", stdin=KEY)
    assert code == 2
    assert "ec2=https://" in err


def test_a_kind_of_credential_with_its_settings(aws: FaultServer, verify: Verify, tmp_path: Path) -> None:
    role = "arn:aws:iam::111122223333:role/pod"
    options = ("--credential", "web-identity", "--set", f"credential.role_arn={role}")
    missing = str(tmp_path / "none")
    code, out, _ = verify(*options, "--set", f"credential.token_file={missing}", "--endpoint-url", aws.url)
    assert code == 1
    assert "cause: W-FILE" in out
    assert missing in out


def test_settings_from_a_file_with_options_over_them(aws: FaultServer, verify: Verify, tmp_path: Path) -> None:
    file, secret = tmp_path / "settings.json", tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    key = {"kind": "access-key", "access_key_id": AKIA, "secret_access_key": f"file:{secret}"}
    file.write_text(json.dumps({"credential": key, "endpoint_url": aws.url, "regions": ["eu-west-1"]}))
    code, out, err = verify("--config", str(file), "--region", "us-east-1", "--format", "json")
    assert code == 0, err
    assert [each["region"] for each in json.loads(out)["regions"]] == ["us-east-1"]
    assert {each.key for each in aws.requests if each.key} == {AKIA}


def test_a_secret_in_a_setting_of_the_command_line_is_refused(verify: Verify) -> None:
    code, _, err = verify("--credential", "access-key", "--set", f"credential.secret_access_key={SECRET}")
    assert code == 2
    assert "is secret" in err
