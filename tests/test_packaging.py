"""The wheel that `pip install .` makes holds all that the product needs, and works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the build backend that is installed already: no network is needed."""
    target = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    name = run(sys.executable, "-c", build, str(target), cwd=ROOT).strip().splitlines()[-1]
    return target / name


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel alone; what it depends on is seen through a path of this environment."""
    place = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", str(place), cwd=place)
    python = place / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        wheel,
        cwd=place,
    )
    return place


def outside(installed: Path) -> dict[str, str]:
    """The environment in which the installed package finds its dependencies, but not the checkout's package."""
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    return {"PYTHONPATH": libraries, "PYTHONSAFEPATH": "1"}


def test_everything_beside_the_code_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        inside = set(opened.namelist())
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in (source / "openvna").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - inside == set()
    kinds = {Path(name).suffix for name in inside}
    assert {".html", ".css", ".js"} <= kinds
    assert any("/migrations/versions/" in name and name.endswith(".py") for name in inside)


def test_nothing_but_the_package_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        tops = {name.split("/")[0] for name in opened.namelist()}
    assert tops == {"openvna", f"{wheel.name.split('-py3')[0]}.dist-info"}


def test_the_command_works_where_the_wheel_is_installed(installed: Path) -> None:
    helped = run(installed / "bin" / "openvna", "--help", cwd=installed, **outside(installed))
    for command in ("verify", "import", "demo", "resources"):
        assert command in helped


def test_the_plugins_are_found_and_the_code_is_that_of_the_wheel(installed: Path) -> None:
    ask = (
        "import openvna, openvna.plugin as p; print(openvna.__file__);"
        "print(*[p.load_plugin(name).spec().name for name in p.plugin_names()])"
    )
    where, names = run(installed / "bin" / "python", "-c", ask, cwd=installed, **outside(installed)).splitlines()
    assert Path(where).is_relative_to(installed)
    assert names.split() == ["aws", "aws-files"]
