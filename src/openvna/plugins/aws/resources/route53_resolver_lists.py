"""Route 53 Resolver: the domains of firewall lists, who may use a shared rule, resolvers on Outposts."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, number, text
from openvna.plugins.aws.resources import route53

FEATURE = route53.FEATURE

_S = "route53resolver"


def _own_lists(found: Resource) -> list[dict[str, object]]:
    """What is in the lists that AWS keeps it does not tell."""
    return [] if found.attributes.get("managed_by") else [{"FirewallDomainListId": found.alias}]


def _shared(rule: Resource) -> list[dict[str, object]]:
    return [{"Arn": rule.id}] if rule.attributes.get("share") == "SHARED_BY_ME" else []


domain = ResourceType(
    "aws.route53resolver.firewall-domain",
    Kind.PREFIX_LIST,
    "DNS firewall domain",
    "A domain of a list that DNS firewall rules name. Its id is the list's with `/domain/NAME`.",
    call=Call(
        _S,
        "ListFirewallDomains",
        "Domains[]",
        1000,
        per=Each("aws.route53resolver.firewall-domain-list", requests=_own_lists),
        of_texts=True,
    ),
    id="{@parent.id}/domain/{@item}",
    name="@item",
    fields=(
        text("domain_list", "@parent.alias", "The list."),
        text("domain", "@item", "The domain; a * stands for all names below it."),
    ),
    columns=("domain_list", "domain"),
    relations=(Link("part-of", "@parent.id"),),
)

rule_policy = ResourceType(
    "aws.route53resolver.rule-policy",
    Kind.SHARE,
    "Resolver rule policy",
    "Which accounts may use a rule that is shared. Its id is the rule's with `/policy`.",
    call=Call(
        _S,
        "GetResolverRulePolicy",
        "ResolverRulePolicy",
        per=Each("aws.route53resolver.rule", requests=_shared),
        of_texts=True,
    ),
    id="{@parent.id}/policy",
    fields=(
        text("rule", "@parent.alias", "The rule."),
        text("policy", "@item", "The policy, as JSON text."),
    ),
    columns=("rule",),
    relations=(Link("part-of", "@parent.id"),),
)

outpost_resolver = ResourceType(
    "aws.route53resolver.outpost-resolver",
    Kind.RESOLVER,
    "Resolver on an Outpost",
    "Answers questions for names on an Outpost, also while it does not reach its region.",
    call=Call(_S, "ListOutpostResolvers", "OutpostResolvers[]", 100),
    needs="aws.outposts.outpost",
    id="{Arn}",
    alias="Id",
    name="Name",
    drops=("ModificationTime", "CreatorRequestId"),
    fields=(
        text("outpost", "OutpostArn", "The Outpost."),
        text("state", "Status", "OPERATIONAL, CREATING, UPDATING, ACTION_NEEDED, FAILED_CREATION, ..."),
        text("message", "StatusMessage", "Why it is in that state."),
        number("instances", "InstanceCount", "How many instances it runs on."),
        text("instance_type", "PreferredInstanceType", "Their size."),
    ),
    columns=("outpost", "state", "instances"),
    relations=(Link("part-of", "OutpostArn"),),
)
