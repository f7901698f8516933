"""The part of the procedure that reaches STS, without any credential: is it AWS that answers, and at what time?"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openvna.plugin import Confidence, Step, StepOutcome
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.endpoint_rules import resolve
from openvna.plugins.aws.endpoints import VARIANTS, close_match, partitions, variant
from openvna.plugins.aws.faults import EC2_WINDOW, STS_WINDOW, Explanation, explain, offset

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure


def take(procedure: Procedure) -> Generator[Step, None, Explanation | None]:
    """Ask STS unsigned, which it refuses in its own words. Why that does not come about, None when it does."""
    query, region = procedure.access.query, procedure.region
    where = query.endpoint("sts", region)
    step = procedure.begin("path", f"Reach STS at {where.host}")
    yield step
    facts = [f"Endpoint: {where}."]
    try:
        if proxy := query.transport.proxy_in_force(where.url):
            facts.append(f"Proxy: {proxy}.")
        skew = query.call("sts", "GetCallerIdentity", region, {}, None).skew
    except CallError as error:
        skew = error.skew
        as_an_emulator = where.emulated and error.status not in (0, 407) and error.status // 100 != 3
        if not error.code and not as_an_emulator:
            told = _unreached(procedure, error)
            yield procedure.end(step, StepOutcome.FAILED, facts, told)
            return told
    if skew is None or abs(skew) <= EC2_WINDOW:
        if skew is not None and abs(skew) > EC2_WINDOW / 5:
            facts.append(f"This machine's clock is {offset(skew)}.")
        yield procedure.end(step, StepOutcome.OK, facts)
        return None
    cause = "K-CLOCK" if abs(skew) > STS_WINDOW else "K-CLOCK-5MIN"
    said = (f"This machine's clock is {offset(skew)}.",)
    told = Explanation(cause, Confidence.PROVEN, said, remedy(cause, offset=f" (it is {offset(skew)})"))
    fatal = cause == "K-CLOCK" and not where.emulated
    yield procedure.end(step, StepOutcome.FAILED if fatal else StepOutcome.WARNING, facts, told)
    return told if fatal else None


def _unreached(procedure: Procedure, error: CallError) -> Explanation:
    """Why there was no answer, with what the settings have to do with it."""
    config, region = procedure.access.config, procedure.region
    told = explain(error, procedure.context("sts", region, ""))
    if told.cause != "N-DNS":
        return told
    askers = [each for each in (variant(config, name, procedure.environment) for name in VARIANTS) if each]
    if askers:
        usual = urlsplit(resolve("sts", region, config.partition).url).hostname or ""
        if not procedure.access.query.transport.has_address(usual):
            return told  # it is the name service, and not this one name
        said = f"{usual} has an address. The kind of endpoint was chosen by {' and '.join(dict.fromkeys(askers))}."
        evidence = (*told.evidence, said)
        return Explanation("C-ENDPOINT-KIND", Confidence.INFERRED, evidence, remedy("C-ENDPOINT-KIND"))
    known = partitions()[config.partition].regions
    near = close_match(region, known)
    if region not in known and near:
        evidence = (*told.evidence, f"AWS's SDK knows no region {region!r}.")
        advice = remedy("C-REGION", near=f" Did you mean {near}?")
        return Explanation("C-REGION", Confidence.INFERRED, evidence, advice)
    return told
