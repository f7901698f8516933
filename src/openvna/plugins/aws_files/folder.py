"""A folder of saved answers: what is in it, and which account and region each part of it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openvna.model import Scope
from openvna.plugins.aws.arn import ACCOUNT_ID, REGION_NAME, parse_arn, partition_of
from openvna.plugins.aws_files.answers import Answer, Broken, answer_of, read
from openvna.plugins.aws_files.config import FilesConfig

MOST_FILES = 200_000
_CERTAIN = 1_000_000_000
"""Votes of an answer that says by its nature whose it is."""
_ZONE = re.compile(r"([a-z]{2,5}(?:-[a-z]+)+-\d{1,2})[a-z]")


class Unusable(Exception):
    """A folder that nothing can be made of. `cause` is an id of the plugin's catalogue."""

    def __init__(self, cause: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.cause = cause
        self.why = why
        self.remedy = remedy


@dataclass(slots=True)
class Part:
    """The answers of one account and region. `evidence` says how we know which."""

    root: Path
    answers: list[Answer] = field(default_factory=list)
    account: str = ""
    region: str = ""
    evidence: str = ""

    @property
    def scope(self) -> Scope:
        partition = partition_of(self.region)
        return Scope(f"{partition}/{self.account}/{self.region}", partition, self.account, self.region)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds: parts with answers of known calls, and files of something else."""

    directory: Path
    parts: tuple[Part, ...]
    unknown: tuple[Path, ...]

    def relative(self, path: Path) -> str:
        return str(path.relative_to(self.directory))


def scan(config: FilesConfig) -> Folder:
    """Look through the folder by names alone. Raises `Unusable` where there is nothing to read."""
    directory = Path(config.directory).expanduser()
    remedy = "Give the folder that holds ACCOUNT/REGION/SERVICE-OPERATION.json."
    if not config.directory or not directory.exists():
        raise Unusable("F-NO-FOLDER", f"There is no folder {config.directory!r}.", remedy)
    if not directory.is_dir():
        raise Unusable("F-NO-FOLDER", f"{config.directory!r} is a file, not a folder.", remedy)
    parts: dict[Path, Part] = {}
    unknown = []
    for path in _files(directory):
        found = answer_of(path)
        if found is None:
            unknown.append(path)
        else:
            answer, root = found
            parts.setdefault(root, Part(root)).answers.append(answer)
    if not parts:
        seen = f"{len(unknown)} files, none of which has such a name" if unknown else "no files at all"
        raise Unusable(
            "F-NO-ANSWERS",
            f"{config.directory!r} holds no saved answer of a known AWS command: {seen}.",
            "Save answers under the command's name, for example "
            "`aws ec2 describe-vpcs > 111122223333/eu-west-1/ec2-describe-vpcs.json`.",
        )
    return Folder(directory, tuple(parts[root] for root in sorted(parts)), tuple(unknown))


def _files(directory: Path) -> Iterator[Path]:
    try:
        for count, path in enumerate(sorted(directory.rglob("*"))):
            if count > MOST_FILES:
                raise Unusable(
                    "F-NO-FOLDER", f"{directory} holds more than {MOST_FILES} files.", "Give the network's own folder."
                )
            if path.is_file() and not path.name.startswith("."):
                yield path
    except OSError as error:
        raise Unusable(
            "F-NO-FOLDER", f"{directory} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error


def placed(folder: Folder, config: FilesConfig) -> Folder:
    """The folder with account and region of each part: from the folders, else from the content, else from the
    settings. Raises `Unusable` where nobody says it, or where two parts are of the same account and region."""
    for part in folder.parts:
        _place(part, config)
        if not part.account or not part.region:
            lacking = "account" if not part.account else "region"
            raise Unusable(
                f"F-NO-{lacking.upper()}",
                f"Neither folders nor content of {folder.relative(part.root)!r} say which {lacking} it is from.",
                f"Say it with --{lacking}, or put the files into ACCOUNT/REGION/.",
            )
    keys = Counter((part.account, part.region) for part in folder.parts)
    twice = next((key for key, times in keys.items() if times > 1), None)
    if twice:
        roots = [folder.relative(part.root) for part in folder.parts if (part.account, part.region) == twice]
        raise Unusable(
            "F-TWICE",
            f"{' and '.join(roots)} are both of account {twice[0]} in {twice[1]}: which one holds?",
            "Import them one at a time, each as a source of its own.",
        )
    return folder


def _place(part: Part, config: FilesConfig) -> None:
    root = part.root.resolve()
    names = [root.name, root.parent.name]
    region = next((name for name in names if REGION_NAME.fullmatch(name)), "")
    account = next((name for name in names if ACCOUNT_ID.fullmatch(name)), "")
    sources = ["folders", "folders"]
    if not region or not account:
        said_account, said_region = _said(part)
        if not account:
            account, sources[0] = _chosen(said_account, config.account)
        if not region:
            region, sources[1] = _chosen(said_region, config.region)
    part.account, part.region = account, region
    part.evidence = f"account {account} (from {sources[0]}), region {region} (from {sources[1]})"


def _chosen(said: Counter[str], given: str | None) -> tuple[str, str]:
    """What all answers agree on, else what the settings say, else what most answers say; and whose word that is."""
    ranked = said.most_common(2)
    if len(ranked) == 1 or (ranked and ranked[0][1] >= _CERTAIN):
        return ranked[0][0], "content"
    if given or not ranked or ranked[0][1] == ranked[1][1]:
        return given or "", "settings"
    return ranked[0][0], "most of the content"


def _said(part: Part) -> tuple[Counter[str], Counter[str]]:
    """Accounts and regions that the answers themselves speak of, and how often."""
    owners: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for answer in part.answers:
        try:
            found = read(answer)
        except Broken:
            continue
        if answer.name == "sts-get-caller-identity":
            owners[str(found["Account"])] += _CERTAIN
        for member, value in _texts(found):
            arn = parse_arn(value) if value.startswith("arn:") else None
            if member == "OwnerId" and ACCOUNT_ID.fullmatch(value):
                owners[value] += 1
            elif member == "AvailabilityZone" and (zone := _ZONE.fullmatch(value)):
                regions[zone[1]] += 1
            elif member == "RegionName" and answer.name == "ec2-describe-availability-zones":
                regions[value] += 1
            elif arn is not None:
                owners.update([arn.account] if ACCOUNT_ID.fullmatch(arn.account) else [])
                regions.update([arn.region] if REGION_NAME.fullmatch(arn.region) else [])
    return owners, regions


def _texts(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, member)
