"""Plain, bounded YAML: text to dicts and lists, with the line of every key and item.

Only what a scenario needs is accepted: one document of mappings, lists, words, numbers and dates. Anchors, aliases,
tags and directives are refused, so a small file cannot grow into a large one nor name Python objects. Words follow
YAML 1.2: `on`, `yes` and `no` are words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000

Path = tuple[str | int, ...]


class PlainYamlError(Exception):
    """The text is not plain YAML; `line` (from 1) says where, when known."""

    def __init__(self, message: str, line: int | None = None):
        super().__init__(message)
        self.line = line


@dataclass
class _Open:
    """A mapping or list whose end has not been read yet."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


@dataclass
class _Reader:
    """Builds plain values from YAML events; `lines` maps the path of each key and item to its line, from 1."""

    yaml: YAML
    lines: dict[Path, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    nodes: int = 0
    documents: int = 0
    root: Any = None

    def feed(self, event: Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self._start_document(event, line)
        elif isinstance(event, DocumentEndEvent) and event.explicit:
            return
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, NodeEvent):
            self._node(event, line)

    def _start_document(self, event: DocumentStartEvent, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            raise PlainYamlError("a second document starts here; a scenario file holds one", line)
        if event.version or event.tags:
            raise PlainYamlError("%YAML and %TAG directives are not accepted: remove the line", line)

    def _node(self, event: NodeEvent, line: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise PlainYamlError(f"more than {MAX_NODES} values: too large for a scenario", line)
        if isinstance(event, AliasEvent) or event.anchor:
            raise PlainYamlError(f"anchors (&) and aliases (*) are not accepted ({event.anchor!r}): write it out", line)
        if getattr(event, "ctag", None):
            raise PlainYamlError(f"tags are not accepted ({event.ctag}): write plain values", line)  # type: ignore[attr-defined]
        if isinstance(event, ScalarEvent):
            self._scalar(event, line)
            return
        if len(self.stack) >= MAX_DEPTH:
            raise PlainYamlError(f"nested deeper than {MAX_DEPTH} levels", line)
        container: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        path = self._place(container, line)
        assert isinstance(event, MappingStartEvent | SequenceStartEvent)
        self.stack.append(_Open(container, path))

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event.value, line)
        else:
            self._place(self._construct(event, line), line)

    def _key(self, top: _Open, key: str, line: int) -> None:
        assert isinstance(top.value, dict)
        if key in top.value:
            first = self.lines.get((*top.path, key), 0)
            raise PlainYamlError(f"the key {key!r} is written twice (first on line {first})", line)
        top.key = key
        self.lines[(*top.path, key)] = line

    def _construct(self, event: ScalarEvent, line: int) -> Any:
        tag = self.yaml.resolver.resolve(ScalarNode, event.value, event.implicit)
        node = ScalarNode(tag, event.value, start_mark=event.start_mark, end_mark=event.end_mark)
        try:
            return self.yaml.constructor.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise PlainYamlError(f"cannot read {event.value[:40]!r}: {error}", line) from error

    def _place(self, value: Any, line: int) -> Path:
        """Put a value where it belongs in the innermost open mapping or list; returns its path."""
        if not self.stack:
            self.root = value
            self.lines[()] = line
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            path: Path = (*top.path, len(top.value))
            top.value.append(value)
            self.lines[path] = line
            return path
        if top.key is None:
            raise PlainYamlError("a key must be a word, not a list or a mapping", line)
        path = (*top.path, top.key)
        top.value[top.key] = value
        top.key = None
        return path


def read_plain_yaml(content: bytes) -> tuple[Any, dict[Path, int]]:
    """Values and lines (from 1) of a YAML document in UTF-8; raises PlainYamlError."""
    if len(content) > MAX_BYTES:
        raise PlainYamlError(f"larger than {MAX_BYTES // 1024} kB: too large for a scenario")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PlainYamlError(f"not UTF-8 text (byte {content[error.start]:#04x}): save it as UTF-8", line) from error
    yaml = YAML(typ="safe", pure=True)
    reader = _Reader(yaml)
    try:
        for event in yaml.parse(text):
            reader.feed(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise PlainYamlError(f"not YAML: {said}", mark.line + 1 if mark else None) from error
    except (YAMLError, RecursionError) as error:
        raise PlainYamlError(
            f"not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}"
        ) from error
    return reader.root, reader.lines
