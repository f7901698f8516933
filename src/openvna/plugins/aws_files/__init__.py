"""The plugin `aws-files`: the resources of the AWS plugin, read from saved AWS CLI answers. No account needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import BaseModel

from openvna import __version__
from openvna.model import InvalidInput, SourceUnusable
from openvna.plugin import Cause, Denied, Keep, Session, Spec, Step, Stub, Verdict
from openvna.plugins.aws.names import named
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws_files import verification
from openvna.plugins.aws_files.causes import CAUSES
from openvna.plugins.aws_files.config import FilesConfig
from openvna.plugins.aws_files.folder import Unusable, placed, scan
from openvna.plugins.aws_files.session import FilesSession

__all__ = ["AwsFilesPlugin", "FilesConfig", "plugin"]


class AwsFilesPlugin:
    """Reads a folder of saved AWS CLI answers."""

    def spec(self) -> Spec:
        return Spec(
            name="aws-files",
            title="Saved AWS answers",
            version=__version__,
            description="A folder of saved AWS CLI answers: the network as it was when they were saved.",
            config=FilesConfig,
            types=tuple(declared.spec() for declared in TYPES.values()),
            repeats=False,
        )

    def verify(
        self, config: BaseModel, keep: Keep | None = None, again: Collection[Denied] = ()
    ) -> Iterator[Step | Verdict]:
        del keep, again  # a folder renews nothing, and nobody denies it
        return verification.verify(_settings(config))

    def open(self, config: BaseModel, keep: Keep | None = None) -> Session:
        """Look through the folder. Raises `SourceUnusable` where it holds nothing that can be placed."""
        del keep
        settings = _settings(config)
        try:
            return FilesSession(placed(scan(settings), settings))
        except Unusable as error:
            unusable = SourceUnusable(error.why, "", error.remedy)
            unusable.cause = error.cause
            raise unusable from error

    def causes(self) -> tuple[Cause, ...]:
        """The catalogue of causes."""
        return tuple(CAUSES.values())

    def explain(self, cause: str) -> Cause | None:
        """The entry of a cause; None for an id that is not in the catalogue."""
        return CAUSES.get(cause)

    def named(self, name: str) -> Stub:
        """What an ARN or a short id says, as the contract's `KnowsNames` says."""
        return named(name)

    def repair(self, config: BaseModel) -> BaseModel:
        """There is nothing to repair in a folder's name."""
        return config


def _settings(config: BaseModel) -> FilesConfig:
    if not isinstance(config, FilesConfig):
        raise InvalidInput(
            f"These are not the settings of a folder of saved answers: {type(config).__name__}.",
            "They belong to another plugin.",
            "Use the model that the plugin's spec names.",
        )
    return config


plugin = AwsFilesPlugin()
