"""Network Access Analyzer: who may reach whom as somebody asks it, and what was found."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Detail, Each, Link, ResourceType, ec2, number, text, texts, time
from openvna.plugins.aws.paths import Raw, getter
from openvna.plugins.aws.resources import traffic_mirrors

FEATURE = traffic_mirrors.FEATURE

access_scope = ResourceType(
    "aws.ec2.network-insights-access-scope",
    Kind.ANALYSIS,
    "Network access scope",
    "Ways through the network that somebody wants to know of.",
    call=ec2("DescribeNetworkInsightsAccessScopes", "NetworkInsightsAccessScopes[]", 100),
    details=(
        Detail(
            "ec2",
            "GetNetworkInsightsAccessScopeContent",
            {"NetworkInsightsAccessScopeId": "NetworkInsightsAccessScopeId"},
            "NetworkInsightsAccessScopeContent",
            "Content",
        ),
    ),
    id="{NetworkInsightsAccessScopeArn}",
    alias="NetworkInsightsAccessScopeId",
    drops=("UpdatedDate",),
    fields=(
        number("matches", lambda raw: len(getter("Content.MatchPaths[]")(raw)), "How many kinds of ways it looks for."),
        number("excludes", lambda raw: len(getter("Content.ExcludePaths[]")(raw)), "How many it leaves out."),
        time("created", "CreatedDate", "When it was created."),
    ),
    columns=("matches", "excludes", "created"),
)

access_scope_analysis = ResourceType(
    "aws.ec2.network-insights-access-scope-analysis",
    Kind.ANALYSIS,
    "Network access analysis",
    "What was found for a network access scope.",
    call=ec2("DescribeNetworkInsightsAccessScopeAnalyses", "NetworkInsightsAccessScopeAnalyses[]", 100),
    needs="aws.ec2.network-insights-access-scope",
    id="{NetworkInsightsAccessScopeAnalysisArn}",
    alias="NetworkInsightsAccessScopeAnalysisId",
    fields=(
        text("scope", "NetworkInsightsAccessScopeId", "The access scope."),
        text("state", "Status", "running, succeeded or failed."),
        text("message", "StatusMessage", "Why it is in that state."),
        text("warning", "WarningMessage", "What may be missing."),
        text("found", "FindingsFound", "true, false or unknown: whether there are such ways."),
        number("interfaces", "AnalyzedEniCount", "How many interfaces were looked at."),
        time("start", "StartDate", "When it began."),
        time("end", "EndDate", "When it ended."),
    ),
    columns=("scope", "state", "found", "start"),
    relations=(Link("part-of", "NetworkInsightsAccessScopeId"),),
)


def _with_findings(analysis: Resource) -> list[dict[str, object]]:
    found = analysis.attributes.get("found") == "true"
    return [{"NetworkInsightsAccessScopeAnalysisId": analysis.alias}] if found else []


finding = ResourceType(
    "aws.ec2.network-insights-access-scope-finding",
    Kind.ANALYSIS,
    "Network access finding",
    "A way through the network that an access scope asks about. Its id is the analysis's with `/finding/ID`.",
    call=ec2(
        "GetNetworkInsightsAccessScopeAnalysisFindings",
        "AnalysisFindings[]",
        100,
        per=Each("aws.ec2.network-insights-access-scope-analysis", requests=_with_findings),
    ),
    id="{@parent.id}/finding/{FindingId}",
    alias="FindingId",
    ordered=("FindingComponents",),
    fields=(
        text("analysis", "NetworkInsightsAccessScopeAnalysisId", "The analysis."),
        text("scope", "NetworkInsightsAccessScopeId", "The access scope."),
        texts("path", "FindingComponents[].Component.Id", "What the way leads over, in its order.", ordered=True),
        text("source", lambda raw: _end(raw, 0), "Where it begins."),
        text("destination", lambda raw: _end(raw, -1), "Where it ends."),
    ),
    columns=("scope", "source", "destination"),
    relations=(Link("part-of", "@parent.id"),),
)


def _end(raw: Raw, place: int) -> str | None:
    parts = sorted(getter("FindingComponents[]")(raw), key=lambda part: part.get("SequenceNumber") or 0)
    return getter("Component.Id")(parts[place]) if parts else None
