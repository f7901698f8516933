"""Swagger UI at `/api/docs`: vendored files, no script in the page, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse, Response

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {
    "swagger-ui.css": (_HERE / "vendored" / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (_HERE / "vendored" / "swagger-ui-bundle.js", "text/javascript"),
    "page.js": (_HERE / "page.js", "text/javascript"),
}

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
async def page() -> Response:
    return FileResponse(
        _HERE / "page.html",
        media_type="text/html",
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
    )


@router.get("/api/docs/{name}")
async def file(name: str) -> Response:
    if name not in _FILES:
        raise HTTPException(404)
    path, media_type = _FILES[name]
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": "no-cache"})
