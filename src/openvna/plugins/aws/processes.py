"""`credential_process`: a program of the customer that prints a credential. Bounded in time; its secrets stay unseen.

Format: AWS SDKs and tools reference guide, "Process credential provider".
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from openvna.log import hide, redact
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.credential_kinds import Process
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.sts import Timed

PROCESS_SECONDS = 30.0
PROGRAMS = "OPENVNA_AWS_CREDENTIAL_PROGRAMS"
"""The variable with the directory of those programs that the settings of a source may name."""


def command(start: Process, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command line of a program that a source's settings name. Raises `CredentialUnusable`.

    Whoever may edit sources must not thereby run what they like: only the server's administrator, who starts it with
    its environment, says which programs there are.
    """
    place = environment.get(PROGRAMS, "").strip()
    if not place:
        raise CredentialUnusable(
            "C-PROCESS-NOTALLOWED", f"The server's administrator has named no directory of programs ({PROGRAMS})."
        )
    directory = Path(place).expanduser()
    if not start.program:
        raise CredentialUnusable("C-EMPTY", "The source names no credential program.")
    program = directory / start.program
    if not directory.is_absolute() or not program.is_file() or not os.access(program, os.X_OK):
        raise CredentialUnusable(
            "C-PROCESS-NOTALLOWED",
            f"There is no program {start.program!r} that can be run in {directory} ({PROGRAMS}).",
        )
    return (str(program), *start.arguments)


def run(command: Sequence[str], seconds: float = PROCESS_SECONDS, now: datetime | None = None) -> Timed:
    """What the command prints. Raises `CredentialUnusable` with a C-PROCESS-* cause."""
    name = command[0] if command else ""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,  # nobody is there to answer a question
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # The server's own settings, its key among them, are nothing to a program of somebody else.
            env={name: value for name, value in os.environ.items() if not name.startswith("OPENVNA_")},
        )
    except (OSError, ValueError, IndexError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CredentialUnusable("C-PROCESS-FAIL", f"credential_process {name!r} does not start: {why}.") from error
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise CredentialUnusable(
            "C-PROCESS-FAIL", f"credential_process {name!r} did not end within {seconds:g} s and was stopped."
        ) from error
    said = redact(" ".join(err.decode("utf-8", "replace").split()))[:300]
    if process.returncode != 0:
        tail = f" It said: {said}" if said else " It said nothing on stderr."
        raise CredentialUnusable(
            "C-PROCESS-FAIL", f"credential_process {name!r} ended with {process.returncode}.{tail}"
        )
    return _read(name, out, now or datetime.now(UTC))


def _read(name: str, out: bytes, now: datetime) -> Timed:
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise CredentialUnusable("C-PROCESS-JSON", f"credential_process {name!r} printed {len(out)} bytes, not JSON.")
    if answer.get("Version") != 1:
        raise CredentialUnusable(
            "C-PROCESS-VERSION", f"credential_process {name!r} printed Version {answer.get('Version')!r}, not 1."
        )
    key, secret, token = (str(answer.get(each) or "") for each in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    hide(secret, token)
    lacking = [each for each in ("AccessKeyId", "SecretAccessKey") if not answer.get(each)]
    if lacking:
        raise CredentialUnusable(
            "C-PROCESS-JSON", f"credential_process {name!r} printed no {' and no '.join(lacking)}."
        )
    until = None
    if expiration := answer.get("Expiration"):
        try:
            end = datetime.fromisoformat(str(expiration))
        except ValueError:
            raise CredentialUnusable(
                "C-PROCESS-JSON", f"credential_process {name!r} printed an Expiration that is no ISO 8601 time."
            ) from None
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
        if end <= now:
            raise CredentialUnusable(
                "C-PROCESS-EXPIRED",
                f"credential_process {name!r} printed a credential that ended at {end.isoformat()}.",
            )
        until = end.timestamp()
    return Timed(Credentials(key, secret, token), until)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the program and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
