"""A process of its own that changes the key and kills itself at a chosen moment. Run as a script: URL, key file,
moment: `inside N` or `after N` (the Nth transaction that writes), `link`, `replace`, or `never`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openvna.store import load_vault, next_key, open_store, rotation


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    url, file, moment, *number = sys.argv[1:]
    store = open_store(url, load_vault(Path(file)))
    write = store._database.write
    count = 0

    @contextmanager
    def counted(**how: Any) -> Iterator[Any]:
        nonlocal count
        count += 1
        with write(**how) as connection:
            yield connection
            if moment == "inside" and count == int(number[0]):
                die()
        if moment == "after" and count == int(number[0]):
            die()

    store._database.write = counted  # type: ignore[method-assign]
    if moment == "link":
        rotation.to_disk = lambda _: None
        Path.replace = lambda *_: die()  # type: ignore[assignment, method-assign]
    if moment == "replace":
        rotation.to_disk = lambda _: die()
    with next_key(Path(file), keep_old=True) as following:
        store.keys.change(following.key_id)
    store.close()


if __name__ == "__main__":
    main()
