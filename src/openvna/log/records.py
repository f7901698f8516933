"""The first gate, before any handler: a record of the standard library's logging holds no secret from its making on.

So not only our handlers show none, but also one that a library adds by itself, at any level and whenever it does so.
It is set up when the process comes to hold its first secret.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

_guarded: list[Any] = []
"""The factory of ours, once it is in place."""


def guard() -> None:
    """Let every record from now on pass `redact`. Safe to repeat."""
    import logging

    before = logging.getLogRecordFactory()
    if before in _guarded:
        return

    def made(*given: Any, **more: Any) -> logging.LogRecord:
        record = before(*given, **more)
        clean(record)
        return record

    _guarded.append(made)
    logging.setLogRecordFactory(made)


def clean(record: Any) -> None:
    """Mask what a record would show as text. One that shows nothing of the kind stays as it is."""
    import traceback

    from openvna.log.redaction import redact

    if isinstance(record.msg, dict):
        pass  # an event of ours, which is clean already
    elif record.msg or record.args:
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit: the handler tells, and would show them
            record.args = {} if isinstance(record.args, Mapping) else tuple("***" for _ in record.args or ())
        else:
            masked = redact(text)
            if masked != text:
                record.msg, record.args = masked, None
    if record.exc_info and record.exc_info is not True and record.exc_info[1] is not None:
        # Formatters of the standard library take this text, where it is there, and do not make another.
        record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    if record.stack_info:
        record.stack_info = redact(record.stack_info)


def guard_standard_error() -> None:
    """Let what Python itself prints (uncaught exceptions, in threads and elsewhere, and warnings) pass `redact`."""
    import threading
    import traceback
    import warnings

    from openvna.log.redaction import redact

    def tell(text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(redact(text))

    def uncaught(kind: Any, error: Any, trace: Any) -> None:
        tell("".join(traceback.format_exception(kind, error, trace)))

    def in_thread(broken: threading.ExceptHookArgs) -> None:
        if broken.exc_type is not SystemExit and broken.exc_value is not None:
            name = broken.thread.name if broken.thread else ""
            tell(f"Exception in thread {name}:\n" + "".join(traceback.format_exception(broken.exc_value)))

    def unraisable(raised: sys.UnraisableHookArgs) -> None:
        tell("".join(traceback.format_exception(raised.exc_type, raised.exc_value, raised.exc_traceback)))

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable
    as_usual = warnings.formatwarning
    warnings.formatwarning = lambda *given, **more: redact(as_usual(*given, **more))
