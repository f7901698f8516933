"""Processes that read for this one.

Reading is what takes the time of a processor: what a source answers is parsed, made into resources and brought into the
form in which they are compared. So a few processes do that, and this one keeps the store. A process reads whole scopes,
and all scopes of an account are read by the same one, so that what a plugin knows of an account (its rate budgets, its
credentials, what was throttled) is in one place.

- `crew`: how many there are, and what becomes of the place of one that died
- `nursery`: the process that they are copies of
- `reader`: one of them, as this process sees it
- `process`: the same one from inside
- `packing`: what it packs of what it reads
- `messages`: what they say to each other
- `opened`: an access that is opened in them
"""

from openvna.collect.readers.crew import Readers
from openvna.collect.readers.opened import OpenedElsewhere

__all__ = ["OpenedElsewhere", "Readers"]
