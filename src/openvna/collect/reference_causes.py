"""What can be wrong with a reference to a secret, whatever the plugin."""

from __future__ import annotations

from openvna.plugin import Cause, Confidence


def _cause(id: str, title: str, meaning: str, known_by: str, remedy: str) -> Cause:
    return Cause(id, title, meaning, known_by, Confidence.PROVEN, remedy, "References to secrets")


CAUSES = {
    one.id: one
    for one in (
        _cause(
            "REF-FORM",
            "A reference is not whole",
            "A secret setting begins like a reference, but lacks a part of one.",
            "Its form.",
            "Write env:NAME, file:/path, vault:mount/path#field or awssm:secret-id; a secret that looks like one is "
            "entered with literal: before it.",
        ),
        _cause(
            "REF-OFF",
            "References of this kind are not switched on",
            "The server reads no such references before its administrator names what they may lead to.",
            "The settings OPENVNA_SECRET_ENV, _DIRS, _VAULT and _AWSSM.",
            "Ask the administrator, or enter the secret itself.",
        ),
        _cause(
            "REF-NOT-ALLOWED",
            "A reference is not allowed",
            "It leads to something that the administrator of the server has not allowed, or what it names would be "
            "sent to a place that they have not allowed.",
            "The settings OPENVNA_SECRET_ENV, _DIRS, _VAULT, _AWSSM and _DESTINATIONS.",
            "Name what is allowed, or ask the administrator to allow it.",
        ),
        _cause(
            "REF-ENV",
            "A variable is missing",
            "The environment of the server has no variable of that name.",
            "Looking it up.",
            "Set it where the server is started, and start it again.",
        ),
        _cause(
            "REF-FILE",
            "A file with a secret cannot be read",
            "It does not exist, the user of the server may not read it, or it is no regular file.",
            "What the system said when it was opened.",
            "Put the file there, and let the user of the server read it.",
        ),
        _cause(
            "REF-EMPTY",
            "A reference leads to no secret",
            "There is something, but it is empty or not text.",
            "What was read.",
            "Put the secret there, and nothing else.",
        ),
        _cause(
            "REF-VAULT",
            "Vault did not give the secret",
            "What OpenVNA needs to ask HashiCorp Vault is missing in its environment, or Vault is sealed or broken.",
            "VAULT_ADDR and the variables of the sign-in; Vault's answer.",
            "Set VAULT_ADDR and VAULT_TOKEN, VAULT_TOKEN_FILE or VAULT_ROLE_ID; look at `vault status`.",
        ),
        _cause(
            "REF-VAULT-UNREACHABLE",
            "Vault cannot be reached",
            "No answer came from the address in VAULT_ADDR.",
            "What the network said.",
            "Check VAULT_ADDR, VAULT_CACERT and the way there from the server.",
        ),
        _cause(
            "REF-VAULT-DENIED",
            "Vault refused",
            "The token or the AppRole is not good any more, or its policies do not let it read that secret.",
            "Vault's answer: HTTP 400, 401 or 403.",
            'A policy that allows it: path "mount/data/path" { capabilities = ["read"] }.',
        ),
        _cause(
            "REF-VAULT-MISSING",
            "Vault has no such secret",
            "There is none at that path, its newest version is deleted, or it has no such field.",
            "Vault's answer.",
            "Look with `vault kv get mount/path`, and correct the reference.",
        ),
        _cause(
            "REF-AWSSM",
            "AWS Secrets Manager did not give the secret",
            "The machine has no credential for it, AWS refused, or there is no such secret or member.",
            "AWS's answer.",
            "Allow secretsmanager:GetSecretValue on it to the role or user of this machine.",
        ),
    )
}
