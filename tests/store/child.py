"""A process of its own that collects until it is killed. Run as a script: URL, source id, mode."""

from __future__ import annotations

import itertools
import sys

from openvna.model import Kind, Relation, Resource, Scope
from openvna.store import Vault, open_store

KEY = bytes(range(32))
HERE = Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")
TYPES = ("aws.ec2.vpc", "aws.ec2.subnet")
COUNT = 300


def state(type: str, generation: int) -> list[Resource]:
    """All that exists in a generation: two in three stay with a new value, the rest come and go."""
    return [
        Resource(
            id=f"arn:{type}:{number}",
            type=type,
            kind=Kind.NETWORK,
            account=HERE.account,
            region=HERE.region,
            alias=f"{type}-{number}",
            attributes={"generation": generation},
            relations=(Relation("next", f"arn:{type}:{number + generation % 2}"),),
            document={"Generation": generation, "Number": number},
        )
        for number in range(COUNT)
        if number % 3 or (number + generation) % 2
    ]


def main() -> None:
    url, source_id, mode = sys.argv[1:]
    store = open_store(url, Vault(KEY))
    if mode == "wait":
        writer = store.runs.begin(source_id, HERE)
        writer.record(state(TYPES[0], 0)[0])
        print(writer.run_id, flush=True)
        sys.stdin.readline()
        return
    for generation in itertools.count(int(mode)):
        writer = store.runs.begin(source_id, HERE)
        print(generation, flush=True)
        for type in TYPES:
            for resource in state(type, generation):
                writer.record(resource)
            writer.complete(type)
        writer.finish()


if __name__ == "__main__":
    main()
