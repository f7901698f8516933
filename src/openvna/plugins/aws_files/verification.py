"""Trying a folder: is it there, what is in it, is every answer whole, whose is it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from openvna.plugin import Confidence, RegionResult, Step, StepOutcome, Verdict
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws_files.answers import Broken, cut_short, read
from openvna.plugins.aws_files.config import FilesConfig
from openvna.plugins.aws_files.folder import Folder, Part, Unusable, placed, scan
from openvna.plugins.aws_files.session import types_without_answer

_MOST_SHOWN = 100
_MOST_NAMED = 12


def verify(config: FilesConfig) -> Iterator[Step | Verdict]:
    """The steps of trying a folder, then the verdict. Reads every known file; changes nothing."""
    done: list[Step] = []

    def ended(step: Step) -> Step:
        done.append(step)
        return step

    def failed(step_id: str, title: str, error: Unusable) -> Iterator[Step | Verdict]:
        yield ended(Step(step_id, title, StepOutcome.FAILED, (error.why,), error.cause, error.remedy))
        yield Verdict("failed", error.cause, Confidence.PROVEN, error.why, steps=tuple(done), remedy=error.remedy)

    title = "The folder holds saved answers"
    yield Step("folder", title, StepOutcome.RUNNING)
    try:
        folder = scan(config)
    except Unusable as error:
        yield from failed("folder", title, error)
        return
    count = sum(len(part.answers) for part in folder.parts)
    yield ended(Step("folder", title, StepOutcome.OK, (f"{count} files of known AWS commands",)))

    yield Step("unknown-files", "Files of something else", StepOutcome.RUNNING)
    yield ended(_unknown_files(folder))

    title = "Account and region are known"
    yield Step("scopes", title, StepOutcome.RUNNING)
    try:
        folder = placed(folder, config)
    except Unusable as error:
        yield from failed("scopes", title, error)
        return
    yield ended(Step("scopes", title, StepOutcome.OK, tuple(part.evidence for part in folder.parts)))

    yield Step("answers", "Every answer is whole", StepOutcome.RUNNING)
    broken = {id(part): _broken(folder, part) for part in folder.parts}
    yield ended(_answers([each for found in broken.values() for each in found], count))

    yield Step("coverage", "What the folder says nothing about", StepOutcome.RUNNING)
    yield ended(_coverage(folder))

    yield _verdict(folder, count, broken, tuple(done))


def _unknown_files(folder: Folder) -> Step:
    title = "Files of something else"
    if not folder.unknown:
        return Step("unknown-files", title, StepOutcome.OK, ("none",))
    names = _listed([folder.relative(path) for path in folder.unknown])
    remedy = "Nothing to do: they are left alone. If one was meant, name it SERVICE-OPERATION.json after its command."
    return Step("unknown-files", title, StepOutcome.WARNING, names, remedy=remedy)


def _broken(folder: Folder, part: Part) -> list[tuple[str, str]]:
    """Cause and description of each answer that cannot be used, or not wholly."""
    found: list[tuple[str, str]] = []
    for answer in part.answers:
        where = folder.relative(answer.path)
        try:
            content = read(answer)
        except Broken as error:
            found.append((error.cause, f"{where}: {error.why}"))
            continue
        more = cut_short(answer, content)
        if more:
            found.append(("F-TRUNCATED", f"{where}: it is cut short, {more} says that there is more"))
    return found


def _answers(broken: list[tuple[str, str]], count: int) -> Step:
    title = "Every answer is whole"
    if not broken:
        return Step("answers", title, StepOutcome.OK, (f"{count} read",))
    return Step(
        "answers",
        title,
        StepOutcome.FAILED,
        _listed([text for _, text in broken]),
        broken[0][0],
        "Save these answers again; what they should hold is kept as it was known before.",
    )


def _coverage(folder: Folder) -> Step:
    evidence = []
    for part in folder.parts:
        lacking = types_without_answer(part)
        said = f"{part.scope.key}: {len(TYPES) - len(lacking)} of {len(TYPES)} resource types have an answer"
        if len(lacking) > _MOST_NAMED:
            services = Counter(name.rpartition(".")[0] for name in lacking)
            said += "; unknown, by service: " + ", ".join(f"{name} {count}" for name, count in sorted(services.items()))
        elif lacking:
            said += f"; unknown: {', '.join(lacking)}"
        evidence.append(said)
    return Step("coverage", "What the folder says nothing about", StepOutcome.OK, tuple(evidence))


def _verdict(folder: Folder, count: int, broken: dict[int, list[tuple[str, str]]], steps: tuple[Step, ...]) -> Verdict:
    wrong = [each for found in broken.values() for each in found]
    regions = tuple(
        RegionResult(
            part.account,
            part.region,
            StepOutcome.WARNING if broken[id(part)] else StepOutcome.OK,
            broken[id(part)][0][0] if broken[id(part)] else None,
            tuple(text for _, text in broken[id(part)][:_MOST_SHOWN]),
        )
        for part in folder.parts
    )
    if not wrong:
        summary = f"{count} saved answers of {len(folder.parts)} account and region."
        if len(folder.parts) != 1:
            summary = f"{count} saved answers of {len(folder.parts)} accounts and regions."
        return Verdict("ok", None, Confidence.PROVEN, summary, steps=steps, regions=regions)
    word = "failed" if len(wrong) == count else "degraded"
    return Verdict(
        "failed" if word == "failed" else "degraded",
        wrong[0][0],
        Confidence.PROVEN,
        f"{len(wrong)} of {count} saved answers cannot be used: {wrong[0][1]}.",
        steps=steps,
        regions=regions,
        remedy="Save these answers again and import again.",
    )


def _listed(texts: list[str]) -> tuple[str, ...]:
    if len(texts) <= _MOST_SHOWN:
        return tuple(texts)
    return (*texts[:_MOST_SHOWN], f"and {len(texts) - _MOST_SHOWN} more")
