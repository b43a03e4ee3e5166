"""Worlds on disk: a zip of float32 .npy tables and one meta.json. Nothing in it can execute; same world, same bytes."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from gaiatsu.errors import DataError, DataMissing, OutputError, did_you_mean
from gaiatsu.world import checks
from gaiatsu.world.accounts import Accounts
from gaiatsu.world.world import World, labelled

FORMAT = "gaiatsu world 1"
SUFFIX = ".world"
MAX_BYTES = 1_000_000_000  # of the file and of what it unpacks to
MAX_META = 20_000_000
TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # the zip epoch: files carry no clock
TABLES = ("flows", "duty", "export_duty", "va_share", "input_mix")
# What a world may be loaded with ("2022+tourism") → module and function that add it.
ADDITIONS = {"tourism": ("gaiatsu.exposure.tourism", "with_tourism")}


def known_worlds() -> tuple[str, ...]:
    """Names of the worlds that come with the package."""
    folder = resources.files("gaiatsu.world").joinpath("data")
    return tuple(sorted(item.name[: -len(SUFFIX)] for item in folder.iterdir() if item.name.endswith(SUFFIX)))


def locate(name_or_path: str | Path) -> Path:
    """The file of an embedded world's name or of a path; DataMissing says which names are known."""
    text = str(name_or_path)
    if text in known_worlds():
        return Path(str(resources.files("gaiatsu.world").joinpath("data", text + SUFFIX)))
    path = Path(text)
    if path.is_file():
        return path
    if path.is_dir():
        raise DataMissing(f"{text!r} is a folder, not a world file")
    hint, known = did_you_mean(text, known_worlds()) or ".", ", ".join(known_worlds()) or "none"
    raise DataMissing(
        f"there is no world {text!r}{hint} Known worlds: {known};"
        " or give the path of a file written by World.save or `gaiatsu world build`"
    )


def load_with_additions(name_or_path: str | Path) -> World:
    """`load`, and what follows a plus sign added: "2022+tourism" is world 2022 with the spending of visitors in it."""
    name, plus, addition = str(name_or_path).rpartition("+")
    if not plus or Path(name_or_path).is_file():
        return load(name_or_path)
    if addition not in ADDITIONS:
        known = ", ".join(ADDITIONS)
        raise DataMissing(
            f"nothing called {addition!r} can be added to a world{did_you_mean(addition, ADDITIONS)} (known: {known})"
        )
    module, function = ADDITIONS[addition]
    added: World = getattr(importlib.import_module(module), function)(load_with_additions(name))
    return added


def load(name_or_path: str | Path) -> World:
    """Read a world; shares are renormalised in float64, and every check of `World.from_arrays` is made again."""
    path = locate(name_or_path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(f"{path} has {size} bytes; a world has at most {MAX_BYTES}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    return from_bytes(content, str(path))


def from_bytes(content: bytes, path: str) -> World:
    """A world from the bytes of its file; `path` is only what messages call it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            meta = _read_meta(archive)
            tables = _read_tables(archive, meta)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, TypeError, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        raise DataError(
            f"{path} is not a gaiatsu world, or it is truncated or damaged ({error}); write it again with World.save"
        ) from error
    return _assemble(path, meta, tables)


def _read_meta(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo("meta.json").file_size > MAX_META:
        raise ValueError("its meta.json is too large")
    meta = json.loads(archive.read("meta.json"))
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise ValueError(f"its meta.json is not of format {FORMAT!r}")
    return meta


def _read_tables(archive: zipfile.ZipFile, meta: dict[str, Any]) -> dict[str, np.ndarray]:
    """The tables, each refused before it is unpacked when its size is not that of the labels."""
    labels = checks.axis_labels(
        checks.check_labels("regions", meta["regions"]), checks.check_labels("sectors", meta["sectors"])
    )
    bilateral = tuple(len(labels[axis]) for axis in checks.BILATERAL)
    shapes = {"flows": bilateral, "duty": bilateral, "export_duty": bilateral}
    shapes["va_share"] = tuple(len(labels[axis]) for axis in checks.REGIONAL)
    shapes["input_mix"] = tuple(len(labels[axis]) for axis in checks.MIX)
    stored = {key: archive.getinfo(f"{key}.npy") for key in TABLES if f"{key}.npy" in archive.namelist()}
    if sum(info.file_size for info in stored.values()) > MAX_BYTES:
        raise ValueError("it unpacks to more than a gigabyte")
    tables = {}
    for key, info in stored.items():
        expected = int(np.prod(shapes[key])) * 8 + 1024
        if info.file_size > expected:
            raise ValueError(f"table {key} has {info.file_size} bytes, more than its labels allow")
        tables[key] = _read_table(key, archive.read(info), shapes[key])
    tables.setdefault("export_duty", np.zeros(bilateral))
    return tables


def _read_table(key: str, content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """One .npy table as float64; its header is checked before anything is allocated."""
    buffer = io.BytesIO(content)
    if np.lib.format.read_magic(buffer) != (1, 0):
        raise ValueError(f"table {key} is not of .npy version 1.0")
    found, columns_first, kind = np.lib.format.read_array_header_1_0(buffer)
    if found != shape or columns_first or kind.kind != "f":
        raise ValueError(f"table {key} is {kind} {found}, not numbers of shape {shape}")
    return np.frombuffer(content, dtype=kind, offset=buffer.tell()).reshape(shape).astype(np.float64)


def _assemble(path: str, meta: dict[str, Any], tables: dict[str, np.ndarray]) -> World:
    regions, sectors = tuple(meta["regions"]), tuple(meta["sectors"])
    labels = checks.axis_labels(regions, sectors)
    absent = [key for key in TABLES if key not in tables]
    if absent:
        raise DataError(f"{path} is not a complete world: table {absent[0]} is missing")
    try:
        plain = {
            "flows": checks.BILATERAL, "duty": checks.BILATERAL, "export_duty": checks.BILATERAL,
            "va_share": checks.REGIONAL, "input_mix": checks.MIX,
        }  # fmt: skip
        for key, axes in plain.items():
            checks.refuse(~np.isfinite(tables[key]), tables[key], axes, labels, f"{key} has cells that are not finite")
        accounts = checks.validated(Accounts(**tables), labels)
        world = labelled(
            accounts=accounts, regions=regions, sectors=sectors, region_names=meta["region_names"],
            sector_names=meta["sector_names"], goods=meta["goods"], name=meta["name"], year=meta["year"],
            provenance=dict(meta["provenance"]),
            region_parts=tuple(tuple(part) for part in meta["region_parts"]),
            sector_parts=tuple(tuple(part) for part in meta["sector_parts"]),
            definitions={key: tuple(members) for key, members in meta["groups"].items()},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path}: its meta.json is damaged ({error!r})") from error
    world.check()
    return world


def group_definitions(world: World) -> dict[str, tuple[str, ...]]:
    """Every group of a world as the source's country codes, whether or not they are regions of their own."""
    parts = dict(zip(world.regions, world.region_parts, strict=True))
    return {
        name: tuple(code for member in members for code in parts[member]) + world.absent.get(name, ())
        for name, members in world.groups.items()
    }


def meta_of(world: World) -> dict[str, Any]:
    """What stands in meta.json."""
    return {
        "format": FORMAT, "name": world.name, "year": world.year, "regions": list(world.regions),
        "sectors": list(world.sectors), "region_names": list(world.region_names),
        "sector_names": list(world.sector_names), "goods": list(world.goods),
        "region_parts": [list(part) for part in world.region_parts],
        "sector_parts": [list(part) for part in world.sector_parts],
        "groups": {key: list(members) for key, members in group_definitions(world).items()},
        "provenance": world.provenance,
    }  # fmt: skip


def to_bytes(world: World) -> bytes:
    """The file as bytes. Duties that are zero everywhere are left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        text = json.dumps(meta_of(world), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        _add(archive, "meta.json", text.encode("utf-8"))
        for key in TABLES:
            table = getattr(world.accounts, key)
            if key == "export_duty" and not table.any():
                continue
            single = io.BytesIO()
            np.lib.format.write_array(single, np.ascontiguousarray(table, dtype="<f4"), allow_pickle=False)
            _add(archive, f"{key}.npy", single.getvalue())
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=TIMESTAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, compresslevel=9)


def refuse_unwritable(path: Path) -> None:
    """OutputError when a world cannot be written there, before the work of making it."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"cannot write world {str(path)!r}: {error.strerror or error}") from error


def save(world: World, path: Path) -> Path:
    """Write a world beside its final place and rename; OutputError when it cannot be written."""
    content = to_bytes(world)
    temporary: str | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as handle:
            temporary = handle.name
            handle.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise OutputError(f"cannot write world {str(path)!r}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    return path
