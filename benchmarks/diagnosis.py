"""How right the diagnosis is: every case of the corpus in `tests/corpus`, by cause, and what it costs in calls.

    python benchmarks/diagnosis.py [--without-emulator] [--only TEXT] [--brief]

Ends with 1 when a labelled case is told wrong. Precision is the share of the answers with this cause that were right,
recall the share of the cases with this cause that were found. An access with nothing wrong counts as a cause of its
own ("none"): to see a fault where there is none is an error as well.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.corpus import NOT_CERTAIN, Case, cases
from support.corpus_run import Found, run, wrong
from support.emulators import ministack_server

NONE = "none"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-emulator", action="store_true", help="leave the cases out that need ministack")
    parser.add_argument("--only", default="", help="only cases whose file or name holds this text")
    parser.add_argument("--brief", action="store_true", help="no table of causes")
    given = parser.parse_args()
    chosen = [
        case
        for case in cases()
        if given.only in f"{case.file} {case.name}" and not (given.without_emulator and case.kind == "emulated")
    ]
    began = time.perf_counter()
    told: list[tuple[Case, Found]] = []
    with ExitStack() as stack:
        emulator = None
        if any(case.kind == "emulated" for case in chosen):
            emulator = stack.enter_context(ministack_server(auth=True))
        for case in chosen:
            told.append((case, run(case, emulator)))
    seconds = time.perf_counter() - began
    mistakes = [(case, problems) for case, found in told if (problems := wrong(case, found))]
    if not given.brief:
        _by_cause(told)
    _summary(told, len(mistakes), seconds)
    for case, problems in mistakes:
        print(f"WRONG  {case.file}: {case.name}: {'; '.join(problems)}")
    return 1 if mistakes or not told else 0


def _label(case: Case, found: Found) -> str:
    """The label to score by: an alternate counts as it, where it is what was said."""
    return found.cause if found.cause in case.alternates else case.cause


def _by_cause(told: Sequence[tuple[Case, Found]]) -> None:
    pairs = [(_label(case, found) or NONE, found.cause or NONE) for case, found in told]
    print(f"{'cause':<24}{'cases':>6}{'precision':>11}{'recall':>8}")
    for cause in sorted({each for pair in pairs for each in pair}):
        right = sum(pair == (cause, cause) for pair in pairs)
        said, labelled = sum(pair[1] == cause for pair in pairs), sum(pair[0] == cause for pair in pairs)
        print(f"{cause:<24}{labelled:>6}{_share(right, said):>11}{_share(right, labelled):>8}")
    print()


def _summary(told: Sequence[tuple[Case, Found]], mistakes: int, seconds: float) -> None:
    failures = [each for each in told if not each[0].healthy]
    unknowable = [found for case, found in told if case.unknowable]
    calls = [found.calls for case, found in failures if found.calls is not None and not found.matrix]
    good = [found.calls for case, found in told if case.healthy and found.calls is not None]
    unsure = sum(found.confidence in NOT_CERTAIN for _, found in failures)
    honest = sum(found.confidence in NOT_CERTAIN for found in unknowable)
    print(f"cases                    {len(told)}: {len(failures)} failures, {len(told) - len(failures)} healthy")
    print(f"right                    {len(told) - mistakes} of {len(told)} ({_share(len(told) - mistakes, len(told))})")
    print(f"say that they are unsure {unsure} of {len(failures)} failures ({_share(unsure, len(failures))})")
    print(f"  where nobody can know  {honest} of {len(unknowable)} ({_share(honest, len(unknowable))})")
    if calls:
        mean, most = statistics.mean(calls), max(calls)
        print(f"calls until the cause    {mean:.1f} in the mean, {most} at most, where key, way or role fail")
    if good:
        print(f"calls for a good access  {statistics.mean(good):.1f} in the mean, {max(good)} at most, with the matrix")
    print(f"time                     {seconds:.1f} s")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
