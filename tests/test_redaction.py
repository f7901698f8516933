"""No form of a registered secret is shown, nothing that is shaped like one, and no handler of anyone gets it."""

from __future__ import annotations

import base64
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna import log
from support.canaries import forms, leaks, whole_forms
from support.emulators import Emulator, ministack_server, role_with_trust, session_of, user_with_policy

# Not one of these is a key of anyone: made for this test, with what is awkward in a real one.
SECRET = 'Zx+9/qW"7\\eRt y=Uü3kL<m>&oP'
LETTERS = "AbCd"


@pytest.mark.parametrize("form", sorted(whole_forms(SECRET)), ids=repr)
def test_every_form_of_a_registered_secret_is_masked(form: bytes) -> None:
    log.hide(SECRET)
    text = form.decode()
    masked = log.redact(f"before {text} behind")
    assert text not in masked
    assert "***" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" behind")


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("behind", range(4))
def test_a_secret_is_found_at_any_place_of_what_is_in_base64(before: int, behind: int) -> None:
    log.hide(SECRET)
    encoded = base64.b64encode(b"b" * before + SECRET.encode() + b"a" * behind).decode()
    assert len(log.redact(encoded)) <= 3 + 5 + 6  # the mask, and what the neighbours have a part in


def test_a_plus_that_net_escapes_in_json_hides_nothing() -> None:
    log.hide("Xy9+abcDEF/ghi")
    assert log.redact('"Xy9\\u002BabcDEF/ghi" "Xy9\\u002babcDEF/ghi"') == '"***" "***"'


def test_the_lines_of_a_key_are_hidden_one_by_one() -> None:
    log.hide("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAbCdEfGhIjKlM\n-----END PRIVATE KEY-----\n")
    assert log.redact("it has MC4CAQAwBQYDK2VwBCIEIAbCdEfGhIjKlM in it") == "it has *** in it"
    assert log.redact("-----BEGIN CERTIFICATE-----") == "-----BEGIN CERTIFICATE-----"


LONG = "FwoGZXIvYXdzEJr//////////wEaDKl9"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key AKIAQX4LLWN5TEST6KEY refused", "key AKIA***6KEY refused"),
        ('{"Token" : "IQoJb3JpZ2luX2VjEJr//////////wEaCXVz"}', '{"Token" : "IQoJb3JpZ2lu***"}'),
        ("Signature=" + "ab" * 32, "Signature=***"),
        ("X-Amz-Signature=" + "ab" * 32 + "&x=1", "X-Amz-Signature=***&x=1"),
        ("Signature:\n" + "ab" * 32, "Signature:\n***"),
        (f"x-amz-security-token:{LONG}\nhost:x", "x-amz-security-token:***\nhost:x"),
        (f"?X-Amz-Security-Token={LONG.replace('/', '%2F')}&b=c", "?X-Amz-Security-Token=***&b=c"),
        (f"'X-Amz-Security-Token': b'{LONG}', 'a': 1", "'X-Amz-Security-Token': b'***', 'a': 1"),
        (f"<SessionToken>{LONG}</SessionToken>", "<SessionToken>***</SessionToken>"),
        ("<SecretAccessKey>ab cd</SecretAccessKey>", "<SecretAccessKey>***</SecretAccessKey>"),
        (f'{{"SecretAccessKey": "{LONG}", "a": 1}}', '{"SecretAccessKey": "***", "a": 1}'),
        (f'{{"accessToken":"{LONG}","expiresIn":1}}', '{"accessToken":"***","expiresIn":1}'),
        (f"{{'refreshToken': '{LONG}'}}", "{'refreshToken': '***'}"),
        (f'{{\\"clientSecret\\": \\"{LONG}\\"}}', '{\\"clientSecret\\": \\"***\\"}'),
        (f"aws_secret_access_key = {LONG}", "aws_secret_access_key = ***"),
        (f"AWS_SESSION_TOKEN={LONG}", "AWS_SESSION_TOKEN=***"),
        (f"Authorization: Bearer {LONG}", "Authorization: Bearer ***"),
        (f"Authorization: {LONG}", "Authorization: ***"),
        ("Proxy-Authorization: Basic cm9ib3Q6cGFzcy13b3Jk", "Proxy-Authorization: Basic ***"),
        (f"the answer was Bearer {LONG}", "the answer was Bearer ***"),
        (f"token {JWT} refused", "token *** refused"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nx",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nx",
        ),
        ("cut: -----BEGIN PRIVATE KEY-----\\nMIIE", "cut: -----BEGIN PRIVATE KEY-----***"),
        ("hvs.CAESIJKLMNOPQRSTUVWXYZ0123456789", "hvs.***"),
        ("at http://robot:pass-word@proxy:3128/", "at http://robot:***@proxy:3128/"),
    ],
)
def test_what_is_shaped_like_a_secret_is_masked(text: str, shown: str) -> None:
    assert log.redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "credential.session_token: Only temporary keys have one.",
        "Authorization header is missing; sign the request.",
        "Sign in, or send an API token as `Authorization: Bearer ovna_...`.",
        "a proxy looks like http://host:port or http://user:password@host:port",
        "aws_secret_access_key = ...",
        "The access key: inactive",
        "the secret is 40 characters of A-Za-z0-9/+",
        '{"pagination_token": null, "secrets": ["credential.token"]}',
        "arn:aws:iam::111122223333:role/NAME in eu-west-1, request 0b1c2d3e-0000-4000-8000-000000000000",
        "password: Type the new one twice.",
        "https://d-1234567890.awsapps.com/start and mail someone@example.com",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert log.redact(text) == text


class TestAHandlerOfAnybody:
    @pytest.fixture
    def foreign(self) -> Iterator[io.StringIO]:
        """One that a library adds to the root logger, with a formatter of the standard library."""
        log.hide(SECRET)
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
        logging.getLogger().addHandler(handler)
        yield written
        logging.getLogger().removeHandler(handler)

    def test_gets_no_secret_in_a_message(self, foreign: io.StringIO) -> None:
        logging.getLogger("anything").warning("with %s and %r", SECRET, {"deep": SECRET})
        logging.getLogger("anything").warning("with %(key)s", {"key": SECRET})
        assert leaks([("foreign", foreign.getvalue().encode())], [SECRET]) == []
        assert foreign.getvalue().count("***") == 3

    def test_gets_no_secret_in_a_traceback(self, foreign: io.StringIO) -> None:
        try:
            raise ValueError(f"refused {SECRET}")
        except ValueError:
            logging.getLogger("anything").exception("it broke")
        assert "ValueError: refused ***" in foreign.getvalue()
        assert leaks([("foreign", foreign.getvalue().encode())], [SECRET]) == []

    def test_gets_no_secret_of_a_line_that_does_not_fit_its_arguments(
        self, foreign: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        alone = logging.getLogger("alone")
        alone.propagate = False  # the handler of the tests would raise
        alone.addHandler(logging.StreamHandler(foreign))
        alone.warning("two %s %s", SECRET)
        said = capsys.readouterr().err
        assert "two %s %s" in said
        assert leaks([("stderr", said.encode())], [SECRET]) == []

    def test_gets_what_holds_no_secret_as_it_is(self) -> None:
        log.hide(SECRET)
        record = logging.getLogRecordFactory()("a", 10, "b", 1, "with %s", ("this",), None)
        assert (record.msg, record.args) == ("with %s", ("this",))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with ministack_server() as running:
        yield running


def test_botocore_at_debug_shows_no_secret_to_any_handler(emulator: Emulator, tmp_path: Path) -> None:
    """Neither those that it signs with nor those that AWS gives it, which nobody could register before."""
    key = user_with_policy(emulator, "talkative", [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}])
    look = [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}]
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = role_with_trust(emulator, "talkative", {"Version": "2012-10-17", "Statement": [trust]}, look)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    talkative = [logging.getLogger(name) for name in ("", "botocore", "urllib3")]
    levels = [one.level for one in talkative]
    log.setup("debug", tmp_path / "openvna.log", None)
    logging.getLogger().addHandler(handler)
    for one in talkative:
        one.setLevel(logging.DEBUG)
    try:
        log.hide(key.secret_access_key)
        session = session_of(emulator, role, key)
        emulator.client(
            "sts",
            aws_access_key_id=session.access_key_id,
            aws_secret_access_key=session.secret_access_key,
            aws_session_token=session.token,
        ).get_caller_identity()
    finally:
        logging.getLogger().removeHandler(handler)
        for one, level in zip(talkative, levels, strict=True):
            one.setLevel(level)
        log.setup("warning", None, None)
    said = written.getvalue()
    assert "AssumeRole" in said, "botocore was not talking"
    assert "CanonicalRequest" in said
    everything = [("handler", said.encode()), ("file", (tmp_path / "openvna.log").read_bytes())]
    assert leaks(everything, [key.secret_access_key, session.secret_access_key, session.token]) == []
    assert [each for each in (key, session) if each.access_key_id in said] == []


PROGRAMS = {
    "an uncaught exception": "raise ValueError('refused ' + secret)",
    "a thread": "import threading; t = threading.Thread(target=lambda: {}[secret]); t.start(); t.join()",
    "a destructor": "class A:\n  def __del__(self): raise ValueError(secret)\nA()",
    "a warning": "import warnings; warnings.warn(secret)",
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("set_up", [True, False])
def test_what_python_itself_prints_shows_no_secret(program: str, set_up: bool, tmp_path: Path) -> None:
    start = "log.setup('info', pathlib.Path(sys.argv[1]), sys.stderr)" if set_up else "log.guard_standard_error()"
    script = (
        "import base64, pathlib, sys\nfrom openvna import log\n"
        "secret = base64.b64decode(sys.argv[2]).decode()\nlog.hide(secret)\n"
        f"{start}\n{PROGRAMS[program]}\n"
    )
    encoded = base64.b64encode(SECRET.encode()).decode()
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "log"), encoded], capture_output=True, text=True, timeout=60
    )
    assert "***" in done.stderr
    assert leaks([("stderr", done.stderr.encode()), ("stdout", done.stdout.encode())], [SECRET]) == []


def test_the_finder_of_leaks_finds_one_in_every_form() -> None:
    for form in forms(SECRET):
        assert leaks([("somewhere", b"before " + form + b" behind")], [SECRET]) != []
    assert leaks([("somewhere", json.dumps({"a": "nothing"}).encode())], [SECRET]) == []
