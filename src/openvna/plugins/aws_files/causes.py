"""Why a folder of saved answers cannot be read, or not wholly."""

from __future__ import annotations

from collections.abc import Mapping

from openvna.plugin import Cause, Confidence

_FOLDER, _FILES = "The folder", "Single files"
_SAVE = "Save it again: aws SERVICE COMMAND --output json > SERVICE-COMMAND.json, without paging options."


def _cause(id: str, title: str, meaning: str, known_by: str, remedy: str, group: str = _FILES) -> Cause:
    return Cause(id, title, meaning, known_by, Confidence.PROVEN, remedy, group)


CAUSES: Mapping[str, Cause] = {
    each.id: each
    for each in (
        _cause(
            "F-NO-FOLDER",
            "There is no such folder",
            "The folder does not exist or cannot be read.",
            "the file system of the machine that runs OpenVNA",
            "Correct the path, or let the user that runs OpenVNA read the folder.",
            _FOLDER,
        ),
        _cause(
            "F-NO-ANSWERS",
            "The folder holds no saved answers",
            "No file in the folder has the name of a known AWS command.",
            "the names of the files",
            "Name each file after its command, such as ec2-describe-vpcs.json.",
            _FOLDER,
        ),
        _cause(
            "F-NO-ACCOUNT",
            "The account is not known",
            "Neither the folders nor the content of the files say which account they are from.",
            "the names of the folders, and the owners and ARNs in the files",
            "Name the account in the settings, or put the files into a folder of its name: 111122223333/eu-west-1/.",
            _FOLDER,
        ),
        _cause(
            "F-NO-REGION",
            "The region is not known",
            "Neither the folders nor the content of the files say which region they are from.",
            "the names of the folders, and the zones and ARNs in the files",
            "Name the region in the settings, or put the files into a folder of its name.",
            _FOLDER,
        ),
        _cause(
            "F-TWICE",
            "One account and region twice",
            "Two parts of the folder are of the same account and region, so they contradict each other.",
            "the account and region of each part",
            "Keep the newer part, and take the other out.",
            _FOLDER,
        ),
        _cause(
            "F-UNREADABLE",
            "A file cannot be read",
            "A file cannot be read.",
            "the file system",
            "Let the user that runs OpenVNA read the file.",
        ),
        _cause("F-NOT-JSON", "A file is not JSON", "A file is not JSON.", "its content", _SAVE),
        _cause(
            "F-SHAPE",
            "A file is the answer of another command",
            "A file is JSON, but not the answer of the command that its name says.",
            "its members",
            _SAVE,
        ),
        _cause(
            "F-NO-ID",
            "A file is not named by what it is about",
            "A file of a command that takes an id is not named by that id, or the other way round.",
            "its name",
            "Put the id into the file's name, as the evidence shows.",
        ),
        _cause(
            "F-TRUNCATED",
            "A file is cut",
            "A file holds only the first part of what AWS had to say.",
            "a token for the next page at its end",
            _SAVE,
        ),
        _cause(
            "F-MISSING",
            "An answer was not saved",
            "The answer of a command was not saved, so that what it lists is unknown.",
            "the names of the files",
            "Save the answer of the command as well, then read the folder again.",
        ),
    )
}
"""Every cause by its id."""
