"""The process that makes readers, as a process: in a program of its own, since one with threads cannot be copied."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

BEGIN = """
import json, os, signal, sys, threading, time
from openvna.collect.readers.crew import Readers
from openvna.collect.readers.messages import Discover
from openvna.collect.reading import PluginBroke
from openvna.model import NotFound

def load(plugin):
    if plugin == "threads":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    if plugin == "broken":
        raise AttributeError("module 'broken' has no attribute 'plugin'")
    raise NotFound(f"There is no plugin {plugin!r}.", "", "")

def end(reader):
    os.kill(reader.process, signal.SIGKILL)
    reader.wait(10)

def asked(reader):
    "Once it answers: that it has no such access."
    try:
        list(reader.stream(Discover(1)))
    except PluginBroke as error:
        return error.failure.message

def runs(process):
    try:
        return "State:\\tZ" not in open(f"/proc/{process}/status").read()
    except FileNotFoundError:
        return False

readers = Readers(1, load)
readers.start()
"""


def said(script: str) -> Any:
    """What a program that has readers prints."""
    command = [sys.executable, "-W", "error", "-c", BEGIN + textwrap.dedent(script)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_makes_another_one_in_the_place_of_one_that_was_killed_whatever_threads_there_are_by_then() -> None:
    answer = said("""
        first = readers.of("", "toy")
        end(first)
        assert threading.Thread(target=time.sleep, args=(30,), daemon=True).start() is None
        second = readers.of("", "toy")
        print(json.dumps([runs(first.process), runs(second.process), second.gone]))
    """)
    assert answer == [False, True, False]


def test_has_no_file_of_the_line_to_a_reader() -> None:
    """Neither it nor another reader: else one that dies is not missed by anybody."""
    answer = said("""
        first = readers.of("", "toy")
        asked(first)
        nursery = readers._nursery._process
        def sockets(process):
            files = f"/proc/{process}/fd"
            return sum(os.readlink(f"{files}/{each}").startswith("socket:") for each in os.listdir(files))
        print(json.dumps([sockets(nursery), sockets(first.process)]))
    """)
    assert answer == [1, 1]


def test_loads_a_plugin_once_for_all_its_readers_though_the_first_source_of_it_came_later() -> None:
    answer = said("""
        from openvna.collect.readers.messages import Open
        from openvna.model import SourceUnusable
        from pydantic import BaseModel

        class Settings(BaseModel):
            pass

        class Late:
            loaded_by = {}
            def __init__(self, name):
                self.loaded_by.setdefault(name, os.getpid())
            def spec(self):
                return None
            def open(self, config, keep):
                raise SourceUnusable(str(self.loaded_by["late"]), "", "")

        readers = Readers(1, Late)
        readers.start()
        try:
            readers.of("", "late").open(Open("late", Settings(), {}), lambda settings: None)
        except SourceUnusable as error:
            print(json.dumps([int(error.what) == readers._nursery._process, Late.loaded_by]))
    """)
    assert answer == [True, {}]


def test_ends_with_its_readers_when_it_is_closed() -> None:
    answer = said("""
        reader = readers.of("", "toy")
        processes = [readers._nursery._process, reader.process]
        before = [runs(each) for each in processes]
        readers.close(within=10)
        print(json.dumps([before, [runs(each) for each in processes], readers.of("", "toy"), readers.there]))
    """)
    assert answer == [[True, True], [False, False], None, False]


def test_kills_a_reader_that_does_not_end() -> None:
    answer = said("""
        reader = readers.of("", "toy")
        os.kill(reader.process, signal.SIGSTOP)
        readers.close(within=10)
        print(json.dumps(runs(reader.process)))
    """)
    assert answer is False


def test_is_not_copied_once_a_plugin_has_begun_threads_in_it() -> None:
    assert said("""print(json.dumps([readers.of("", "threads"), readers.there]))""") == [None, True]


def test_outlives_a_plugin_that_breaks_when_it_is_loaded() -> None:
    """Else all that others read ends with it, and nothing is read by a reader any more."""
    answer = said("""
        readers = Readers(2, load)
        readers.start()
        first, second = readers.of("4", "toy"), readers.of("1", "broken")
        print(json.dumps([first is not second, asked(first), asked(second), readers._nursery.gone]))
    """)
    assert answer == [True, "The plugin broke: KeyError: 1", "The plugin broke: KeyError: 1", False]


def test_makes_readers_that_the_system_kills_first_where_memory_ends() -> None:
    """They can be replaced; the process that keeps the store cannot."""
    answer = said("""
        def first_to_go(process):
            return int(open(f"/proc/{process}/oom_score_adj").read())
        reader = readers.of("", "toy")
        asked(reader)
        nursery = readers._nursery._process
        print(json.dumps([first_to_go(each) for each in ("self", nursery, reader.process)]))
    """)
    parent, nursery, reader = answer
    assert (nursery, reader) == (parent, min(parent + 300, 1000))


def test_makes_none_where_this_process_has_no_more_files_or_threads() -> None:
    answer = said("""
        import socket

        def refuses(*_):
            raise OSError(24, "Too many open files")

        def starts(thread):
            raise RuntimeError("can't start new thread")

        pair, start = socket.socketpair, threading.Thread.start
        socket.socketpair = refuses
        found = [readers.of("", "toy")]
        socket.socketpair, threading.Thread.start = pair, starts
        readers = Readers(1, load)
        readers.start()
        found.append(readers.of("", "toy"))
        threading.Thread.start = start
        nursery = readers._nursery._process
        children = open(f"/proc/{nursery}/task/{nursery}/children").read().split()
        print(json.dumps([*found, readers.there, children]))
    """)
    assert answer == [None, None, True, []], "what was made for nothing is gone, and no zombie of it is left"


def test_that_was_killed_is_missed_when_a_reader_is_wanted() -> None:
    answer = said("""
        os.kill(readers._nursery._process, signal.SIGKILL)
        print(json.dumps([readers.of("", "toy"), readers.there]))
    """)
    assert answer == [None, False]


def test_does_not_hear_what_its_parent_is_told() -> None:
    """A terminal tells Ctrl-C to all of them, a service manager SIGTERM: the parent ends them in order."""
    answer = said("""
        reader = readers.of("", "toy")
        processes = [readers._nursery._process, reader.process]
        for process in processes:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(process, number)
        print(json.dumps([asked(reader), [runs(each) for each in processes]]))
    """)
    assert answer == ["The plugin broke: KeyError: 1", [True, True]]
