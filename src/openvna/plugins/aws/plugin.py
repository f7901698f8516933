"""The AWS plugin's door: the contract of `openvna.plugin`, each member importing what it needs when it is called."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, cast

from openvna import __version__
from openvna.plugins.aws.config import AwsConfig

if TYPE_CHECKING:
    from pydantic import BaseModel

    from openvna.model import JSON, Scope
    from openvna.plugin import Cause, Denied, Identity, Keep, Session, Spec, Step, Stub, Verdict
    from openvna.plugin.forecast import Demand, Known
    from openvna.plugin.onboarding import OnboardingPlan, Way
    from openvna.plugin.policy import Policy
    from openvna.plugin.sign_in import SignIn
    from openvna.plugins.aws.onboarding.options import AwsOnboarding


@functools.cache
def _spec() -> Spec:
    """Made once: what it is made of never changes, and every page of the admin UI asks for it."""
    from openvna.plugin import Spec
    from openvna.plugins.aws.types import FEATURES, TYPES

    return Spec(
        name="aws",
        title="Amazon Web Services",
        version=__version__,
        description="An AWS access: one or more accounts with a key, a profile, a role, or what the machine has.",
        config=AwsConfig,
        types=tuple(declared.spec() for declared in TYPES.values()),
        features=tuple(FEATURES.values()),
        look=("aws.ec2.network-interface", "aws.ec2.vpc"),
    )


class AwsPlugin:
    """Amazon Web Services."""

    def spec(self) -> Spec:
        """What this plugin is. No network, no files, no credentials."""
        return _spec()

    def verify(
        self, config: BaseModel, keep: Keep | None = None, again: Collection[Denied] = ()
    ) -> Iterator[Step | Verdict]:
        """Try the access step by step; the last item is the verdict."""
        from openvna.plugins.aws.diagnosis import verify

        return verify(cast(AwsConfig, config), keep=keep, again=again)

    def open(self, config: BaseModel, keep: Keep | None = None) -> Session:
        """Open the access. Raises `SourceUnusable` when there is nothing to try with."""
        from openvna.plugins.aws.session import AwsSession

        return AwsSession(cast(AwsConfig, config), keep=keep)

    def foretell(
        self, config: BaseModel, scopes: Iterable[tuple[Scope, Known]], types: Collection[str] | None = None
    ) -> Iterator[Demand]:
        """What a collection will ask, as the contract's `Foretells` says. No network."""
        from openvna.plugins.aws.demand import demands

        return demands(cast(AwsConfig, config), scopes, types)

    def begin_sign_in(self, config: BaseModel) -> SignIn:
        """Begin a sign-in at IAM Identity Center, as the contract's `SignsIn` says."""
        from openvna.plugins.aws.device_sign_in import DeviceSignIn

        return DeviceSignIn(cast(AwsConfig, config))

    def causes(self) -> tuple[Cause, ...]:
        """The catalogue of causes."""
        from openvna.plugins.aws.causes import ENTRIES

        return tuple(ENTRIES.values())

    def explain(self, cause: str) -> Cause | None:
        """The entry of a cause; None for an id that is not in the catalogue."""
        from openvna.plugins.aws.causes import ENTRIES

        return ENTRIES.get(cause)

    def repair(self, config: BaseModel) -> BaseModel:
        """The settings with what can be undone with certainty undone. No network."""
        from openvna.plugins.aws.keys import repaired

        return repaired(cast(AwsConfig, config))

    def named(self, name: str) -> Stub:
        """What an ARN or a short id says, as the contract's `KnowsNames` says."""
        from openvna.plugins.aws.names import named

        return named(name)

    def policy_formats(self) -> tuple[str, ...]:
        """The formats of `policy`."""
        from openvna.plugins.aws.policy_formats import FORMATS

        return FORMATS

    def policy(
        self,
        features: Collection[str] | None = None,
        without: Collection[str] = (),
        format: str = "json",
        short: bool = False,
        identity: str = "",
        partition: str = "",
    ) -> Policy:
        """The least-privilege policy of these features, as the contract's `GivesPolicy` says."""
        from openvna.plugins.aws.policy_formats import policy

        return policy(features, without, format, short, identity, partition)

    def onboarding_ways(self) -> tuple[Way, ...]:
        """The ways to connect, the best first."""
        from openvna.plugins.aws.onboarding.options import WAYS

        return WAYS

    def onboarding_options(self) -> type[BaseModel]:
        """How an access is set up."""
        from openvna.plugins.aws.onboarding.options import AwsOnboarding

        return AwsOnboarding

    def onboarding_identity(self, config: BaseModel) -> Identity:
        """Who the credential is. Raises `VerificationFailed`."""
        from openvna.plugins.aws.onboarding.identity import who

        return who(cast(AwsConfig, config))

    def onboarding_options_for(self, options: BaseModel, config: BaseModel) -> BaseModel:
        """The options with the partition of the settings, and with who takes the role."""
        from openvna.plugins.aws.onboarding.identity import completed

        return completed(cast("AwsOnboarding", options), cast(AwsConfig, config))

    def onboarding_plan(self, options: BaseModel, external_id: str) -> OnboardingPlan:
        """What is to be done to set the access up."""
        from openvna.plugins.aws.onboarding.plan import plan

        return plan(cast("AwsOnboarding", options), external_id)

    def onboarding_settings(self, options: BaseModel, external_id: str, answer: str) -> dict[str, JSON]:
        """The settings that come of it."""
        from openvna.plugins.aws.onboarding.plan import settings

        return settings(cast("AwsOnboarding", options), external_id, answer)
