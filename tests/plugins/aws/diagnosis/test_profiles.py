"""Profiles and programs: the way to a credential, and every way in which it leads nowhere."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openvna.plugins.aws import processes
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.profiles import CredentialUnusable, Hop, ProfileFiles
from support.fault_server import AKIA, ASIA, SECRET, TOKEN, FaultServer

Environment = dict[str, str]


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Environment]:
    """Write the two files; the environment that names them."""

    def written(config: str = "", credentials: str = "") -> Environment:
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)
        return {
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        }

    return written


KEY = f"aws_access_key_id = {AKIA}\naws_secret_access_key = {SECRET}\n"


def test_a_profile_with_a_key_in_either_file(files: Any) -> None:
    read = ProfileFiles.read(files(f"[profile a]\n{KEY}[default]\nregion=eu-west-1\n", f"[b]\n{KEY}"))
    assert read.way("a").static == read.way("b").static == Credentials(AKIA, SECRET)
    assert read.get("default") == {"region": "eu-west-1"}


def test_the_credentials_file_wins_and_nested_settings_do_no_harm(files: Any) -> None:
    config = (
        f"[profile a]\naws_access_key_id = {ASIA}\naws_secret_access_key = x\n"
        "s3 =\n  max_queue_size = 5\nregion = eu-west-1\n"
    )
    read = ProfileFiles.read(files(config, f"[a]\n{KEY}"))
    assert read.way("a").static == Credentials(AKIA, SECRET)
    assert read.get("a")["region"] == "eu-west-1"


def test_a_chain_of_roles(files: Any) -> None:
    config = (
        "[profile top]\nrole_arn = arn:aws:iam::222233334444:role/B\nsource_profile = middle\nduration_seconds = 900\n"
        "[profile middle]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = base\nexternal_id = e-1\n"
        "role_session_name = gate\n"
    )
    way = ProfileFiles.read(files(config, f"[base]\n{KEY}")).way("top")
    assert way.static == Credentials(AKIA, SECRET)
    assert way.hops == (
        Hop("arn:aws:iam::111122223333:role/A", "e-1", "gate"),
        Hop("arn:aws:iam::222233334444:role/B", duration=900),
    )


def test_a_role_profile_may_be_its_own_source(files: Any) -> None:
    read = ProfileFiles.read(files(f"[profile a]\nrole_arn = arn:aws:iam::1:role/A\nsource_profile = a\n{KEY}"))
    assert read.way("a").static == Credentials(AKIA, SECRET)


ROLE = "role_arn = arn:aws:iam::111122223333:role/A\n"


@pytest.mark.parametrize(
    ("config", "cause", "words"),
    [
        ("[profile b]\nregion = x\n", "C-PROFILE-NOTFOUND", ("'a'", "Profiles there: b")),
        (
            f"[profile a]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = a\n",
            "C-PROFILE-LOOP",
            ("a → b → a",),
        ),
        (f"[profile a]\n{ROLE}source_profile = a\n", "C-PROFILE-LOOP", ("a → a",)),
        (f"[profile a]\n{ROLE}source_profile = c\n", "C-PROFILE-NOSOURCE", ("'c'",)),
        (f"[profile a]\n{ROLE}", "C-PROFILE-NOSOURCE", ("source_profile",)),
        (f"[profile a]\n{ROLE}credential_source = Somewhere\n", "C-PROFILE-NOSOURCE", ("Somewhere",)),
        (
            f"[profile a]\n{ROLE}credential_source = Environment\nsource_profile = b\n",
            "C-PROFILE-PARTIAL",
            ("only one",),
        ),
        (f"[profile a]\naws_access_key_id = {AKIA}\n", "C-PROFILE-PARTIAL", ("aws_secret_access_key",)),
        ("[profile a]\nregion = eu-west-1\n", "C-PROFILE-PARTIAL", ("nothing to sign in with",)),
        ("[profile a]\nsso_account_id = 1\nsso_role_name = R\n", "C-PROFILE-PARTIAL", ("sso_start_url, sso_region",)),
        ("[profile a]\nsso_session = corp\n", "C-PROFILE-PARTIAL", ("'corp'",)),
        (f"[profile a]\n{ROLE}source_profile = b\nmfa_serial = arn:aws:iam::1:mfa/jo\n", "C-MFA-PROMPT", ("mfa/jo",)),
        ("this is not\nan ini file", "C-PROFILE-PARTIAL", ("not in the form", "line 1")),
    ],
)
def test_a_profile_that_leads_nowhere(
    files: Any, run: Any, tmp_path: Path, config: str, cause: str, words: tuple[str, ...]
) -> None:
    verdict = run({"kind": "profile", "profile": "a"}, environment=files(config)).verdict
    assert (verdict.verdict, verdict.cause, verdict.calls) == ("failed", cause, 0)
    told = "\n".join(verdict.steps[0].evidence)
    assert str(tmp_path) in told
    for word in words:
        assert word in told


def test_a_profile_works_and_brings_its_endpoint_and_region(aws: FaultServer, files: Any, run: Any) -> None:
    environment = files(f"[profile a]\nregion = eu-west-1\nendpoint_url = {aws.url}\n{KEY}")
    verdict = run({"kind": "profile", "profile": "a"}, environment=environment).verdict
    assert verdict.verdict == "ok"
    assert verdict.endpoint == f"{aws.url} (endpoint_url of the AWS profile)"
    assert {each.region for each in aws.requests if each.action == "GetCallerIdentity"} == {"", "eu-west-1"}


def test_a_mangled_secret_in_a_profile_is_repaired(aws: FaultServer, files: Any, run: Any) -> None:
    environment = files("", f'[a]\naws_access_key_id = {AKIA}\naws_secret_access_key = "{SECRET}"\n')
    verified = run({"kind": "profile", "profile": "a"}, environment=environment, endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert verified.step("static").cause == "C-SECRET-MANGLED"


def test_a_stale_token_in_the_environment_is_dropped(aws: FaultServer, run: Any) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": AKIA,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_ENDPOINT_URL": aws.url,
    }
    verified = run({"kind": "ambient"}, environment=environment)
    assert verified.verdict.verdict == "ok"
    assert verified.step("static").cause == "C-PERM-WITH-TOKEN"
    assert {each.token for each in aws.requests} == {""}


def test_half_a_key_in_the_environment(run: Any) -> None:
    verdict = run({"kind": "ambient"}, environment={"AWS_ACCESS_KEY_ID": AKIA}).verdict
    assert verdict.cause == "C-EMPTY"
    assert "AWS_SECRET_ACCESS_KEY is missing or empty" in verdict.steps[0].evidence[0]


def test_a_machine_without_a_credential_says_where_it_looked(run: Any, files: Any) -> None:
    verdict = run({"kind": "ambient"}, environment=files()).verdict
    told = "\n".join(verdict.steps[0].evidence)
    assert verdict.cause == "C-EMPTY"
    for word in ("AWS_ACCESS_KEY_ID", "'default'", "AWS_CONTAINER_CREDENTIALS", "instance role"):
        assert word in told


def test_an_identity_center_profile_without_a_login(
    aws: FaultServer, run: Any, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one is botocore's, which reads the environment of the process."""
    environment = files(
        "[profile a]\nsso_start_url = https://nobody.awsapps.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = Net\nregion = eu-west-1\n"
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    verified = run({"kind": "profile", "profile": "a"}, environment=environment, endpoint_url=aws.url)
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "S-NOLOGIN")
    assert "aws sso login" in verified.verdict.remedy


# credential_process


def program(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "program.py"
    path.write_text(text)
    return (sys.executable, str(path))


def printing(folder: Path, **answer: Any) -> tuple[str, ...]:
    return program(folder, f"print({json.dumps(answer)!r})")


GOOD = {"Version": 1, "AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": TOKEN}


def test_a_program_that_prints_a_credential(tmp_path: Path) -> None:
    until = datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = processes.run(printing(tmp_path, **GOOD, Expiration="2100-01-02T03:04:05Z"))
    assert (found.credentials, found.until) == (Credentials(ASIA, SECRET, TOKEN), until.timestamp())
    assert processes.run(printing(tmp_path, **GOOD)).until is None


@pytest.mark.parametrize(
    ("text", "cause", "words"),
    [
        ("import sys; sys.exit('no ticket')", "C-PROCESS-FAIL", ("ended with 1", "no ticket")),
        ("import sys; sys.exit(3)", "C-PROCESS-FAIL", ("ended with 3", "nothing on stderr")),
        ("print('Welcome!')", "C-PROCESS-JSON", ("not JSON",)),
        ("print('[1]')", "C-PROCESS-JSON", ()),
        ("print('{\"Version\": 2}')", "C-PROCESS-VERSION", ("2",)),
        ('print(\'{"Version": 1, "AccessKeyId": "A"}\')', "C-PROCESS-JSON", ("no SecretAccessKey",)),
        (f"import json; print(json.dumps({GOOD | {'Expiration': 'soon'}!r}))", "C-PROCESS-JSON", ("Expiration",)),
        (
            f"import json; print(json.dumps({GOOD | {'Expiration': '2020-01-01T00:00:00Z'}!r}))",
            "C-PROCESS-EXPIRED",
            ("2020",),
        ),
    ],
)
def test_a_program_that_does_not(tmp_path: Path, text: str, cause: str, words: tuple[str, ...]) -> None:
    with pytest.raises(CredentialUnusable) as raised:
        processes.run(program(tmp_path, text))
    assert raised.value.cause == cause
    for word in words:
        assert word in raised.value.what
    assert SECRET not in str(raised.value)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CredentialUnusable, match="does not start") as raised:
        processes.run(("/nowhere/helper", "--flag"))
    assert raised.value.cause == "C-PROCESS-FAIL"


def test_a_program_that_waits_for_ever_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    text = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()"
    began = time.monotonic()
    with pytest.raises(CredentialUnusable, match="did not end") as raised:
        processes.run(program(tmp_path, text), seconds=1)
    assert raised.value.cause == "C-PROCESS-FAIL"
    assert time.monotonic() - began < 20


def test_a_program_that_reads_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(CredentialUnusable, match="ended with 7"):
        processes.run(program(tmp_path, "import sys; sys.exit(7 if not sys.stdin.read() else 0)"), seconds=30)


def test_a_programs_failure_is_the_verdict(aws: FaultServer, run: Any, files: Any, tmp_path: Path) -> None:
    command = shlex.join(program(tmp_path, "import sys; sys.exit('run: corp-login')"))
    environment = files(f"[profile a]\ncredential_process = {command}\n")
    verdict = run({"kind": "profile", "profile": "a"}, environment=environment, endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "C-PROCESS-FAIL")
    assert "run: corp-login" in verdict.steps[-1].evidence[0]


def test_an_expiration_without_a_zone_is_utc(tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None, microsecond=0)
    found = processes.run(printing(tmp_path, **GOOD, Expiration=soon.isoformat()))
    assert found.until == soon.replace(tzinfo=UTC).timestamp()
