"""A loopback AWS for the benchmarks: EC2 pages made beforehand, sent after a set latency. Run as a process of its own.

    python benchmarks/loopback/aws_pages.py --items 100000 --latency 0.03

Prints its address. Answers DescribeNetworkInterfaces in pages of 1,000, GetCallerIdentity, DescribeRegions (one), and
everything else of EC2 with an empty list. gzip is given to whoever asks for it.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import re
from hashlib import blake2b
from urllib.parse import parse_qsl

ACCOUNT = "111122223333"
_ITEM = """        <item>
            <networkInterfaceId>eni-{id}</networkInterfaceId>
            <subnetId>subnet-{subnet}</subnetId>
            <vpcId>vpc-{vpc}</vpcId>
            <availabilityZone>us-east-1a</availabilityZone>
            <description>interface {i} of a benchmark</description>
            <ownerId>111122223333</ownerId>
            <requesterManaged>false</requesterManaged>
            <status>in-use</status>
            <macAddress>02:00:00:{a:02x}:{b:02x}:{c:02x}</macAddress>
            <privateIpAddress>10.{a}.{b}.{c}</privateIpAddress>
            <privateDnsName>ip-10-{a}-{b}-{c}.ec2.internal</privateDnsName>
            <sourceDestCheck>true</sourceDestCheck>
            <groupSet>
                <item><groupId>sg-{web}</groupId><groupName>web</groupName></item>
                <item><groupId>sg-{base}</groupId><groupName>base</groupName></item>
            </groupSet>
            <attachment>
                <attachmentId>eni-attach-{attachment}</attachmentId>
                <instanceId>i-{instance}</instanceId>
                <instanceOwnerId>111122223333</instanceOwnerId>
                <deviceIndex>0</deviceIndex>
                <status>attached</status>
                <attachTime>2026-01-01T12:00:00.000Z</attachTime>
                <deleteOnTermination>true</deleteOnTermination>
            </attachment>
            <association>
                <publicIp>3.{a}.{b}.{c}</publicIp>
                <publicDnsName>ec2-3-{a}-{b}-{c}.compute-1.amazonaws.com</publicDnsName>
                <ipOwnerId>amazon</ipOwnerId>
            </association>
            <tagSet>
                <item><key>Name</key><value>web-{i}</value></item>
                <item><key>team</key><value>network</value></item>
                <item><key>env</key><value>prod</value></item>
            </tagSet>
            <privateIpAddressesSet>
                <item>
                    <privateIpAddress>10.{a}.{b}.{c}</privateIpAddress>
                    <privateDnsName>ip-10-{a}-{b}-{c}.ec2.internal</privateDnsName>
                    <primary>true</primary>
                    <association><publicIp>3.{a}.{b}.{c}</publicIp><ipOwnerId>amazon</ipOwnerId></association>
                </item>
            </privateIpAddressesSet>
            <ipv6AddressesSet/>
            <interfaceType>interface</interfaceType>
        </item>
"""
_EC2 = '<{0}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-{1}</requestId>{2}</{0}Response>'
_REGION = "<item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>"


def interface(i: int, in_order: bool) -> str:
    """One network interface as EC2 writes it, about 2.6 kB."""
    numbers = {"id": i, "attachment": i, "instance": i, "subnet": i // 250, "base": i // 250, "vpc": i // 5000}
    numbers["web"] = numbers["vpc"]
    ids = {of: f"{number:017x}" if in_order else _mixed(of, number) for of, number in numbers.items()}
    return _ITEM.format(i=i, a=i >> 16 & 255, b=i >> 8 & 255, c=i & 255, **ids)


def _mixed(of: str, number: int) -> str:
    """The hexadecimal part of an id: the same for the same number, and in no order, as AWS's are."""
    return "0" + blake2b(f"{of} {number}".encode(), digest_size=8).hexdigest()


class Pages:
    """The answers: one page for each token, made when it is first asked for and kept packed."""

    def __init__(self, items: int, in_order: bool, size: int = 1000) -> None:
        self._items, self._in_order, self._size = items, in_order, size
        self._made: dict[int, bytes] = {}
        for page in range(0, items, size):
            self.interfaces(page)

    def interfaces(self, start: int) -> bytes:
        """A page, gzipped."""
        if start not in self._made:
            following = start + self._size
            token = f"<nextToken>{following}</nextToken>" if following < self._items else ""
            found = "".join(interface(i, self._in_order) for i in range(start, min(following, self._items)))
            body = f"<networkInterfaceSet>\n{found}</networkInterfaceSet>{token}"
            self._made[start] = gzip.compress(_EC2.format("DescribeNetworkInterfaces", start, body).encode(), 1)
        return self._made[start]

    def answer(self, params: dict[str, str]) -> bytes:
        """The gzipped answer to a request."""
        action = params.get("Action", "")
        if action == "DescribeNetworkInterfaces":
            return self.interfaces(int(params.get("NextToken") or 0))
        if action == "GetCallerIdentity":
            inside = f"<Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
            body = (
                f"<GetCallerIdentityResponse><GetCallerIdentityResult>{inside}</GetCallerIdentityResult>"
                "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
            )
            return gzip.compress(body.encode())
        inside = f"<regionInfo>{_REGION}</regionInfo>" if action == "DescribeRegions" else ""
        return gzip.compress(_EC2.format(action, "x", inside).encode())


async def serve(pages: Pages, latency: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = re.search(r"content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await asyncio.sleep(latency)
                packed = pages.answer(dict(parse_qsl(body.decode())))
                encoding = "Content-Encoding: gzip\r\n"
                if not re.search(r"accept-encoding:[^\r]*gzip", head):
                    packed, encoding = gzip.decompress(packed), ""
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nx-amzn-RequestId: r\r\n{encoding}"
                    f"Content-Length: {len(packed)}\r\n\r\n".encode()
                    + packed
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.03)
    parser.add_argument("--in-order", action="store_true", help="ids that count up, as AWS does not give them")
    given = parser.parse_args()
    asyncio.run(serve(Pages(given.items, given.in_order), given.latency))
