"""A loopback AWS for the benchmarks: an account with nothing in it, in 17 regions, each answer after a set latency.

    python benchmarks/loopback/empty_account.py --latency 0.05 [--without-simulation]

Run as a process of its own; prints its address. Every call of every service is allowed and lists nothing; a dry run
gets DryRunOperation, a simulation `allowed` for all actions. The first answer on a connection takes twice the latency:
the handshake before it has to travel as well.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import uuid
from urllib.parse import parse_qsl

ACCOUNT = "111122223333"
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1"),
)
"""The regions that are on in every account."""
_XML_SERVICES = ("route53", "s3", "cloudfront")
_ARN = f"arn:aws:iam::{ACCOUNT}:user/bench"
_IDENTITY = f"<Arn>{_ARN}</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>"


class Account:
    """The answers, by request."""

    def __init__(self, simulates: bool) -> None:
        self._simulates = simulates

    def answer(self, head: str, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and content."""
        params = dict(parse_qsl(body.decode())) if "x-www-form-urlencoded" in head else {}
        if action := params.get("Action"):
            if params.get("Version") == "2016-11-15":
                return _of_ec2(action, params)
            return self._of_query(action, params, signed="authorization:" in head)
        scope = re.search(r"credential=[^/]+/\d+/[^/]+/([^/]+)/", head)
        if scope and scope[1] in _XML_SERVICES:
            return 200, "text/xml", b"<Listed></Listed>"
        return 200, "application/x-amz-json-1.1", b"{}"

    def _of_query(self, action: str, params: dict[str, str], signed: bool) -> tuple[int, str, bytes]:
        if not signed:
            return _refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        inside = _IDENTITY if action == "GetCallerIdentity" else ""
        if action == "SimulatePrincipalPolicy":
            if not self._simulates:
                return _refused(403, "AccessDenied", f"User: {_ARN} is not authorized to perform: iam:{action}")
            actions = [value for name, value in params.items() if name.startswith("ActionNames.member.")]
            results = "".join(
                f"<member><EvalActionName>{each}</EvalActionName><EvalDecision>allowed</EvalDecision></member>"
                for each in actions
            )
            inside = f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>"
        text = f"<{action}Response><{action}Result>{inside}</{action}Result><ResponseMetadata><RequestId>r</RequestId>"
        return 200, "text/xml", f"{text}</ResponseMetadata></{action}Response>".encode()


def _of_ec2(action: str, params: dict[str, str]) -> tuple[int, str, bytes]:
    if params.get("DryRun") == "true":
        said = "Request would have succeeded, but DryRun flag is set."
        error = f"<Error><Code>DryRunOperation</Code><Message>{said}</Message></Error>"
        return 412, "text/xml", f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>".encode()
    inside = ""
    if action == "DescribeRegions":
        states = "<optInStatus>opt-in-not-required</optInStatus>"
        items = "".join(f"<item><regionName>{name}</regionName>{states}</item>" for name in REGIONS)
        inside = f"<regionInfo>{items}</regionInfo>"
    text = f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>{inside}'
    return 200, "text/xml", f"{text}</{action}Response>".encode()


def _refused(status: int, code: str, message: str) -> tuple[int, str, bytes]:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, "text/xml", f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode()


async def serve(account: Account, latency: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wait = 2 * latency
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = re.search(r"content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await asyncio.sleep(wait)
                wait = latency
                status, kind, content = account.answer(head, body)
                writer.write(
                    f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nx-amzn-RequestId: {uuid.uuid4()}\r\n"
                    f"Content-Length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--without-simulation", action="store_true")
    given = parser.parse_args()
    asyncio.run(serve(Account(not given.without_simulation), given.latency))
