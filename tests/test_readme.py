"""The example in the README is what the command says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_example_of_a_failing_credential_is_real(tmp_path: Path) -> None:
    """The README breaks and cuts the remedy, shows the home directory as ~, and leaves out the endpoint."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[network-audit]\n"
        "aws_access_key_id = ASIAQ3EGRX4VD7NZ2KLM\n"
        "aws_secret_access_key = qT7vZ1kB0xWm4Rf9sLd2Yc8Hn5Pj3Ag6Ue0Ki+oX\n"
    )
    (block,) = (each for each in re.findall(r"```\n(.*?)```", README, re.DOTALL) if each.startswith("$ openvna verify"))
    command, _, shown = block.partition("\n")
    ended = subprocess.run(
        [sys.executable, "-m", *command.removeprefix("$ ").split()],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    said = " ".join((ended.stderr + ended.stdout).replace(str(tmp_path), "~").split())
    shown = " ".join(shown.replace("[...]", "").split())
    steps, verdict = shown.split("Verdict:")
    assert steps.strip() in said
    for line in re.split(r"(?=Calls:|Cause:|Remedy:)", f"Verdict:{verdict}"):
        assert line.strip() in said
