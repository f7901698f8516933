"""Who runs a collection: enough to tell, later and from another process, whether they still live."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owner:
    """A process. `host` also tells apart boots of a machine and the containers on it, `started` the processes that
    had the same number one after the other (empty where the system does not say)."""

    host: str
    pid: int
    started: str

    def lives(self) -> bool | None:
        """Whether the process is there; None when that cannot be seen from here (another machine or container)."""
        if self.host != _host():
            return None
        if self.started:
            return _started(self.pid) == self.started
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def this_process() -> Owner:
    return _ourselves(os.getpid())


@lru_cache(maxsize=1)
def _ourselves(pid: int) -> Owner:
    """What never changes of a process; one that was forked off has another number."""
    return Owner(_host(), pid, _started(pid) or "")


@lru_cache
def _host() -> str:
    parts = [socket.gethostname()]
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.exists():
        parts.append(boot.read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def _started(pid: int) -> str | None:
    """The start of a process in clock ticks since boot: field 22 of `/proc/<pid>/stat` (proc(5)). None: no such one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses, which may hold anything.
    fields = text.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return None if state in ("Z", "X") else started
