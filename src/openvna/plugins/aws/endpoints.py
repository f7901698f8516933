"""Where AWS is: partitions, their regions and hosts, and endpoints that somebody set instead.

Partitions and regions are botocore's own data (`botocore/data/partitions.json`), read as data: importing botocore
would take longer than the question.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openvna.log import hide
from openvna.plugins.aws.config import AwsConfig, Profile

HOME_REGIONS: Mapping[str, str] = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}
"""Where identity questions of a partition are asked when nobody names a region."""


_IAM_HOSTS: Mapping[str, str] = {"aws": "iam", "aws-us-gov": "iam.us-gov"}
"""Where IAM's one host of a partition is not named after its region (botocore/data/endpoints.json)."""


_SERVICE_IDS: Mapping[str, str] = {"elb": "ELASTIC_LOAD_BALANCING", "elbv2": "ELASTIC_LOAD_BALANCING_V2"}
"""What the SDKs call services in AWS_ENDPOINT_URL_*, where it is not their own name (the service's `serviceId`)."""


def iam_region(partition: str) -> str:
    """The region that calls of IAM are signed for: IAM is one for the whole partition, and has one host."""
    return HOME_REGIONS[partition]


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """A partition: its DNS suffix, the form of its region names, the regions that were known when botocore was
    released. A region may exist and not be among them."""

    name: str
    suffix: str
    pattern: re.Pattern[str]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests of a service in a region go, and who said so. `custom`: somebody chose it; it need not be AWS."""

    url: str
    origin: str
    custom: bool = False

    @property
    def host(self) -> str:
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""  # said where it is called

    @property
    def emulated(self) -> bool:
        """Somebody chose a host that is none of AWS's own: what answers there may be an emulator."""
        return self.custom and not any(
            self.host == partition.suffix or self.host.endswith(f".{partition.suffix}")
            for partition in partitions().values()
        )

    def __str__(self) -> str:
        return f"{without_user(self.url)} ({self.origin})"


def without_user(url: str) -> str:
    """A URL as it may be shown: without user and password, which the log then hides as well."""
    scheme, separator, rest = url.rpartition("://")
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    if at:
        password = user.partition(":")[2]
        hide(password, unquote(password))
    return f"{scheme}{separator}{host}{slash}{path}"


def botocore_directory() -> Path:
    """Where botocore is installed. Does not import it."""
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("botocore is not installed", name="botocore")
    return Path(spec.submodule_search_locations[0])


@cache
def partitions() -> Mapping[str, PartitionFacts]:
    raw = json.loads((botocore_directory() / "data" / "partitions.json").read_text())
    return {
        each["id"]: PartitionFacts(
            each["id"],
            each["outputs"]["dnsSuffix"],
            re.compile(each["regionRegex"]),
            tuple(region for region in sorted(each["regions"]) if not region.endswith("-global")),
        )
        for each in raw["partitions"]
    }


def partition_of_region(region: str) -> str | None:
    """The partition a region belongs to: by botocore's list, else by the form of its name; None when it fits none."""
    known = partitions()
    return next((name for name, facts in known.items() if region in facts.regions), None) or next(
        (name for name, facts in known.items() if facts.pattern.match(region)), None
    )


def close_match(region: str, among: tuple[str, ...] = ()) -> str | None:
    """The region that was probably meant, None when none is near."""
    import difflib

    choices = among or tuple(each for facts in partitions().values() for each in facts.regions)
    squeezed = {re.sub(r"[^a-z0-9]", "", each): each for each in choices}
    wanted = re.sub(r"[^a-z0-9]", "", region.lower())
    if wanted in squeezed:
        return squeezed[wanted]
    if (zone := wanted.rstrip("abcdef")) in squeezed and zone != wanted:
        return squeezed[zone]  # an availability zone, eu-west-1a
    mixed_up = [each for each in squeezed if sorted(each) == sorted(wanted)]
    near = mixed_up or difflib.get_close_matches(wanted, list(squeezed), n=1, cutoff=0.75)
    return squeezed[near[0]] if near else None


def home_region(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> str:
    """Where questions of identity, and about the account as a whole, are asked."""
    if config.home_region:
        return config.home_region
    if config.regions:
        return config.regions[0]
    if config.credential.kind != "access-key":
        named = (
            environment.get("AWS_REGION")
            or environment.get("AWS_DEFAULT_REGION")
            or _profile_setting(config, "region", environment)
        )
        if named and partition_of_region(named) == config.partition:
            return named
    return HOME_REGIONS[config.partition]


def endpoint(config: AwsConfig, service: str, region: str, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """Where requests of `service` in `region` go: the setting, the environment, the profile, else AWS itself.

    The order is that of the AWS SDKs (SDK reference guide, "Service-specific endpoints").
    """
    if config.endpoint_url:
        return Endpoint(config.endpoint_url, "the source's setting endpoint_url", custom=True)
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        for variable in (f"AWS_ENDPOINT_URL_{_SERVICE_IDS.get(service, service.upper())}", "AWS_ENDPOINT_URL"):
            if environment.get(variable):
                return Endpoint(environment[variable], f"the environment variable {variable}", custom=True)
        if url := _profile_setting(config, "endpoint_url", environment):
            return Endpoint(url, "endpoint_url of the AWS profile", custom=True)
    suffix = partitions()[config.partition].suffix
    if service == "iam":
        host = _IAM_HOSTS.get(config.partition, f"iam.{iam_region(config.partition)}")
        return Endpoint(f"https://{host}.{suffix}", f"AWS's own for partition {config.partition}")
    return Endpoint(f"https://{service}.{region}.{suffix}", f"AWS's own for {region}")


def _profile_setting(config: AwsConfig, name: str, environment: Mapping[str, str]) -> str | None:
    if config.credential.kind == "access-key":
        return None
    from openvna.plugins.aws.profiles import CredentialUnusable, ProfileFiles

    try:
        files = ProfileFiles.read(environment)
    except CredentialUnusable:
        return None  # said where the credential is looked for
    if isinstance(config.credential, Profile):
        return files.get(config.credential.profile).get(name)
    return files.get(environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default").get(name)
