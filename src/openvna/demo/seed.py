"""Creates the demo's network in a simulated AWS."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import botocore.session
from botocore.config import Config

from openvna.demo.entries import KINDS, Entry, Kind, Place, counts
from openvna.demo.network import ACCOUNTS, NETWORK, PLACES

ROLE = "OpenVNA"
_WAIT = 60.0
"""How long one place waits for a thing of another one, in seconds."""
_NOTHING_OF_THE_PERSON = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Session variables of botocore: neither the environment's profile nor anybody's configuration files are read."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What stands in the simulated AWS now.

    `ids` are by the names of the description; `counts` (resources by type) are worked out from the description,
    not read back. The key belongs to a user of the first account who may assume `role_arn` in all of `accounts`.
    """

    endpoint: str
    access_key_id: str
    secret_access_key: str
    role_arn: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    ids: Mapping[str, str]
    counts: Mapping[str, int]


def seed(endpoint: str, on_progress: Callable[[int, int], None] | None = None) -> Seeded:
    """Create the network behind `endpoint`, the places side by side.

    `on_progress` is told how many entries of how many are done. Not safe to repeat on the same endpoint.
    """
    builder = _Builder(endpoint, NETWORK, on_progress)
    builder.build()
    key = builder.user(ACCOUNTS[0])
    return Seeded(
        endpoint=endpoint,
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        role_arn=f"arn:aws:iam::{{account}}:role/{ROLE}",
        accounts=ACCOUNTS,
        regions=tuple(dict.fromkeys(place.region for place in PLACES)),
        ids={name: made.result()[0] for name, made in builder.made.items()},
        counts=counts(NETWORK),
    )


class _Builder:
    def __init__(self, endpoint: str, entries: Iterable[Entry], on_progress: Callable[[int, int], None] | None) -> None:
        self.entries = tuple(entries)
        self.made: dict[str, Future[tuple[str, Mapping[str, Any]]]] = {
            entry.name: Future() for entry in self.entries if entry.name
        }
        self._endpoint = endpoint
        self._on_progress = on_progress
        self._done = 0
        self._lock = Lock()
        self._session = botocore.session.Session(session_vars=_NOTHING_OF_THE_PERSON)
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._keys = {account: self._assume(account) for account in ACCOUNTS}

    def build(self) -> None:
        """Create everything. The first error ends it all."""
        for place in PLACES:  # clients are made here because a botocore session is not safe to share among threads
            for service in sorted({self._service(entry) for entry in self.entries if entry.place == place}):
                self._client(place, service)
        with ThreadPoolExecutor(len(PLACES), thread_name_prefix="seed") as pool:
            for finished in [pool.submit(self._place, place) for place in PLACES]:
                finished.result()

    def user(self, account: str) -> dict[str, str]:
        """A new user of an account, as its access key."""
        iam = self._client(Place(account, PLACES[0].region), "iam")
        iam.create_user(UserName="openvna")
        key: dict[str, str] = iam.create_access_key(UserName="openvna")["AccessKey"]
        return key

    def _place(self, place: Place) -> None:
        self._clear(place)
        current: Entry | None = None
        try:
            for entry in self.entries:
                if entry.place == place:
                    current = entry
                    self._create(entry)
                    self._tell()
        except BaseException as error:
            error.add_note(f"while creating {current}")
            for future in self.made.values():  # wake the other places, which may wait for a thing of this one
                if not future.done():
                    future.set_exception(error)
            raise

    def _tell(self) -> None:
        with self._lock:
            self._done += 1
            if self._on_progress:
                self._on_progress(self._done, len(self.entries))

    def _clear(self, place: Place) -> None:
        """Remove the default VPC, as companies do in the accounts of a landing zone."""
        ec2 = self._client(place, "ec2")
        for vpc in ec2.describe_vpcs()["Vpcs"]:
            inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]:
                ec2.delete_subnet(SubnetId=subnet["SubnetId"])
            ec2.delete_vpc(VpcId=vpc["VpcId"])

    def _create(self, entry: Entry) -> None:
        if entry.after:
            self._made(entry.after)
        parameters = self._resolved(entry.parameters)
        if entry.kind == "network-acl-association":
            self._replace_network_acl(entry.place, **parameters)
        elif entry.kind == "subnet-ipv6":
            self._give_ipv6(entry.place, **parameters)
        elif entry.kind in KINDS:
            self._thing(entry, KINDS[entry.kind], parameters)
        else:
            service, operation = entry.kind.split(".")
            self._call(entry.place, service, operation, parameters)

    def _thing(self, entry: Entry, kind: Kind, parameters: dict[str, Any]) -> None:
        tags = [{"Key": key, "Value": value} for key, value in {"Name": entry.name, **entry.tags}.items()]
        if kind.service in ("elb", "elbv2"):
            parameters["Tags"] = tags
        elif kind.service == "ec2" and not kind.tagged_later:
            parameters["TagSpecifications"] = [{"ResourceType": kind.tag, "Tags": tags}]
        answer = self._call(entry.place, kind.service, kind.operation, parameters)
        item = answer[kind.item] if kind.item else answer
        if isinstance(item, list):
            item = item[0]
        made = item[kind.id] if kind.id else item
        if kind.tagged_later:
            self._call(entry.place, "ec2", "create_tags", {"Resources": [made], "Tags": tags})
        self.made[entry.name].set_result((made, item if isinstance(item, Mapping) else {}))

    def _replace_network_acl(self, place: Place, NetworkAclId: str, SubnetId: str) -> None:  # noqa: N803 - AWS's names
        """A subnet always has a network ACL: another one takes the place of that."""
        here = [{"Name": "association.subnet-id", "Values": [SubnetId]}]
        found = self._call(place, "ec2", "describe_network_acls", {"Filters": here})["NetworkAcls"]
        association = next(
            each["NetworkAclAssociationId"]
            for acl in found
            for each in acl["Associations"]
            if each["SubnetId"] == SubnetId
        )
        self._call(
            place,
            "ec2",
            "replace_network_acl_association",
            {"AssociationId": association, "NetworkAclId": NetworkAclId},
        )

    def _give_ipv6(self, place: Place, VpcId: str, SubnetId: str, Number: int) -> None:  # noqa: N803 - AWS's names
        """The subnet gets the `Number`th /64 of the block that AWS gave the VPC."""
        (vpc,) = self._call(place, "ec2", "describe_vpcs", {"VpcIds": [VpcId]})["Vpcs"]
        block = ipaddress.IPv6Network(vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
        part = ipaddress.IPv6Network((int(block.network_address) + (Number << 64), 64))
        self._call(place, "ec2", "associate_subnet_cidr_block", {"SubnetId": SubnetId, "Ipv6CidrBlock": str(part)})

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("@"):
            name, _, member = value[1:].partition(".")
            made, item = self._made(name)
            return item[member] if member else made
        if isinstance(value, Mapping):
            return {key: self._resolved(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._resolved(each) for each in value]
        return value

    def _made(self, name: str) -> tuple[str, Mapping[str, Any]]:
        return self.made[name].result(timeout=_WAIT)

    def _call(self, place: Place, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        return getattr(self._client(place, service), operation)(**parameters)

    def _service(self, entry: Entry) -> str:
        if entry.kind in KINDS:
            return KINDS[entry.kind].service
        return entry.kind.split(".")[0] if "." in entry.kind else "ec2"

    def _assume(self, account: str) -> Mapping[str, str]:
        sts = self._new_client("sts", PLACES[0].region, {"AccessKeyId": "demo", "SecretAccessKey": "demo"})
        arn = f"arn:aws:iam::{account}:role/{ROLE}"
        key: Mapping[str, str] = sts.assume_role(RoleArn=arn, RoleSessionName="seed")["Credentials"]
        return key

    def _client(self, place: Place, service: str) -> Any:
        wanted = (place.account, place.region, service)
        if wanted not in self._clients:
            self._clients[wanted] = self._new_client(service, place.region, self._keys[place.account])
        return self._clients[wanted]

    def _new_client(self, service: str, region: str, key: Mapping[str, str]) -> Any:
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=_WAIT,
                proxies={},
                parameter_validation=False,
                ignore_configured_endpoint_urls=True,
            ),
        )
