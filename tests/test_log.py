"""The log: one JSON object a line, private, and no secret in it, whatever path a secret takes."""

from __future__ import annotations

import base64
import io
import json
import logging
import stat
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import structlog

from openvna import log
from openvna.log import redaction

# Not one of these is a key of anyone: made for this test, with what is awkward in a real one.
SECRET = 'Zx+9/qW"7\\eRt y=Uü3kLmNoP'
OTHER = "FwoGZXIvYXdzEXAMPLEtoken//notreal=="


class Lines:
    def __init__(self, file: Path, terminal: io.StringIO) -> None:
        self.file = file
        self.terminal = terminal

    def all(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8") + self.terminal.getvalue()


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    terminal = io.StringIO()
    log.setup("debug", tmp_path / "openvna.log", terminal)
    log.hide(SECRET, OTHER)
    yield Lines(tmp_path / "openvna.log", terminal)
    log.setup("warning", None, None)


def _raise(message: str) -> None:
    raise ValueError(message)


def _exception(name: str) -> None:
    try:
        _raise(f"refused {SECRET}")
    except ValueError:
        logging.getLogger(name).exception("it broke with %s", OTHER)


def _structured_exception() -> None:
    try:
        _raise(f"refused {SECRET}")
    except ValueError as error:
        log.logger("openvna.try").error("it broke", exc_info=error, token_value=OTHER)


class Holder:
    def __repr__(self) -> str:
        return f"Holder({SECRET})"


def _thread() -> None:
    thread = threading.Thread(target=_raise, args=(f"refused {SECRET}",))
    thread.start()
    thread.join()


PATHS: dict[str, Callable[[], None]] = {
    "the message": lambda: log.logger("openvna.try").info(f"with {SECRET}"),
    "a field": lambda: log.logger("openvna.try").info("it", value=SECRET),
    "a bound field": lambda: log.logger("openvna.try").bind(value=OTHER).warning("it"),
    "inside a mapping in a list": lambda: log.logger("openvna.try").info("it", value=[{"deep": {SECRET: SECRET}}]),
    "an object": lambda: log.logger("openvna.try").info("it", value=Holder()),
    "an exception": _structured_exception,
    "structlog's own logger": lambda: structlog.get_logger("openvna.other").info("it", value=SECRET),
    "the standard library": lambda: logging.getLogger("anything").info("with %s", SECRET),
    "a mapping argument": lambda: logging.getLogger("anything").info("with %(key)s", {"key": SECRET}),
    "an object argument": lambda: logging.getLogger("anything").info("with %r", Holder()),
    "a traceback of a library": lambda: _exception("sqlalchemy.engine"),
    "a traceback of the server": lambda: _exception("uvicorn.error"),
    "an error of botocore": lambda: logging.getLogger("botocore.parsers").error("body %s", SECRET),
    "a warning": lambda: warnings.warn(f"old {SECRET}", UserWarning, stacklevel=1),
    "a thread that breaks": _thread,
    "percent-encoded": lambda: log.logger("openvna.try").info(quote(SECRET, safe="")),
    "form-encoded": lambda: log.logger("openvna.try").info(quote_plus(SECRET)),
    "base64": lambda: log.logger("openvna.try").info(base64.b64encode(SECRET.encode()).decode()),
    "JSON in a text": lambda: log.logger("openvna.try").info(json.dumps({"a": SECRET})),
    "a repr in a text": lambda: log.logger("openvna.try").info(repr({"a": SECRET})),
    "a Signature in a header": lambda: log.logger("openvna.try").info("Signature=" + "ab" * 32),
}

_FORMS = [
    text
    for secret in (SECRET, OTHER)
    for text in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    )
] + ["ab" * 32]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_no_path_lets_a_secret_through(lines: Lines, path: str) -> None:
    PATHS[path]()
    text = lines.text()
    assert lines.all(), "nothing was written, so nothing was shown"
    assert "***" in text
    assert [form for form in _FORMS if form in text] == []


def test_the_password_in_an_address_is_hidden_on_its_own(lines: Lines) -> None:
    log.hide("http://someone:open#sesame%2Fplease@proxy:3128")
    login = base64.b64encode(b"someone:open#sesame/please").decode()
    said = ["open#sesame%2Fplease", "open#sesame/please", login, "no port: 'sesame%2Fplease'"]
    for text in said:
        log.logger("openvna.try").info("it", value=text)
    assert [line["value"] for line in lines.all()] == ["***", "***", "***", "no port: '***'"]
    log.logger("openvna.try").info("it", value="http://someone:open#sesame%2Fplease@proxy:3128")
    assert lines.all()[-1]["value"] == "***"


def test_a_secret_that_is_no_text_is_hidden(lines: Lines) -> None:
    log.hide("not-utf-8-\udcff-at-all")
    assert log.redact("x not-utf-8-\udcff-at-all x") == "x *** x"


def test_nothing_from_outside_steers_the_terminal(lines: Lines) -> None:
    log.logger("openvna.try").warning("said \x1b[2J", path="/a\x00b", reason="no\n2026-01-01 [info] all is well")
    logging.getLogger("foreign").warning("and \x9b31m \u202e this")
    try:
        _raise("broken \x1b]0;title\x07")
    except ValueError as error:
        log.logger("openvna.try").error("it broke", exc_info=error)
    shown = lines.terminal.getvalue()
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []
    assert not any(line.startswith("2026-01-01") for line in shown.splitlines())
    assert "  raise ValueError(message)" in shown
    assert lines.all()[0]["path"] == "/a\x00b"


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_no_level_lets_a_secret_through(lines: Lines, level: str) -> None:
    getattr(log.logger("openvna.try"), level)("at this level", value=SECRET)
    getattr(logging.getLogger("foreign"), level)("at this level %s", SECRET)
    assert [line["level"] for line in lines.all()] == [level, level]
    assert SECRET not in lines.text()
    assert json.dumps(SECRET)[1:-1] not in lines.text()


def test_fields_named_like_secrets_are_masked_even_if_nobody_registered_them(lines: Lines) -> None:
    log.logger("openvna.try").info(
        "it", password="hunter2-hunter2", session_token="abc", headers={"Authorization": "Bearer xyz", "accept": "*"}
    )
    (line,) = lines.all()
    assert (line["password"], line["session_token"]) == ("***", "***")
    assert line["headers"] == {"Authorization": "***", "accept": "*"}


@pytest.mark.parametrize("name", ["botocore.endpoint", "urllib3.connectionpool", "boto3.resources"])
def test_what_writes_whole_requests_never_does_so_at_debug(lines: Lines, name: str) -> None:
    foreign = logging.getLogger(name)
    foreign.setLevel(logging.DEBUG)  # as a library, or a person who looks for something, might
    try:
        foreign.debug("Making request with body %s", {"Authorization": "AWS4-HMAC-SHA256 ..."})
        foreign.warning("Connection pool is full")
    finally:
        foreign.setLevel(logging.NOTSET)
    assert [line["event"] for line in lines.all()] == ["Connection pool is full"]


def test_a_line_is_one_json_object_with_its_context(lines: Lines) -> None:
    log.logger("openvna.try").bind(plugin="aws", source="prod", account="111122223333", region="eu-west-1").warning(
        "listing failed", cause="P-NO-PERMISSION", code="UnauthorizedOperation", request_id="r-1", remedy="Allow it."
    )
    (line,) = lines.all()
    line.pop("timestamp")
    assert line == {
        "event": "listing failed",
        "level": "warning",
        "logger": "openvna.try",
        "plugin": "aws",
        "source": "prod",
        "account": "111122223333",
        "region": "eu-west-1",
        "cause": "P-NO-PERMISSION",
        "code": "UnauthorizedOperation",
        "request_id": "r-1",
        "remedy": "Allow it.",
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_the_external_id_of_a_trust_policy_is_shown_but_not_logged(lines: Lines, indent: int | None) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"}}
    remedy = f"The trust policy has to be:\n{json.dumps({'Condition': condition}, indent=indent)}"
    log.logger("openvna.try").warning("refused", remedy=remedy)
    assert "6f1d9c1e" not in lines.text()
    assert "sts:ExternalId" in lines.text()
    assert log.redact(remedy) == remedy, "whoever has to paste it gets it whole"


def test_a_traceback_is_inside_its_line(lines: Lines) -> None:
    _structured_exception()
    (line,) = lines.all()
    assert "ValueError: refused ***" in str(line["exception"])


def test_the_terminal_gets_something_to_read(lines: Lines) -> None:
    log.logger("openvna.try").warning("listing failed", cause="C-1")
    (line,) = lines.terminal.getvalue().splitlines()
    assert "warning" in line
    assert "listing failed" in line
    assert "cause=C-1" in line


def test_lines_below_the_level_are_left_out(tmp_path: Path) -> None:
    log.setup("warning", tmp_path / "openvna.log", None)
    log.logger("openvna.try").info("small talk")
    log.logger("openvna.try").warning("trouble")
    log.setup("warning", None, None)
    assert [json.loads(line)["event"] for line in (tmp_path / "openvna.log").read_text().splitlines()] == ["trouble"]


def test_the_file_is_private_even_where_it_was_not(tmp_path: Path) -> None:
    file = tmp_path / "openvna.log"
    file.touch(mode=0o644)
    log.setup("info", file, None)
    log.setup("warning", None, None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_rotates_and_stays_private(tmp_path: Path) -> None:
    file = tmp_path / "openvna.log"
    log.setup("info", file, None)
    for _ in range(11):
        log.logger("openvna.try").info("x" * 1_000_000)
    log.setup("warning", None, None)
    assert file.stat().st_size < 10_000_000
    assert stat.S_IMODE((tmp_path / "openvna.log.1").stat().st_mode) == 0o600


def test_a_file_that_another_process_rotated_is_followed(tmp_path: Path) -> None:
    file = tmp_path / "openvna.log"
    log.setup("info", file, None)
    log.logger("openvna.try").info("before")
    file.rename(tmp_path / "openvna.log.1")
    log.logger("openvna.try").info("after")
    log.setup("warning", None, None)
    assert json.loads(file.read_text())["event"] == "after"


def test_a_line_that_cannot_be_written_shows_nothing_of_itself(tmp_path: Path) -> None:
    script = (
        "import logging, pathlib, sys; from openvna import log; log.setup('info', pathlib.Path(sys.argv[1]), None);"
        "logging.getLogger('foreign').warning('two %s %s', 'an-argument')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "openvna.log")], capture_output=True, text=True, check=True
    )
    assert done.stderr == "A log line of foreign could not be written (TypeError).\n"


def test_without_setup_nothing_is_written_and_structlog_is_not_loaded() -> None:
    script = (
        "import sys; from openvna import log; log.hide('abcdefghijkl');"
        "assert 'structlog' not in sys.modules, 'loaded';"
        "log.logger('openvna.try').error('nobody asked')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_short_values_are_not_hidden_for_they_would_blank_everything() -> None:
    log.hide("abc", "", None)
    assert log.redact("abcdef") == "abcdef"


def test_an_access_key_id_keeps_its_kind_and_its_end() -> None:
    assert log.redact("key AKIAIOSFODNN7EXAMPLE refused") == "key AKIA***MPLE refused"


def test_many_sessions_do_not_make_the_registry_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_MOST", 40)
    redaction.hide("permanent-secret-value")
    for number in range(100):
        redaction.hide(f"session-token-{number:04}")
        redaction.hide("permanent-secret-value")
    assert len(redaction.registered()) <= 40
    assert redaction.redact("permanent-secret-value session-token-0099") == "*** ***"


def test_of_secrets_that_begin_alike_the_longest_is_hidden_whole() -> None:
    redaction.hide("shared-start", "shared-start-and-more", "shared-start-and")
    assert redaction.redact("xshared-start-and-more, shared-start!") == "x***, ***!"
