"""The entry point: runs a command, and turns whatever goes wrong into words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from openvna.collect import Gateway
    from openvna.keychange import KeyChanged, KeyStatus
    from openvna.model import OpenVNAError
    from openvna.settings import ServerSettings
    from openvna.support import Bundle


class App:
    """What the commands need, each part imported when it is used: asking for help must not load a database."""

    def settings(self, **given: object) -> ServerSettings:
        from pydantic import ValidationError

        from openvna.model import InvalidInput
        from openvna.model.misfit import misfit
        from openvna.settings import ServerSettings

        try:
            return ServerSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # checked by the model
        except ValidationError as error:
            fields = tuple((str(one["loc"][0]), f"{misfit(one).why}.") for one in error.errors(include_url=False))
            names = ", ".join(f"OPENVNA_{name.upper()}" for name, _ in fields)
            raise InvalidInput(
                "The settings cannot be used as they are.",
                " ".join(f"{name}: {message}" for name, message in fields),
                f"Correct the option or the environment variable ({names}).",
                fields,
            ) from None

    def open_gateway(self, settings: ServerSettings) -> Gateway:
        from openvna.app import open_gateway

        return open_gateway(settings)

    def serve(self, settings: ServerSettings, insecure: bool) -> None:
        from openvna.app import serve

        serve(settings, insecure)

    def support_bundle(self, settings: ServerSettings, anonymise: bool) -> Bundle:
        from openvna.app import support_bundle

        return support_bundle(settings, anonymise)

    def key_status(self, settings: ServerSettings) -> KeyStatus:
        from openvna.keychange import key_status

        return key_status(settings)

    def change_key(
        self, settings: ServerSettings, *, from_file: Path | None, to_file: Path | None, forget_old: bool
    ) -> KeyChanged:
        from openvna.keychange import change_key

        return change_key(settings, from_file=from_file, to_file=to_file, forget_old=forget_old)

    def demo(self, port: int | None) -> None:
        from openvna.demo import run

        run(port=port)


def main() -> None:
    """Run the command of this process and end it with the command's exit code."""
    if not {"--help", "-h", "--version"} & set(sys.argv):  # which never come to hold a secret, and are to be quick
        from openvna.log import guard_standard_error

        guard_standard_error()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """0 when it went well, 1 when it failed, 2 when it was used wrongly, 130 when it was interrupted."""
    try:
        from openvna.cli.root import command

        _as_text(arguments)
        code = command().main(list(arguments), prog_name="openvna", standalone_mode=True, obj=App())
        sys.stdout.flush()
        return int(code or 0)
    except SystemExit as end:
        return _flushed(end)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:  # noqa: BLE001 - the last one to answer for it
        return _told(error)


def _as_text(arguments: Sequence[str]) -> None:
    """Raises `InvalidInput` for bytes that are no text: nothing that we ask or keep can hold them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            from openvna.model import InvalidInput

            raise InvalidInput(
                f"The argument {argument!r} is not text.",
                "It holds bytes that are not UTF-8.",
                "Write it in UTF-8 (see `locale`); rename a folder that has such a name.",
            ) from None


def _flushed(end: SystemExit) -> int:
    if isinstance(end.__context__, BrokenPipeError):  # the framework makes a failure of it
        return _reader_gone()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    return end.code if isinstance(end.code, int) else 0 if end.code is None else 1


def _reader_gone() -> int:
    """Whoever read our output has closed it (`| head`): say nothing, not even at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _told(error: Exception) -> int:
    from openvna.model import OpenVNAError

    if isinstance(error, OpenVNAError):
        _print(error)
        return error.exit_code
    from openvna import log

    place = log.file()
    log.logger("openvna").critical("command broke", exc_info=error)
    sys.stderr.write(f"Something broke in OpenVNA: {log.redact(f'{type(error).__name__}: {error}')}\n")
    if place is not None:
        sys.stderr.write(f"The log has the details: {place}\n")
    else:
        sys.stderr.write("It broke before there was a log. Please report it with the command that you ran.\n")
    return 1


def _print(error: OpenVNAError) -> None:
    """What happened, why, and what to do, each on a line of its own."""
    from openvna.log import redact

    text = "\n".join(part for part in (f"Error: {error.what}", error.why, error.remedy) if part)
    sys.stderr.write(redact(text) + "\n")


if __name__ == "__main__":
    main()
