"""Where AWS is: partitions, their regions and hosts, and endpoints that somebody set instead.

Partitions and regions are botocore's own data (`botocore/data/partitions.json`), read as data: importing botocore
would take longer than the question.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from openvna.log import hide
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig, Profile
from openvna.plugins.aws.endpoint_rules import NoEndpoint, botocore_directory, resolve

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


_SERVICE_IDS: Mapping[str, str] = {"elb": "ELASTIC_LOAD_BALANCING", "elbv2": "ELASTIC_LOAD_BALANCING_V2"}
"""What the SDKs call services in AWS_ENDPOINT_URL_*, where it is not their own name (the service's `serviceId`)."""
_SERVICES: Mapping[str, str] = {"elasticloadbalancing": "elbv2", "tag": "resourcegroupstaggingapi"}
"""The service, by botocore's name, that permissions of another prefix are for; where it matters."""
_VARIANT_SETTINGS = {
    "fips": ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
    "dual_stack": ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
}
"""What the SDKs call the settings of the same meaning, in the environment and in a profile."""
VARIANTS = tuple(_VARIANT_SETTINGS)
"""The settings that choose between AWS's own endpoints."""
_ENTERED = ("access-key", "identity-center")
"""Kinds of credential that are the source's own: the machine's profiles have no say in where they are used."""


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """A partition: its DNS suffixes (the usual one, then that of dual-stack endpoints), the form of its region names,
    the regions that were known when botocore was released. A region may exist and not be among them."""

    name: str
    suffixes: tuple[str, ...]
    pattern: re.Pattern[str]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests of a service in a region go, and who said so. `custom`: somebody chose it; it need not be AWS.

    `signing_region` is the one that its requests are signed for, which differs for services that are global.
    """

    url: str
    origin: str
    custom: bool = False
    signing_region: str = ""

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
            self.host == suffix or self.host.endswith(f".{suffix}")
            for partition in partitions().values()
            for suffix in partition.suffixes
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


@cache
def partitions() -> Mapping[str, PartitionFacts]:
    raw = json.loads((botocore_directory() / "data" / "partitions.json").read_text())
    return {
        each["id"]: PartitionFacts(
            each["id"],
            (each["outputs"]["dnsSuffix"], each["outputs"]["dualStackDnsSuffix"]),
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
    if config.credential.kind not in _ENTERED:
        named = (
            environment.get("AWS_REGION")
            or environment.get("AWS_DEFAULT_REGION")
            or profile_setting(config, "region", environment)
        )
        if named and partition_of_region(named) == config.partition:
            return named
    return HOME_REGIONS[config.partition]


def endpoint(config: AwsConfig, service: str, region: str, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """Where requests of `service` in `region` go: the settings, the environment, the profile, else AWS itself.

    The order is that of the AWS SDKs (SDK reference guide, "Service-specific endpoints"). Raises `CallError` with
    C-ENDPOINT-KIND where AWS has no such endpoint.
    """
    own = _own(config, service, region, environment)
    signed_for = own.signing_region if isinstance(own, Endpoint) else region
    if config.endpoint_urls.get(service):
        origin = f"the source's setting endpoint_urls of {service}"
        return Endpoint(config.endpoint_urls[service], origin, True, signed_for)
    if config.endpoint_url:
        return Endpoint(config.endpoint_url, "the source's setting endpoint_url", True, signed_for)
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        for variable in (f"AWS_ENDPOINT_URL_{_service_id(service)}", "AWS_ENDPOINT_URL"):
            if environment.get(variable):
                return Endpoint(environment[variable], f"the environment variable {variable}", True, signed_for)
        if url := profile_setting(config, "endpoint_url", environment):
            return Endpoint(url, "endpoint_url of the AWS profile", True, signed_for)
    if isinstance(own, CallError):
        raise own
    return own


def emulators(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> Callable[[str, str], str]:
    """The host and port that stand for AWS in the calls of a service in a region; empty where AWS itself is asked."""
    known: dict[tuple[str, str], str] = {}

    def host(service: str, region: str) -> str:
        found = known.get((service, region))
        if found is None:
            try:
                where = endpoint(config, service, region, environment)
                found = urlsplit(where.url).netloc.rpartition("@")[2] if where.emulated else ""
            except (CallError, ValueError):
                found = ""  # said where it is called
            known[service, region] = found
        return found

    return host


def endpoint_of(config: AwsConfig, action: str, region: str) -> Endpoint | None:
    """Where the call that needs this permission went; None where that cannot be told. `action` may be empty: STS."""
    prefix = action.partition(":")[0] or "sts"
    try:
        return endpoint(config, _SERVICES.get(prefix, prefix), region)
    except CallError:
        return None


def variant(config: AwsConfig, name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Who asks for AWS's `fips` or `dual_stack` endpoints; empty: nobody does."""
    variable, setting = _VARIANT_SETTINGS[name]
    if getattr(config, name):
        return f"the source's setting {name}"
    if environment.get(variable):
        return f"the environment variable {variable}" if environment[variable].lower() == "true" else ""
    said = profile_setting(config, setting, environment) or ""
    return f"{setting} of the AWS profile" if said.lower() == "true" else ""


def _own(config: AwsConfig, service: str, region: str, environment: Mapping[str, str]) -> Endpoint | CallError:
    """AWS's own endpoint; the error that there is none."""
    fips, dual_stack = (variant(config, name, environment) for name in VARIANTS)
    kinds = [kind for kind, asked in (("FIPS", fips), ("dual-stack", dual_stack)) if asked]
    askers = " and ".join(dict.fromkeys(each for each in (fips, dual_stack) if each))
    try:
        found = resolve(service, region, config.partition, bool(fips), bool(dual_stack))
    except NoEndpoint as why:
        asked = f" {' '.join(kinds)} endpoint ({askers})" if kinds else " endpoint"
        what = f"AWS has no{asked} of {service} in {region}: {why}."
        return CallError("connect", "", what, cause="C-ENDPOINT-KIND")
    of = f"AWS's own for {region}" if found.signing_region == region else f"AWS's own for partition {config.partition}"
    return Endpoint(found.url, f"{of}, {' '.join(kinds)}, by {askers}" if kinds else of, False, found.signing_region)


def _service_id(service: str) -> str:
    return _SERVICE_IDS.get(service, service.upper().replace("-", "_"))


def profile_setting(config: AwsConfig, name: str, environment: Mapping[str, str]) -> str | None:
    """What the profile in force says of a setting; None for a source with an access key of its own."""
    if config.credential.kind in _ENTERED:
        return None
    from openvna.plugins.aws.profiles import CredentialUnusable, ProfileFiles

    try:
        files = ProfileFiles.read(environment)
    except CredentialUnusable:
        return None  # said where the credential is looked for
    if isinstance(config.credential, Profile):
        return files.get(config.credential.profile).get(name)
    return files.get(environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default").get(name)
