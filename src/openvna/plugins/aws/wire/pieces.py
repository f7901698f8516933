"""The items of a long list in an XML answer, cut out of its bytes and read one by one.

A page of EC2 is two megabytes of the same few forms over and over. Cut into items, those that are as they were need
not be read at all; and of the others, each form (its tags, without the texts between them) is compiled once
(`item_forms.py`). It gives what `xml_answers.Readers` gives; whatever it does not know for certain is left to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from openvna.plugins.aws.api import Keeping
from openvna.plugins.aws.wire import xml_answers
from openvna.plugins.aws.wire.item_forms import Form, compiled
from openvna.plugins.aws.wire.models import Model

_LONGEST_FORM = 16_000
_ALL_FORMS = 2_000_000
"""Characters, of one form and of all that a reader keeps: a compiled form takes about six times as much memory, and as
long as twenty items of it take without. Security groups and route tables have as many forms as there are of them."""
_OFTEN = 500
"""Times that a form has come when a pattern is worth its price: the time that it saves in 400 items, and fifteen times
the memory of the form. Of the forms with as many tags only the one that came most often has one."""
_FORBIDDEN = [each for each in range(0x20) if each not in b"\t\n\r"]
_BLOCK = 1 << 18
"""Bytes that stay close to the processor while they are looked through several times."""
_OTHER_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"'](?!utf-8)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer, where what is in a list of it begins and ends, and the rest of it. What is in the list may be
    megabytes: it is never copied as a whole."""

    body: bytes
    start: int
    end: int
    rest: bytes

    @property
    def inside(self) -> memoryview:
        return memoryview(self.body)[self.start : self.end]

    @property
    def empty(self) -> bool:
        return self.body.find(b"<", self.start, self.end) < 0 and not self.body[self.start : self.end].strip()

    def cut(self, item_tag: str) -> list[bytes] | None:
        """As `cut` of what is in the list."""
        return cut(self.body, item_tag, self.start, self.end)


def opened(body: bytes, list_tag: str) -> Opened | None:
    """Take out what is in the first list of that tag; None where that is not certain to be right."""
    opening, closing = b"<%s>" % list_tag.encode(), b"</%s>" % list_tag.encode()
    start, end = body.find(opening) + len(opening), body.rfind(closing)
    # A comment could hold anything. One byte is looked for ten times as fast as two.
    commented = b"!" in body and b"<!" in body
    if start < len(opening) or end < start or commented or _OTHER_ENCODING.match(body):
        return None
    return Opened(body, start, end, body[:start] + body[end:])


def cut(text: bytes, item_tag: str, start: int = 0, end: int | None = None) -> list[bytes] | None:
    """The insides of the items of a list, which is all of `text` between two places; None where they cannot be told
    apart.

    Where the items are indented, it goes by that. Of a list that is written in some other way, the first piece that
    is no item then is no XML either.
    """
    end = len(text) if end is None else end
    first, last = text.find(b"<", start, end), text.rfind(b">", start, end) + 1
    if first < 0:
        return None if text[start:end].strip() else []
    if _not_xml(text):
        return None
    tag = item_tag.encode()
    opening, closing = b"<%s>" % tag, b"</%s>" % tag
    indent = text[start:first]
    around = (indent + text[max(last, first) : end]).strip()
    if around or not (text.startswith(opening, first) and text.endswith(closing, first, last)):
        return None
    if not indent:
        return _by_depth(text, tag, first, last)
    # Lists in lists are indented further, so that only the items of this one have just this between them.
    between = closing + indent + opening
    found: list[bytes] = []
    place, last = first + len(opening), last - len(closing)
    while (mark := text.find(between, place, last)) >= 0:
        found.append(text[place:mark])
        place = mark + len(between)
    found.append(text[place:last])
    return found


def _not_xml(text: bytes) -> bool:
    """Whether a character in it is one that XML forbids: the parser says so, a compiled form would not. Each is looked
    for by itself, block by block: that is several times as fast as one pattern for all of them."""
    for start in range(0, len(text), _BLOCK):
        if any(text.find(each, start, start + _BLOCK) >= 0 for each in _FORBIDDEN):
            return True
    return b"\xef" in text and (b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text)


def _by_depth(text: bytes, tag: bytes, first: int, last: int) -> list[bytes] | None:
    """The items by counting their tags; None where there is something else between them."""
    found: list[bytes] = []
    depth, start, end = 0, first, first
    for mark in re.compile(rb"<(/?)%s>" % re.escape(tag)).finditer(text, first, last):
        if not mark[1]:
            if depth == 0:
                if text[end : mark.start()].strip():
                    return None
                start = mark.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                found.append(text[start : mark.start()])
                end = mark.end()
            elif depth < 0:
                return None
    return None if depth or text[end:last].strip() else found


class ItemReader:
    """Reads the insides of items of one shape. Safe to use from several threads."""

    def __init__(self, model: Model, shape: str) -> None:
        self._shapes = model.shapes
        self._shape = shape
        self._read = xml_answers.Readers(model).of(shape)
        self._kept: Keeping | None = None
        self._built: dict[str, Form | None] = {}
        self._likely: dict[int, Form] = {}
        self._room = _ALL_FORMS
        self._others: dict[Keeping, ItemReader] = {}

    def keeping(self, kept: Keeping | None) -> ItemReader:
        """The reader that makes the document too, for as long as it is read by a compiled form."""
        if kept is None:
            return self
        found = self._others.get(kept)
        if found is None:
            found = copy(self)
            found._kept, found._built, found._likely, found._room = kept, {}, {}, _ALL_FORMS
            found = self._others.setdefault(kept, found)
        return found

    def __call__(self, items: Iterable[bytes]) -> list[dict[str, Any]]:
        """Raises `etree.XMLSyntaxError`, and `UnicodeDecodeError` for what is not UTF-8."""
        found: list[dict[str, Any]] = []
        form: Form | None = None
        before: Form | None = None
        run: Form | None = None  # the form of the last two, which is nearly always that of the next one too
        for item in items:
            text = item.decode()
            if "&" in text or "\r" in text or ("]" in text and "]]>" in text):
                found.append(self._slowly(item))
                continue
            texts = run.match(text) if run is not None else None
            if texts is None:
                form = self._likely.get(text.count("<"))
                texts = form.match(text) if form is not None else None
                run = form if texts is not None and form is before else None
                before = form
            if form is None or texts is None:
                found.append(self._by_form(item, text, form))
                continue
            form.times += 1
            found.append(form.build(*texts.groups()))
        return found

    def _by_form(self, item: bytes, text: str, likely: Form | None) -> dict[str, Any]:
        """An item that has not the form that is likely for as many tags."""
        parts = text.replace(">", "<").split("<")
        count = text.count("<")
        if len(parts) != 2 * count + 1:
            return self._slowly(item)
        tags = "<".join(parts[1::2])
        if tags not in self._built:
            # The first of its form is read slowly: many forms come only once.
            if len(tags) <= _LONGEST_FORM and self._room >= len(tags):
                self._room -= len(tags)
                self._built[tags] = _ONCE
            return self._slowly(item)
        form = self._built[tags]
        if form is _ONCE:
            form = self._built[tags] = compiled(tags, self._shapes, self._shape, self._kept)
        if form is None:
            return self._slowly(item)
        form.times += 1
        if form.times >= _OFTEN and (likely is None or likely.times < form.times):
            self._likely[count] = form
        return form.build(*form.texts(parts))

    def _slowly(self, item: bytes) -> dict[str, Any]:
        found: dict[str, Any] = self._read(etree.fromstring(b"<item>%s</item>" % item, xml_answers.parser()))
        return found


_ONCE = Form("", (), dict, list)
"""The mark of a form that came once so far."""
