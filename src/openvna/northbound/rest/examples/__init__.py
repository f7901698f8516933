"""An example of every request and answer, made of the real rows so that it cannot have another shape."""

from openvna.northbound.rest.examples import collected, connecting
from openvna.northbound.rest.examples.base import Example

EXAMPLES: dict[str, Example] = {**connecting.EXAMPLES, **collected.EXAMPLES}

__all__ = ["EXAMPLES", "Example"]
