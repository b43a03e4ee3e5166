"""World: labelled, closed accounts of all regions and sectors, before anyone acts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gaiatsu.errors import DataError, ScenarioError
from gaiatsu.world import checks, codes
from gaiatsu.world.accounts import Accounts, Array

if TYPE_CHECKING:
    import pandas

DEFAULT_WORLD = "2022"
RegionMapping = Mapping[str, "str | Sequence[str]"]


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """What there is before anyone acts. Money is US$ million of `year`.

    regions, sectors: codes, the labels of every array; region_names, sector_names: plain names; goods: per sector,
    goods or service; groups: group → the member regions present; absent: group → members that are no region of this
    world (folded into another one); region_parts, sector_parts: the source's codes each label holds (more than one
    after aggregation); provenance: source, licence, repairs.
    """

    name: str
    year: int
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    region_names: tuple[str, ...]
    sector_names: tuple[str, ...]
    accounts: Accounts
    goods: tuple[bool, ...]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    absent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region_parts: tuple[tuple[str, ...], ...] = ()
    sector_parts: tuple[tuple[str, ...], ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------ building
    @classmethod
    def from_arrays(
        cls, *, regions: Sequence[str], sectors: Sequence[str], flows: Any, duty: Any, va_share: Any, input_mix: Any,
        export_duty: Any = None, final_use: Any = None, region_names: Sequence[str] | None = None,
        sector_names: Sequence[str] | None = None, goods: Sequence[bool] | None = None, name: str = "custom",
        year: int = 0, provenance: Mapping[str, Any] | None = None,
    ) -> World:  # fmt: skip
        """A world from your own numbers: plain arrays, or xarray DataArrays, which are aligned by label.

        flows, duty, export_duty: [importer, exporter, sector], US$ million at basic prices and ad valorem rates;
        va_share: [region, sector], in [0, 1]; input_mix: [region, input, user], each user's column sums to one.
        Final use is what is left; given as final_use [region, sector] it is only compared with that.

        Raises DataError naming up to five cells (NaN or infinite, negative flow, duty ≤ −1 or on home trade, va_share
        outside [0, 1], columns that do not sum to one within 1e-6, final use below −1e-9 of the region's output, a
        region without income, wrong shapes, labels that are repeated or differ) and BalanceError for final_use.
        """
        labels = checks.axis_labels(checks.check_labels("regions", regions), checks.check_labels("sectors", sectors))
        flow_table = checks.as_array("flows", flows, checks.BILATERAL, labels)
        raw = Accounts(
            flows=flow_table,
            duty=checks.as_array("duty", duty, checks.BILATERAL, labels),
            export_duty=np.zeros_like(flow_table)
            if export_duty is None
            else checks.as_array("export_duty", export_duty, checks.BILATERAL, labels),
            va_share=checks.as_array("va_share", va_share, checks.REGIONAL, labels),
            input_mix=checks.as_array("input_mix", input_mix, checks.MIX, labels),
        )
        accounts = checks.validated(raw, labels)
        if final_use is not None:
            table = checks.as_array("final_use", final_use, checks.REGIONAL, labels)
            checks.check_final_use(accounts, table, labels)
        world = labelled(
            accounts=accounts, regions=labels["region"], sectors=labels["sector"], region_names=region_names,
            sector_names=sector_names, goods=goods, name=name, year=year, provenance=dict(provenance or {}),
        )  # fmt: skip
        world.check()
        return world

    @classmethod
    def load(cls, name_or_path: str | Path = DEFAULT_WORLD) -> World:
        """An embedded world by name, or a file written by `save` or by the builder; "2022+tourism" with an addition.

        Raises DataMissing (with the known names) when there is none, DataError when the file is not a world.
        """
        from gaiatsu.world import storage

        return storage.load_with_additions(name_or_path)

    def save(self, path: str | Path) -> Path:
        """Write the world (shares and flows as float32); same world, same bytes. Returns the path."""
        from gaiatsu.world import storage

        return storage.save(self, Path(path))

    # ------------------------------------------------------------------------------------------------ reading
    def check(self) -> dict[str, float]:
        """The largest gaps of the identities over world output; BalanceError names the cells above 1e-9."""
        return checks.balance_gaps(self.accounts, checks.axis_labels(self.regions, self.sectors))

    @property
    def output(self) -> pandas.Series:
        """Output at basic prices, US$ million, indexed (region, sector)."""
        return self._series(self.accounts.output, "output")

    @property
    def value_added(self) -> pandas.Series:
        """Value added, US$ million, indexed (region, sector)."""
        return self._series(self.accounts.value_added, "value_added")

    def _series(self, table: Array, name: str) -> pandas.Series:
        import pandas

        index = pandas.MultiIndex.from_product([self.regions, self.sectors], names=["region", "sector"])
        series = pandas.Series(table.ravel(), index=index, name=name)
        series.attrs["unit"] = "US$ million"
        return series

    @property
    def fingerprint(self) -> str:
        """SHA-256 of labels and float64 accounts: the same on every machine for the same numbers."""
        digest = hashlib.sha256("\x1f".join((self.name, str(self.year), *self.regions, *self.sectors)).encode())
        tables = self.accounts
        for table in (tables.flows, tables.duty, tables.export_duty, tables.va_share, tables.input_mix):
            digest.update(np.ascontiguousarray(table, dtype="<f8").tobytes())
        return digest.hexdigest()

    def region_indices(self, names: codes.Names) -> NDArray[np.int64]:
        """Positions of regions by ISO3 code, plain name, group or "all", sorted and unique.

        Raises ScenarioError for an unknown name, with the nearest known ones, and for a group with no member here.
        """
        lookup = codes.region_lookup(self.regions, self.region_names)
        found: list[int] = []
        for word in codes.as_list(names, "region"):
            folded = codes.fold(word)
            group = codes.GROUP_ALIASES.get(folded, folded)
            known = {codes.fold(key): key for key in self.groups}
            if folded in lookup:
                found.append(lookup[folded])
            elif folded == "all":
                found.extend(range(len(self.regions)))
            elif group in known:
                found.extend(self._group_positions(known[group]))
            else:
                raise codes.unknown_region(
                    word, self.name, self.regions, self.region_names, self.region_parts, self.groups
                )
        return codes.indices(found)

    def _group_positions(self, group: str) -> list[int]:
        members = self.groups[group]
        if not members:
            folded = ", ".join(self.absent.get(group, ()))
            raise ScenarioError(
                f"no member of group {group!r} is a region of world {self.name!r}: {folded} are inside other regions"
            )
        return [self.regions.index(member) for member in members]

    def sector_indices(self, names: codes.Names) -> NDArray[np.int64]:
        """Positions of sectors by code, ISIC code or range, plain name, "goods", "services" or "all"; sorted, unique.

        An ISIC code resolves to every sector that holds part of it ("C28" to "C28,C33"). Raises ScenarioError.
        """
        found: list[int] = []
        for word in codes.as_list(names, "sector"):
            folded = codes.fold(word)
            matches = codes.sector_matches(word, self.sectors, self.sector_names, self.sector_parts)
            if not matches and folded in ("all", "goods", "services"):
                wanted = {"all": (True, False), "goods": (True,), "services": (False,)}[folded]
                matches = [index for index, goods in enumerate(self.goods) if goods in wanted]
                if not matches:
                    raise ScenarioError(f"world {self.name!r} has no {folded} sectors")
            if not matches:
                raise codes.unknown_sector(word, self.name, self.sectors, self.sector_names)
            found.extend(matches)
        return codes.indices(found)

    def missing_members(self, group: str) -> tuple[str, ...]:
        """Members of a group (ISO3) that are no region of this world: they are folded into other regions."""
        key = codes.GROUP_ALIASES.get(codes.fold(group), codes.fold(group))
        known = {codes.fold(name): name for name in self.groups}
        if key not in known:
            raise codes.unknown_region(group, self.name, (), (), (), self.groups)
        return self.absent.get(known[key], ())

    # ------------------------------------------------------------------------------------------------ changing
    def with_groups(self, mapping: Mapping[str, codes.Names]) -> World:
        """The same world with more groups: name → regions (codes, plain names, other groups).

        Raises ScenarioError for an empty group, an unknown member or a name that is a region, a group or "all".
        """
        taken = set(codes.region_lookup(self.regions, self.region_names)) | {"all"}
        groups, absent = dict(self.groups), dict(self.absent)
        for name, members in mapping.items():
            folded = codes.fold(name) if isinstance(name, str) else ""
            if not folded:
                raise ScenarioError(f"{name!r} is not a name for a group")
            if folded in taken or (folded in codes.country_words()):
                raise ScenarioError(f"group {name!r} has the name of a region; choose another name")
            if folded in {codes.fold(key) for key in self.groups} | set(codes.GROUP_ALIASES):
                raise ScenarioError(f"group {name!r} exists already in world {self.name!r}; choose another name")
            groups[name] = tuple(self.regions[index] for index in self.region_indices(members))
            absent[name] = ()
        return replace(self, groups=groups, absent=absent)

    def replace_accounts(self, accounts: Accounts, name: str | None = None) -> World:
        """The same labels with other numbers, validated as in `from_arrays`."""
        labels = checks.axis_labels(self.regions, self.sectors)
        tables = {
            "flows": checks.BILATERAL, "duty": checks.BILATERAL, "export_duty": checks.BILATERAL,
            "va_share": checks.REGIONAL, "input_mix": checks.MIX,
        }  # fmt: skip
        plain = {key: checks.as_array(key, getattr(accounts, key), axes, labels) for key, axes in tables.items()}
        world = replace(self, accounts=checks.validated(Accounts(**plain), labels), name=name or self.name)
        world.check()
        return world

    def aggregate(self, regions: RegionMapping | None = None, sectors: RegionMapping | None = None) -> World:
        """Fewer regions and sectors: new code → old ones (codes, names, groups); what is not listed stays itself.

        Flows, output and value added add up exactly; duties are trade-weighted. See gaiatsu.world.aggregate.
        """
        from gaiatsu.world.aggregate import aggregate

        return aggregate(self, regions, sectors)

    def summary(self) -> dict[str, Any]:
        """What a person should know of this world (plain data). See gaiatsu.world.describe."""
        from gaiatsu.world.describe import summary

        return summary(self)


def standard_groups(
    definitions: Mapping[str, Sequence[str]], regions: Sequence[str], parts: Sequence[tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Groups → member regions, and groups → members that are no region, for a world's regions."""
    groups, absent = {}, {}
    taken = {codes.fold(region) for region in regions}
    for name, members in definitions.items():
        if codes.fold(name) in taken:
            continue  # a region of that name, made by aggregation, speaks for the group
        present, missing = codes.group_members(members, parts)
        groups[name] = tuple(regions[index] for index in present)
        absent[name] = missing
    return groups, absent


def labelled(
    *, accounts: Accounts, regions: tuple[str, ...], sectors: tuple[str, ...], name: str, year: int,
    provenance: dict[str, Any], region_names: Sequence[str] | None = None, sector_names: Sequence[str] | None = None,
    goods: Sequence[bool] | None = None, region_parts: tuple[tuple[str, ...], ...] | None = None,
    sector_parts: tuple[tuple[str, ...], ...] | None = None,
    definitions: Mapping[str, Sequence[str]] | None = None,
) -> World:  # fmt: skip
    """A world around accounts that are already validated, with names, kinds and groups filled in."""
    region_parts = region_parts or tuple((codes.country_code(label) or label,) for label in regions)
    sector_parts = sector_parts or tuple((code,) for code in sectors)
    names = tuple(map(str, region_names)) if region_names is not None else tuple(map(codes.country_name, regions))
    titles = tuple(map(str, sector_names)) if sector_names is not None else sectors
    if goods is None:
        goods = [codes.is_goods(part, title) for part, title in zip(sector_parts, titles, strict=False)]
    lengths = {"region_names": (names, regions), "sector_names": (titles, sectors), "goods": (goods, sectors)}
    for what, (given, wanted) in lengths.items():
        if len(given) != len(wanted):
            raise DataError(f"{what} has {len(given)} entries for {len(wanted)} labels")
    if definitions is None:
        definitions = {key: group.members for key, group in codes.GROUPS.items()}
    groups, absent = standard_groups(definitions, regions, region_parts)
    return World(
        name=str(name), year=int(year), regions=regions, sectors=sectors, region_names=names, sector_names=titles,
        accounts=accounts, goods=tuple(bool(item) for item in goods), groups=groups, absent=absent,
        region_parts=region_parts, sector_parts=sector_parts, provenance=provenance,
    )  # fmt: skip
