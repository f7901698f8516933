"""Reading a full answer of CloudWatch's GetMetricData: our compiled reader against botocore's parser.

    python benchmarks/metrics_parse.py [--metrics 500] [--points 12] [--rounds 15]

One answer in JSON as CloudWatch writes it (GetMetricData takes 500 metrics a call; 12 points are an hour by five
minutes), read over and over by both in turn, each from the bytes that came to the dict of the answer. botocore also
makes a datetime of each time; ours leaves what AWS wrote, as everywhere. Prints the medians and their ratio.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson


def written(metrics: int, points: int) -> bytes:
    """The answer: byte counters of network interfaces, newest point first, times in seconds since the epoch."""
    chance, now = random.Random(1), 1_790_000_000
    times = [now - 300 * number for number in range(points)]
    results = [
        {
            "Id": f"m{number}",
            "Label": f"BytesOutToDestination nat-{number:017x}",
            "StatusCode": "Complete",
            "Timestamps": times,
            "Values": [round(chance.uniform(0, 10**9), 1) for _ in times],
        }
        for number in range(metrics)
    ]
    return orjson.dumps({"MetricDataResults": results, "Messages": []})


def botocore_reader(body: bytes) -> Callable[[], Any]:
    import botocore.session
    from botocore import parsers

    operation = botocore.session.get_session().get_service_model("cloudwatch").operation_model("GetMetricData")
    parser = parsers.create_parser("json")
    answer = {"status_code": 200, "headers": {"x-amzn-RequestId": "r"}, "body": body}
    return lambda: parser.parse(answer, operation.output_shape)


def our_reader(body: bytes) -> Callable[[], Any]:
    from openvna.plugins.aws.wire.operations import Operations, Received

    operation = Operations().get("cloudwatch", "GetMetricData")
    received = Received(200, {"x-amzn-requestid": "r"}, body)
    return lambda: operation.read(received)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--metrics", type=int, default=500)
    parser.add_argument("--points", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    body = written(given.metrics, given.points)
    readers = {"botocore": botocore_reader(body), "openvna": our_reader(body)}
    first, second = (read()["MetricDataResults"] for read in readers.values())
    assert [(each["Id"], each["Values"]) for each in first] == [(each["Id"], each["Values"]) for each in second]
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(given.rounds):
        for name, read in readers.items():
            began = time.perf_counter()
            read()
            taken[name].append(time.perf_counter() - began)
    print(f"{given.metrics} metrics x {given.points} points, {len(body) / 1000:.0f} kB")
    medians = {name: statistics.median(all) * 1000 for name, all in taken.items()}
    for name, milliseconds in medians.items():
        print(f"{name:<10}{milliseconds:>9.2f} ms")
    print(f"botocore / openvna: {medians['botocore'] / medians['openvna']:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
