"""Where lines go and how they look there."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger

from openvna.log import records
from openvna.log.redaction import MASK, redact

_QUIET = {
    # At DEBUG these write whole requests, signed headers and answers among them.
    "botocore": logging.INFO,
    "boto3": logging.INFO,
    "s3transfer": logging.INFO,
    "urllib3": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "hpack": logging.INFO,
    # At INFO this writes statements with their parameters.
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
    "multipart": logging.INFO,
    "python_multipart": logging.INFO,
}

_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:password|passwd|secret|token|authorization|cookie|pre_?shared_?key|private_key|api_?key"
    r"|secret_access_key)",
    re.IGNORECASE,
)

_ours: list[logging.Handler] = []
_before: list[tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = []
"""The hooks that stood before ours."""


def _without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if not key.startswith("_") and key != "exc_info":
            event[key] = _clean(key, value)
    return event


_EXTERNAL_ID = re.compile(r'("sts:ExternalId"\s*:\s*\\?")[^"\\]+')
"""No secret, and shown to whoever has to paste it; but a log is read by others, and kept for long."""


def _clean(key: str, value: object) -> object:
    if isinstance(value, str):
        return MASK if value and _SECRET_NAME.fullmatch(key) else _EXTERNAL_ID.sub(rf"\1{MASK}", redact(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(inner)): _clean(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, item) for item in value]
    if _SECRET_NAME.fullmatch(key):
        return MASK
    return redact(str(value))


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Without what a terminal would act on: paths, names and messages come from outside. Only a traceback has
    lines of its own; whatever else had one could pass for another line of the log."""
    for key, value in event.items():
        if isinstance(value, str):
            text = value if key == "exception" else value.replace("\n", "\\n")
            event[key] = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text.expandtabs())
    return event


_BEFORE: list[Processor] = [
    structlog.stdlib.filter_by_level,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    _without_secrets,
    ProcessorFormatter.wrap_for_formatter,
]


def structured(name: str) -> BoundLogger:
    """A logger with fields over the standard library's logger of this name."""
    _library_manners()
    return cast(
        BoundLogger, structlog.wrap_logger(logging.getLogger(name), processors=_BEFORE, wrapper_class=BoundLogger)
    )


def tagged(fields: Mapping[str, str]) -> AbstractContextManager[None]:
    """See `openvna.log.context`."""
    return structlog.contextvars.bound_contextvars(**fields)


def _library_manners() -> None:
    """Without `setup` our lines go nowhere: the standard library would print the serious ones unformatted."""
    root = logging.getLogger("openvna")
    if not any(isinstance(handler, logging.NullHandler) for handler in root.handlers):
        root.addHandler(logging.NullHandler())


def route(level: str, file: Path | None, terminal: TextIO | None) -> None:
    """See `openvna.log.setup`."""
    records.guard()
    root = logging.getLogger()
    while _ours:
        handler = _ours.pop()
        root.removeHandler(handler)
        handler.close()
    if file is not None:
        _ours.append(_prepared(_LogFile(file), structlog.processors.JSONRenderer(ensure_ascii=False)))
    if terminal is not None:
        plain = structlog.dev.ConsoleRenderer(
            colors=terminal.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
        _ours.append(_prepared(_Terminal(terminal), _printable, plain))
    for handler in _ours:
        root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    structlog.configure(processors=_BEFORE, logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=BoundLogger)
    logging.captureWarnings(bool(_ours))
    _hooks(bool(_ours))


def current_file() -> Path | None:
    """See `openvna.log.file`."""
    return next((Path(handler.baseFilename) for handler in _ours if isinstance(handler, _LogFile)), None)


def _hooks(ours: bool) -> None:
    """What breaks where nobody catches it is a log line too, not a traceback on the terminal."""
    if ours and not _before:
        _before.append((sys.excepthook, threading.excepthook, sys.unraisablehook))
        sys.excepthook, threading.excepthook, sys.unraisablehook = _uncaught, _thread_broke, _unraisable
    elif not ours and _before:
        sys.excepthook, threading.excepthook, sys.unraisablehook = _before.pop()


def _prepared(handler: logging.Handler, *renderers: Processor) -> logging.Handler:
    handler.setFormatter(
        _Redacting(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
            ],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                _without_secrets,
                *renderers,
            ],
        )
    )
    handler.addFilter(_not_too_talkative)
    return handler


def _not_too_talkative(record: logging.LogRecord) -> bool:
    """Holds even where a library lowers the level of a logger of its own."""
    least = _QUIET.get(record.name.partition(".")[0], logging.NOTSET)
    return record.levelno >= least


class _Redacting(ProcessorFormatter):
    """The last gate: the finished text, whatever path it came by."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _unwritable(record: logging.LogRecord) -> None:
    """In place of the standard library's report, which prints the arguments as they are."""
    kind = sys.exc_info()[0]
    name = kind.__name__ if kind else "an error"
    if sys.stderr is not None:
        sys.stderr.write(f"A log line of {record.name} could not be written ({name}).\n")


class _Terminal(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        _unwritable(record)


class _LogFile(RotatingFileHandler):
    """Rotates; readable for its owner alone; follows the file when another process of ours rotated it."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=False)

    def _open(self) -> Any:
        stream = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename, self.mode, encoding=self.encoding, opener=lambda path, how: os.open(path, how, 0o600)
        )
        os.fchmod(stream.fileno(), 0o600)
        return stream

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self._rotated(self.stream):
            self.stream.close()
            self.stream = self._open()
        super().emit(record)

    def _rotated(self, stream: TextIO) -> bool:
        try:
            return Path(self.baseFilename).stat().st_ino != os.fstat(stream.fileno()).st_ino
        except OSError:
            return True

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        _unwritable(record)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        structured("openvna").critical("uncaught", exc_info=(kind, error, trace))


def _thread_broke(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_type is SystemExit or broken.exc_value is None:
        return
    name = broken.thread.name if broken.thread else ""
    structured("openvna").error("thread broke", thread=name, exc_info=broken.exc_value)


def _unraisable(raised: sys.UnraisableHookArgs) -> None:
    found: tuple[type[BaseException], BaseException | None, TracebackType | None]
    found = (raised.exc_type, raised.exc_value, raised.exc_traceback)
    structured("openvna").error("error where none can be raised", where=str(raised.err_msg or ""), exc_info=found)
