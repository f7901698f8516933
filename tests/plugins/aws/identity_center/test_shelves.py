"""What a source's shelf gives of a sign-in that others renewed or entered meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.identity_center import Tokens
from openvna.plugins.aws.shelves import SourceShelf, with_tokens

CENTER = {"kind": "identity-center", "start_url": "https://d-1.awsapps.com/start", "sso_region": "eu-west-1"}
MINE = Tokens("my-own-access-token", 1_800_000_000.0, "my-own-refresh-token", None)
THEIRS = Tokens("access-token-of-a-colleague", 1_800_000_000.0, "refresh-token-of-a-colleague", None)


def settings(tokens: Tokens, **more: Any) -> AwsConfig:
    return with_tokens(AwsConfig.model_validate({"credential": CENTER, **more}), tokens)


@pytest.mark.parametrize(
    "way",
    [
        {"endpoint_url": "https://mine.example.net"},
        {"endpoint_urls": {"sso": "https://mine.example.net"}},
        {"proxy_url": "http://mine.example.net:3128"},
        {"ca_bundle": "/tmp/mine.pem"},
    ],
)
def test_a_sign_in_that_was_entered_for_another_way_is_not_sent_on_the_old_one(way: dict[str, Any]) -> None:
    """A collection goes on with the settings that it began with, while a colleague corrects them and signs in."""
    asked: list[BaseModel] = []

    def keep(mine: BaseModel) -> BaseModel:
        asked.append(mine)
        return settings(THEIRS)

    shelf = SourceShelf(settings(MINE, **way), keep)
    assert shelf.newer() is None
    assert shelf.newer() is None
    assert len(asked) == 1  # no more dealings with it
    other = SourceShelf(settings(MINE, **way), keep)
    assert other.put(MINE) is None


def test_one_that_was_renewed_by_others_is_taken_over() -> None:
    assert SourceShelf(settings(MINE), lambda _: settings(THEIRS)).newer() == THEIRS
