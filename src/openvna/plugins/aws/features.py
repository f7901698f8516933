"""The features that more than one module shares, and those that list no resources.

Each module of `resources/` names the feature of its types as `FEATURE`: one of these, or one of its own. What a feature
needs comes from the declarations of its types (`types.py`), and for those without types from here.
"""

from __future__ import annotations

from openvna.plugin import Feature

VPC = Feature(
    "vpc",
    "VPC networks",
    "VPCs with their subnets, routes, access lists, interfaces, addresses and gateways: what everything else hangs on.",
)

LOAD_BALANCERS = Feature(
    "load-balancers",
    "Load balancers",
    "Application, network, gateway and classic load balancers: listeners, rules, targets and their health.",
    optional=True,
)

TRANSIT_GATEWAYS = Feature(
    "transit-gateways",
    "Transit gateways",
    "Transit gateways with their attachments, route tables and routes.",
    optional=True,
)

ADDRESSES = Feature(
    "addresses",
    "Address planning",
    "Address pools, brought ranges, reservations in subnets and transfers of addresses.",
    optional=True,
)

DIAGNOSIS = Feature(
    "diagnosis",
    "Diagnosis",
    "Lets AWS itself say which policy denies what is denied, and whether an action is allowed without trying it.",
    optional=True,
    permissions=(
        "account:ListRegions",
        "iam:GetRequestAuthorizationDetails",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
        "sts:DecodeAuthorizationMessage",
        "sts:GetAccessKeyInfo",
    ),
)

ORGANIZATION = Feature(
    "organization",
    "Organization",
    "Finds the accounts of an organization. Needed in its management account, or in one that it delegates to.",
    optional=True,
    permissions=(
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
        "organizations:ListTagsForResource",
    ),
)

WITHOUT_TYPES = (DIAGNOSIS, ORGANIZATION)
"""Features that list no resources: no module of `resources/` names them."""

ON_REQUEST = (ORGANIZATION,)
"""Features of few accounts: in no policy unless somebody asks for them."""
