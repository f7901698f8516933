"""Causes that lie in an AWS organization, and in the filters that pick accounts from it."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INFERRED, PROVEN, REPORTED, Cause

ORGANIZATIONS = (
    Cause(
        "O-NOT-IN-USE",
        "The account is in no organization",
        "The account that the credential acts in belongs to no AWS organization, so there are no accounts to find.",
        "AWSOrganizationsNotInUseException",
        REPORTED,
        "Use a credential of the organization's management account or of a delegated administrator (or assume a role "
        "there first); for single accounts leave the organization out and name the accounts.",
    ),
    Cause(
        "O-NOT-ADMIN",
        "The account may not list the organization",
        "Only the management account and delegated administrators may list the accounts of an organization, whatever "
        "the policies of another account allow.",
        "Organizations denies the call and names no policy",
        INFERRED,
        "Use a credential of {management}, or assume a role there first. Or let {management} delegate it to account "
        "{account}: with this statement in the organization's delegation policy (aws organizations "
        "put-resource-policy), or by making it delegated administrator of a service (aws organizations "
        "register-delegated-administrator --account-id {account} --service-principal SERVICE).\n{statement}",
    ),
    Cause(
        "O-NOT-IN-ORG",
        "An account is not in the organization",
        "The settings name an account that the organization does not have: mistyped, or it has left.",
        "the list of the organization's accounts",
        PROVEN,
        "Correct {entry}, or take it out of the settings.{near} An account outside of the organization is read with a "
        "source of its own.",
    ),
    Cause(
        "O-NOT-ACTIVE",
        "An account is not active",
        "The settings name an account that is suspended, being closed or not yet activated: AWS lets nobody read it.",
        "the account's state in the organization",
        PROVEN,
        "Take {entry} out of the settings, or let the owner of the organization activate it again.",
    ),
    Cause(
        "O-OU-UNKNOWN",
        "There is no such organizational unit",
        "The settings name an organizational unit that the organization does not have: mistyped, renamed or deleted.",
        "the tree of the organization's units",
        PROVEN,
        "Correct {entry}.{near} Names and paths are case-sensitive; an id (ou-...) stays when a unit is renamed.",
    ),
    Cause(
        "O-OU-AMBIGUOUS",
        "Several organizational units have that name",
        "The settings name an organizational unit by a name that more than one of them has.",
        "the tree of the organization's units",
        PROVEN,
        "Name {entry} by its path or by its id; the evidence lists them.",
    ),
    Cause(
        "O-NO-MATCH",
        "No account fits a filter",
        "An organizational unit is empty, or no account has the tag. The tags are those of the accounts themselves: "
        "what their units are tagged with is not passed on.",
        "the accounts and their tags",
        PROVEN,
        "Correct {entry}, or take it out.{near} Tag keys and values are case-sensitive.",
    ),
    Cause(
        "O-EMPTY",
        "No account is left to read",
        "The organization can be listed, and none of its accounts fits the settings.",
        "the list of the organization's accounts, after the filters",
        PROVEN,
        "Widen what is included, or exclude less; the evidence says which filter left out which accounts.",
    ),
)
