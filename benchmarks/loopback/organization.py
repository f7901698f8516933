"""A loopback AWS for the benchmarks: an organization whose accounts are nearly empty, each answer after a set latency.

    python benchmarks/loopback/organization.py --accounts 1000 --latency 0.03

Run as a process of its own; prints its address. Knows Organizations (ListAccounts in pages of 20), STS, and 17 regions.
Each region of an account holds one VPC with the route table, the network ACL, the security group and the DHCP options
that come with it; every other call of every service is allowed and lists nothing. A request is for the account and
region that it was signed for: AssumeRole gives a key that names the account. `GET /requests` tells how many came, by
service, and `GET /organization` the accounts and regions.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import Counter
from urllib.parse import parse_qsl

import orjson

OWN = "999999999999"
"""The account that the credential belongs to, the management account."""
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1"),
)
"""The regions that are on in every account."""
_XML_SERVICES = frozenset({"route53", "s3", "cloudfront"})
_PAGE = 20
_CREDENTIAL = re.compile(rb"[Cc]redential=(\w+)/\d+/([\w-]+)/([\w-]+)/")
_LENGTH = re.compile(rb"[Cc]ontent-[Ll]ength: ?(\d+)")
_TARGET = re.compile(rb"[Xx]-[Aa]mz-[Tt]arget: ?[\w]+\.(\w+)")
_EC2 = '<{0}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>{1}</{0}Response>'
_TAGS = "<tagSet><item><key>team</key><value>network</value></item></tagSet>"


def account_id(number: int) -> str:
    return f"{100_000_000_000 + number}"


def short(account: str, region: str) -> str:
    """The hexadecimal part of the ids in a scope."""
    return f"0{int(account[-6:]):06x}{REGIONS.index(region) if region in REGIONS else 99:010x}"


def ec2(action: str, account: str, region: str) -> str:
    """What EC2 answers to `action`."""
    if action == "DescribeRegions":
        on = "<optInStatus>opt-in-not-required</optInStatus>"
        return _listed(action, "regionInfo", "".join(f"<item><regionName>{e}</regionName>{on}</item>" for e in REGIONS))
    number = short(account, region)
    vpc, owner = f"<vpcId>vpc-{number}</vpcId>", f"<ownerId>{account}</ownerId>"
    if action == "DescribeVpcs":
        association = "<item><associationId>vpc-cidr-assoc-1</associationId><cidrBlock>172.31.0.0/16</cidrBlock>"
        association += "<cidrBlockState><state>associated</state></cidrBlockState></item>"
        inside = f"{vpc}{owner}<state>available</state><cidrBlock>172.31.0.0/16</cidrBlock>"
        inside += f"<cidrBlockAssociationSet>{association}</cidrBlockAssociationSet>"
        inside += f"<dhcpOptionsId>dopt-{number}</dhcpOptionsId><instanceTenancy>default</instanceTenancy>"
        return _listed(action, "vpcSet", f"<item>{inside}<isDefault>true</isDefault>{_TAGS}</item>")
    if action == "DescribeRouteTables":
        route = "<destinationCidrBlock>172.31.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>"
        route += "<state>active</state><origin>CreateRouteTable</origin>"
        inside = f"<routeTableId>rtb-{number}</routeTableId>{vpc}{owner}<routeSet><item>{route}</item></routeSet>"
        link = f"<routeTableAssociationId>rtbassoc-{number}</routeTableAssociationId><main>true</main>"
        link += f"<routeTableId>rtb-{number}</routeTableId>"
        return _listed(
            action, "routeTableSet", f"<item>{inside}<associationSet><item>{link}</item></associationSet></item>"
        )
    if action == "DescribeNetworkAcls":
        entries = "".join(
            f"<item><ruleNumber>{rule}</ruleNumber><protocol>-1</protocol><ruleAction>{does}</ruleAction>"
            f"<egress>{out}</egress><cidrBlock>0.0.0.0/0</cidrBlock></item>"
            for out in ("true", "false")
            for rule, does in ((100, "allow"), (32767, "deny"))
        )
        inside = f"<networkAclId>acl-{number}</networkAclId>{vpc}{owner}<default>true</default>"
        return _listed(action, "networkAclSet", f"<item>{inside}<entrySet>{entries}</entrySet></item>")
    if action == "DescribeSecurityGroups":
        rule = "<ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>"
        inside = f"{owner}<groupId>sg-{number}</groupId><groupName>default</groupName>{vpc}"
        inside += f"<groupDescription>default VPC security group</groupDescription><ipPermissionsEgress><item>{rule}"
        return _listed(action, "securityGroupInfo", f"<item>{inside}</item></ipPermissionsEgress></item>")
    if action == "DescribeDhcpOptions":
        setting = "<key>domain-name-servers</key><valueSet><item><value>AmazonProvidedDNS</value></item></valueSet>"
        inside = f"<dhcpOptionsId>dopt-{number}</dhcpOptionsId>{owner}"
        inside += f"<dhcpConfigurationSet><item>{setting}</item></dhcpConfigurationSet>"
        return _listed(action, "dhcpOptionsSet", f"<item>{inside}</item>")
    return _EC2.format(action, "")


def _listed(action: str, name: str, items: str) -> str:
    return _EC2.format(action, f"<{name}>{items}</{name}>")


class Organization:
    """The answers, by request; those that are asked for again and again are kept."""

    def __init__(self, accounts: int) -> None:
        self.accounts = [account_id(number) for number in range(accounts)]
        self.count: Counter[str] = Counter()

    def answer(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Content type and content."""
        if head.startswith(b"GET /requests "):
            return b"application/json", orjson.dumps(self.count)
        if head.startswith(b"GET /organization "):
            return b"application/json", orjson.dumps({"accounts": self.accounts, "regions": REGIONS})
        signed = _CREDENTIAL.search(head)
        key, region, service = (each.decode() for each in signed.groups()) if signed else ("", "", "")
        account = key[4:16] if key.startswith("ASIA") else OWN
        self.count[service] += 1
        if target := _TARGET.search(head):
            return b"application/x-amz-json-1.1", orjson.dumps(self._json(target[1].decode(), body))
        if b"x-www-form-urlencoded" in head:
            params = dict(parse_qsl(body.decode()))
            action = params["Action"]
            if service == "ec2":
                return b"text/xml", ec2(action, account, region).encode()
            return b"text/xml", _query(action, account, params).encode()
        if service in _XML_SERVICES:
            return b"text/xml", b"<Listed></Listed>"
        return b"application/json", b"{}"

    def _json(self, action: str, body: bytes) -> dict[str, object]:
        if action == "DescribeOrganization":
            return {"Organization": {"Id": "o-bench00000", "MasterAccountId": OWN}}
        if action == "ListAccounts":
            start = int(orjson.loads(body or b"{}").get("NextToken") or 0)
            page = [
                {"Id": each, "Name": f"account-{each}", "State": "ACTIVE", "Status": "ACTIVE"}
                for each in self.accounts[start : start + _PAGE]
            ]
            following = start + _PAGE
            return {"Accounts": page, **({"NextToken": str(following)} if following < len(self.accounts) else {})}
        return {}


def _query(action: str, account: str, params: dict[str, str]) -> str:
    inside = ""
    if action == "GetCallerIdentity":
        who = f"sts::{account}:assumed-role/OpenVNA/openvna" if account != OWN else f"iam::{OWN}:user/bench"
        inside = f"<Arn>arn:aws:{who}</Arn><UserId>AIDA</UserId><Account>{account}</Account>"
    elif action == "AssumeRole":
        entered = params["RoleArn"].split(":")[4]
        inside = (
            f"<Credentials><AccessKeyId>ASIA{entered}BNCH</AccessKeyId><SecretAccessKey>bench{entered}</SecretAccessKey>"
            "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>arn:aws:sts::{entered}:assumed-role/OpenVNA/openvna</Arn>"
            "<AssumedRoleId>AROA:openvna</AssumedRoleId></AssumedRoleUser>"
        )
    text = f"<{action}Response><{action}Result>{inside}</{action}Result><ResponseMetadata><RequestId>r</RequestId>"
    return f"{text}</ResponseMetadata></{action}Response>"


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, organization: Organization, latency: float) -> None:
        self._organization, self._latency = organization, latency
        self._loop = asyncio.get_running_loop()
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end]
            length = _LENGTH.search(head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < size:
                return
            body, self._held = self._held[end + 4 : size], self._held[size:]
            kind, content = self._organization.answer(head, body)
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nx-amzn-RequestId: r\r\nContent-Length: %d\r\n\r\n%b"
            self._loop.call_later(self._latency, self._send, answer % (kind, len(content), content))

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def serve(organization: Organization, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Talk(organization, latency), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.03)
    given = parser.parse_args()
    asyncio.run(serve(Organization(given.accounts), given.latency))
