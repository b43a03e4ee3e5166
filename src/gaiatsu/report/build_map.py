"""Makes map/countries.json from the TopoJSON of world-atlas: `python -m gaiatsu.report.build_map countries-50m.json`.

Run by hand when the map data change; a report reads only the result. Source: world-atlas 2.0.2 (npm),
countries-50m.json, made from Natural Earth; see map/NOTICE.txt. The map is projected (Equal Earth: Savric, Patterson
& Jenny 2019, doi:10.1080/13658816.2018.1504949), thinned arc by arc, so that neighbours keep one common border, and
rounded to whole units of a 2,000-wide canvas.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

WIDTH = 2000
CENTRE = 11.0  # degrees east; the map is cut at 169° west, between Russia and Alaska
TOLERANCE = 0.6  # units of the canvas by which a thinned border may be off
SMALLEST_RING = 7.0  # square units; a country keeps its largest ring whatever its size
SMALL_COUNTRY = 60.0  # square units; below, the file also has a point to mark the country by
LEFT_OUT = {"010"}  # Antarctica

# ISO 3166-1 numeric codes, as in world-atlas, with the three-letter codes.
ISO3_NUMERIC = """
AFG004 ALB008 ATA010 DZA012 ASM016 AND020 AGO024 ATG028 AZE031 ARG032 AUS036 AUT040 BHS044 BHR048 BGD050 ARM051 BRB052
BEL056 BMU060 BTN064 BOL068 BIH070 BWA072 BRA076 BLZ084 IOT086 SLB090 VGB092 BRN096 BGR100 MMR104 BDI108 BLR112 KHM116
CMR120 CAN124 CPV132 CYM136 CAF140 LKA144 TCD148 CHL152 CHN156 TWN158 COL170 COM174 COG178 COD180 COK184 CRI188 HRV191
CUB192 CYP196 CZE203 BEN204 DNK208 DMA212 DOM214 ECU218 SLV222 GNQ226 ETH231 ERI232 EST233 FRO234 FLK238 SGS239 FJI242
FIN246 ALA248 FRA250 PYF258 ATF260 DJI262 GAB266 GEO268 GMB270 PSE275 DEU276 GHA288 KIR296 GRC300 GRL304 GRD308 GUM316
GTM320 GIN324 GUY328 HTI332 HMD334 VAT336 HND340 HKG344 HUN348 ISL352 IND356 IDN360 IRN364 IRQ368 IRL372 ISR376 ITA380
CIV384 JAM388 JPN392 KAZ398 JOR400 KEN404 PRK408 KOR410 KWT414 KGZ417 LAO418 LBN422 LSO426 LVA428 LBR430 LBY434 LIE438
LTU440 LUX442 MAC446 MDG450 MWI454 MYS458 MDV462 MLI466 MLT470 MRT478 MUS480 MEX484 MCO492 MNG496 MDA498 MNE499 MSR500
MAR504 MOZ508 OMN512 NAM516 NRU520 NPL524 NLD528 CUW531 ABW533 SXM534 NCL540 VUT548 NZL554 NIC558 NER562 NGA566 NIU570
NFK574 NOR578 MNP580 FSM583 MHL584 PLW585 PAK586 PAN591 PNG598 PRY600 PER604 PHL608 PCN612 POL616 PRT620 GNB624 TLS626
PRI630 QAT634 ROU642 RUS643 RWA646 BLM652 SHN654 KNA659 AIA660 LCA662 MAF663 SPM666 VCT670 SMR674 STP678 SAU682 SEN686
SRB688 SYC690 SLE694 SGP702 SVK703 VNM704 SVN705 SOM706 ZAF710 ZWE716 ESP724 SSD728 SDN729 ESH732 SUR740 SWZ748 SWE752
CHE756 SYR760 TJK762 THA764 TGO768 TON776 TTO780 ARE784 TUN788 TUR792 TKM795 TCA796 UGA800 UKR804 MKD807 EGY818 GBR826
GGY831 JEY832 IMN833 TZA834 USA840 VIR850 BFA854 URY858 UZB860 VEN862 WLF876 WSM882 YEM887 ZMB894
"""
ISO3 = {item[3:]: item[:3] for item in ISO3_NUMERIC.split()}


def equal_earth(degrees: Points) -> Points:
    """[points, longitude and latitude] → [points, x and y], y upwards, in radians of the sphere."""
    longitude, latitude = np.radians(degrees).T
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(latitude))
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    slope = 9 * a4 * theta**8 + 7 * a3 * theta**6 + 3 * a2 * theta**2 + a1
    x = 2 * np.sqrt(3) * longitude * np.cos(theta) / (3 * slope)
    y = a4 * theta**9 + a3 * theta**7 + a2 * theta**3 + a1 * theta
    return np.stack([x, y], axis=1)


def thin(points: Points, tolerance: float) -> Points:
    """Douglas and Peucker's thinning: no dropped point lies further than `tolerance` from the line kept."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        start, along, between = points[first], points[last] - points[first], points[first + 1 : last]
        length = np.hypot(*along)
        offset = between - start
        cross = np.abs(along[0] * offset[:, 1] - along[1] * offset[:, 0])
        distance = cross / length if length > 0 else np.hypot(*offset.T)
        furthest = int(distance.argmax())
        if distance[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return points[keep]


def area(ring: Points) -> float:
    """Area of a closed ring in square units."""
    x, y = ring.T
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2


def path(ring: Points) -> str:
    """A closed ring as SVG path data with relative whole steps."""
    whole = np.rint(ring).astype(int)
    steps = np.diff(whole[:-1], axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    moves = " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-")
    return f"M{whole[0, 0]} {whole[0, 1]}l{moves}z" if moves else ""


def arcs_on_canvas(topology: dict[str, Any]) -> tuple[list[Points], list[Points], float]:
    """The arcs of the file on the canvas, as they are and thinned; and the height of the canvas."""
    scale, translate = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    left = equal_earth(np.array([[-180.0, 0.0]]))[0, 0]
    top = equal_earth(np.array([[0.0, 84.0]]))[0, 1]
    bottom = equal_earth(np.array([[0.0, -56.5]]))[0, 1]
    unit = WIDTH / (-2 * left)
    full = []
    for arc in topology["arcs"]:
        degrees = np.cumsum(np.array(arc, dtype=float), axis=0) * scale + translate
        degrees[:, 0] = np.unwrap((degrees[:, 0] - CENTRE + 180) % 360 - 180, period=360)
        plane = equal_earth(degrees)
        full.append(np.stack([(plane[:, 0] - left) * unit, (top - plane[:, 1]) * unit], axis=1))
    return full, [thin(arc, TOLERANCE) for arc in full], float(np.rint((top - bottom) * unit))


def stitch(ring: list[int], arcs: list[Points]) -> Points:
    """One ring from its arcs (~k is arc k backwards)."""
    parts = [arcs[k] if k >= 0 else arcs[~k][::-1] for k in ring]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def country(geometry: dict[str, Any], full: list[Points], thinned: list[Points]) -> dict[str, Any]:
    """Name, path data and, for a small country, a point to mark it by."""
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    rings = [ring for polygon in polygons for ring in polygon]
    areas = [area(stitch(ring, full)) for ring in rings]
    largest = int(np.argmax(areas))
    drawn = [stitch(ring, thinned) for k, ring in enumerate(rings) if k == largest or areas[k] >= SMALLEST_RING]
    out: dict[str, Any] = {"name": geometry["properties"]["name"], "path": "".join(path(ring) for ring in drawn)}
    if areas[largest] < SMALL_COUNTRY:
        out["point"] = [int(v) for v in np.rint(stitch(rings[largest], full)[:-1].mean(axis=0))]
    return out


def build(topology: dict[str, Any]) -> dict[str, Any]:
    """The project's map: size of the canvas and one entry per country by ISO code (by name where it has none)."""
    full, thinned, height = arcs_on_canvas(topology)
    countries: dict[str, Any] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        numeric = geometry.get("id", "")
        if numeric in LEFT_OUT:
            continue
        entry = country(geometry, full, thinned)
        code = ISO3.get(numeric, entry["name"])
        countries.setdefault(code, entry)  # a second part of a country (Ashmore and Cartier) comes later and is tiny
    return {"width": WIDTH, "height": height, "countries": dict(sorted(countries.items()))}


def main(source: str) -> None:
    """Read the TopoJSON file `source` and write map/countries.json beside this module."""
    atlas = build(json.loads(Path(source).read_text(encoding="utf-8")))
    lines = [
        f"  {json.dumps(code)}: {json.dumps(entry, separators=(',', ':'))}"
        for code, entry in atlas["countries"].items()
    ]
    head = f'{{"width": {atlas["width"]}, "height": {atlas["height"]:.0f}, "countries": {{\n'
    target = Path(__file__).parent / "map" / "countries.json"
    target.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
