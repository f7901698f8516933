"""Static files under URLs that hold a hash of their content, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

ROOT = Path(str(files("openvna.web"))) / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def release() -> str:
    """The first 12 hex digits of the SHA-256 over all static files: a new one when any of them changes.

    One for all and not one a file, because our ES modules import each other by relative paths.
    """
    digest = hashlib.sha256()
    for path in sorted(ROOT.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def asset(path: str) -> str:
    """The URL of a static file. Raises `FileNotFoundError` for one that is not there."""
    if not (ROOT / path).is_file():
        raise FileNotFoundError(path)
    return f"/static/{release()}/{path}"


class Assets(StaticFiles):
    """Serves `/static/<release>/<path>`; a file asked for under another release is served, but not kept."""

    def __init__(self) -> None:
        super().__init__(directory=ROOT)

    def get_path(self, scope: Scope) -> str:
        path = super().get_path(scope)
        return path.partition("/")[2]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        current = f"/static/{release()}/" in scope["path"]
        response.headers["Cache-Control"] = _FOR_EVER if current and response.status_code < 400 else "no-cache"
        return response
