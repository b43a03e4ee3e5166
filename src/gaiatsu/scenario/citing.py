"""How to cite gaiatsu, what it rests on, and the sources of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from gaiatsu.scenario.schema import Reference, Scenario


@dataclass(frozen=True)
class Work:
    """A work to cite: BibTeX type, key and fields, in order; `use` says what gaiatsu takes from it."""

    kind: str
    key: str
    use: str
    fields: dict[str, str]


SOFTWARE_TITLE = "gaiatsu: what tariffs, embargoes and trade agreements do to whom"
SOFTWARE_AUTHOR = "The gaiatsu maintainers"

WORKS = (
    Work(
        kind="article",
        key="timmer2015",
        use="the input-output table of the world wiod2014 (WIOD 2016 release, CC BY 4.0)",
        fields={
            "author": "Timmer, Marcel P. and Dietzenbacher, Erik and Los, Bart and Stehrer, Robert "
            "and de Vries, Gaaitzen J.",
            "title": "An Illustrated User Guide to the World Input-Output Database: "
            "the Case of Global Automotive Production",
            "journal": "Review of International Economics",
            "year": "2015",
            "volume": "23",
            "number": "3",
            "pages": "575--605",
            "doi": "10.1111/roie.12178",
        },
    ),
    Work(
        kind="article",
        key="felbermayr2022",
        use="the calibration of wiod2014, with its import duties; technology of the world 2022",
        fields={
            "author": 'Felbermayr, Gabriel and Gr{\\"o}schl, Jasmin and Heiland, Inga',
            "title": "Complex Europe: Quantifying the cost of disintegration",
            "journal": "Journal of International Economics",
            "year": "2022",
            "volume": "138",
            "pages": "103647",
        },
    ),
    Work(
        kind="misc",
        key="oecd2025",
        use="trade and output of the world 2022 (CC BY 4.0)",
        fields={
            "author": "{OECD}",
            "title": "Inter-Country Input-Output Tables, 2025 edition",
            "year": "2025",
            "url": "https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
        },
    ),
    Work(
        kind="techreport",
        key="teti2025",
        use="the duties of the world 2022, averages by sector",
        fields={
            "author": "Teti, Feodora",
            "title": "Missing Tariffs",
            "institution": "CEPR Discussion Paper",
            "number": "19851",
            "year": "2025",
            "url": "https://cepr.org/publications/DP19851",
        },
    ),
    Work(
        kind="misc",
        key="worldbank2024",
        use="gross domestic product of the world 2022 (CC BY 4.0)",
        fields={
            "author": "{World Bank}",
            "title": "World Development Indicators, NY.GDP.MKTP.CD",
            "year": "2024",
            "url": "https://data.worldbank.org/indicator/NY.GDP.MKTP.CD",
        },
    ),
    Work(
        kind="article",
        key="fontagne2022",
        use="the default trade elasticities",
        fields={
            "author": "Fontagn{\\'e}, Lionel and Guimbard, Houssein and Orefice, Gianluca",
            "title": "Tariff-based product-level trade elasticities",
            "journal": "Journal of International Economics",
            "year": "2022",
            "volume": "137",
            "pages": "103593",
        },
    ),
    Work(
        kind="article",
        key="caliendo2015",
        use="the model at the long horizon",
        fields={
            "author": "Caliendo, Lorenzo and Parro, Fernando",
            "title": "Estimates of the Trade and Welfare Effects of {NAFTA}",
            "journal": "The Review of Economic Studies",
            "year": "2015",
            "volume": "82",
            "number": "1",
            "pages": "1--44",
            "doi": "10.1093/restud/rdu035",
        },
    ),
    Work(
        kind="article",
        key="baqaee2024",
        use="the model at the shorter horizons",
        fields={
            "author": "Baqaee, David Rezza and Farhi, Emmanuel",
            "title": "Networks, Barriers, and Trade",
            "journal": "Econometrica",
            "year": "2024",
            "volume": "92",
            "number": "2",
            "pages": "505--541",
        },
    ),
    Work(
        kind="techreport",
        key="gaulier2010",
        use="trade in minerals, for critical inputs and back-tests (BACI, Etalab 2.0)",
        fields={
            "author": "Gaulier, Guillaume and Zignago, Soledad",
            "title": "{BACI}: International Trade Database at the Product-Level. The 1994-2007 Version",
            "institution": "CEPII Working Paper",
            "number": "2010-23",
            "year": "2010",
            "url": "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        },
    ),
    Work(
        kind="misc",
        key="jta2025",
        use="visitors to Japan and what they spend (Public Data License 1.0)",
        fields={
            "author": "{Japan National Tourism Organization} and {Japan Tourism Agency}",
            "title": "Visitor Arrivals; Consumption Trend Survey for Foreigners Visiting Japan",
            "year": "2026",
        },
    ),
    Work(
        kind="book",
        key="mattoo2020",
        use="provisions of trade agreements (CC BY 4.0)",
        fields={
            "author": "Mattoo, Aaditya and Rocha, Nadia and Ruta, Michele",
            "title": "Handbook of Deep Trade Agreements",
            "publisher": "World Bank",
            "year": "2020",
        },
    ),
    Work(
        kind="article",
        key="bailey2017",
        use="votes in the United Nations General Assembly (CC0 1.0)",
        fields={
            "author": "Bailey, Michael A. and Strezhnev, Anton and Voeten, Erik",
            "title": "Estimating Dynamic State Preferences from United Nations Voting Data",
            "journal": "Journal of Conflict Resolution",
            "volume": "61",
            "number": "2",
            "pages": "430--456",
            "year": "2017",
            "doi": "10.1177/0022002715595700",
        },
    ),
    Work(
        kind="misc",
        key="sipriarms2025",
        use="the few figures on suppliers of arms, derived by this project",
        fields={
            "author": "{Stockholm International Peace Research Institute}",
            "title": "SIPRI Arms Transfers Database",
            "year": "2025",
            "url": "https://www.sipri.org/databases/armstransfers",
        },
    ),
    Work(
        kind="techreport",
        key="clayton2025",
        use="the closed form beside leverage",
        fields={
            "author": "Clayton, Christopher and Maggiori, Matteo and Schreger, Jesse",
            "title": "A Theory of Economic Coercion and Fragmentation",
            "institution": "NBER Working Paper",
            "number": "33309",
            "year": "2025",
            "url": "https://www.nber.org/papers/w33309",
        },
    ),
    Work(
        kind="article",
        key="kleinman2024",
        use="first-order exposure, friends and enemies",
        fields={
            "author": "Kleinman, Benny and Liu, Ernest and Redding, Stephen J.",
            "title": "International Friends and Enemies",
            "journal": "American Economic Journal: Macroeconomics",
            "year": "2024",
            "volume": "16",
            "number": "4",
            "pages": "350--385",
            "doi": "10.1257/mac.20220223",
        },
    ),
    Work(
        kind="misc",
        key="bachmann2022",
        use="the cut of a critical input",
        fields={
            "author": 'Bachmann, R{\\"u}diger and Baqaee, David and Bayer, Christian and Kuhn, Moritz and '
            'L{\\"o}schel, Andreas and Moll, Benjamin and Peichl, Andreas and Pittel, Karen and Schularick, Moritz',
            "title": "What if? The Economic Effects for Germany of a Stop of Energy Imports from Russia",
            "year": "2022",
        },
    ),
)

_PLAIN = {'{\\"o}': "ö", '{\\"u}': "ü", "{BACI}": "BACI", "{\\'e}": "é", "{NAFTA}": "NAFTA", "--": "–"}


def as_text() -> list[str]:
    """The software and the works it rests on, a line each."""
    lines = [f"{SOFTWARE_AUTHOR}, {SOFTWARE_TITLE}, version {_version()}."]
    return lines + [f"For {work.use}: {_plain(work)}" for work in WORKS]


def as_bibtex() -> str:
    """The same as BibTeX entries."""
    software = Work(
        "software", "gaiatsu", "", {"author": f"{{{SOFTWARE_AUTHOR}}}", "title": SOFTWARE_TITLE, "version": _version()}
    )
    return "\n\n".join(_entry(work) for work in (software, *WORKS))


BEA = (
    "Bureau of Economic Analysis, input-output accounts, use of commodities by national defence, 2023; "
    "https://www.bea.gov/industry/input-output-accounts-data"
)


def sources_of(scenario: Scenario) -> list[str]:
    """The scenario's own sources, a line each: what each measure rests on, then each reference in full."""
    lines = [f"Measures of {scenario.name}:"]
    for number, measure in enumerate(scenario.measures, start=1):
        days = [f"{word} {day}" for word, day in (("from", measure.date), ("to", measure.until)) if day]
        said = [measure.note or measure.kind, measure.act, " ".join(days)]
        sources = f" [{', '.join(measure.source)}]" if measure.source else ""
        lines.append(f"  {number}. {', '.join(part for part in said if part)}{sources}")
    if scenario.references:
        lines.append("References:")
        lines += [f"  [{key}] {tell_reference(reference)}" for key, reference in scenario.references.items()]
    lines += _chapter_sources(scenario)
    lines += _elasticity_sources(scenario) + _multiplier_sources(scenario)
    if any(isinstance(getattr(measure, "mix", None), str) for measure in scenario.measures):
        lines.append(f"What a defence budget buys by sector: {BEA}")
    if any(measure.kind == "us-duties" for measure in scenario.measures):
        lines += ["Notice of the table of US duties:", *(f"  {line}".rstrip() for line in us_duties_notice())]
    return lines


def _chapter_sources(scenario: Scenario) -> list[str]:
    """What the sizes of the chapters of agreements were converted from."""
    from gaiatsu.scenario.agreement_chapters import chapters, sources

    sized = {
        name
        for measure in scenario.measures
        for name, size in (getattr(measure, "chapters", None) or {}).items()
        if isinstance(size, str)
    }
    found = {
        key for name in sized for rows in chapters()[name].sizes.values() for _, size in rows for key in size.sources
    }
    lines = [f"  [{key}] {text}; {address}" for key, (text, address, _) in sources().items() if key in found]
    return ["Sizes of the chapters, low, central and high, were converted from:", *lines] if lines else []


def _elasticity_sources(scenario: Scenario) -> list[str]:
    """The set of the headline and those that the range is drawn from, with where their numbers were read."""
    from gaiatsu.world.elasticities import elasticity_sets, set_name
    from gaiatsu.world.elasticity_draws import sets_drawn

    choice = scenario.elasticities
    central = set_name(choice.set)
    drawn = [set_name(word) for word in choice.range_over or sets_drawn()] if choice.draws else []
    lines = ["Trade elasticities: the set of the headline, then those that the range is drawn from."]
    for name in dict.fromkeys([central, *drawn]):
        facts = elasticity_sets()[name]
        doi = f", doi:{facts['doi']}" if facts["doi"] else ""
        lines.append(f"  [{name}] {facts['source']}{doi}; read in: {facts['seen']}")
    return lines


def _multiplier_sources(scenario: Scenario) -> list[str]:
    """What the default multiplier of a question about a budget rests on."""
    asked = scenario.security.budget if scenario.security else None
    if asked is None or asked.multiplier is not None:
        return []
    from gaiatsu.security.budget import multipliers

    table = multipliers()
    used = table[~table["use"].str.startswith("none")]
    lines = [f"  {row.who}: {row.source}, {row.address}; read in: {row.seen}" for row in used.itertuples()]
    return ["Multiplier of outlays, as far as the question leaves it to the program:", *lines]


def us_duties_notice() -> list[str]:
    """Source and licence of the table behind us-duties, a line each."""
    notice = resources.files("gaiatsu.scenario").joinpath("data", "NOTICE-us-duties.txt")
    return notice.read_text(encoding="utf-8").splitlines()


def tell_reference(reference: Reference) -> str:
    """A reference in one line."""
    published = reference.published.isoformat() if reference.published else None
    parts = (reference.title, published, reference.citation, reference.note, reference.address)
    return "; ".join(part for part in parts if part)


def _version() -> str:
    import gaiatsu

    return str(gaiatsu.__version__)


def _entry(work: Work) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in work.fields.items())
    return f"@{work.kind}{{{work.key},\n{fields}}}"


def _plain(work: Work) -> str:
    fields = dict(work.fields)
    number = f"({fields['number']})" if "number" in fields else ""
    if "journal" in fields:
        where = f", {fields['journal']} {fields['volume']}{number}, {fields['pages']}"
    else:
        where = f", {fields['institution']} {fields['number']}" if "institution" in fields else ""
        where += f", {fields['publisher']}" if "publisher" in fields else ""
    author = "; ".join(person.strip("{}") for person in fields["author"].split(" and "))
    text = f"{author} ({fields['year']}), {fields['title']}{where}"
    for written, plain in _PLAIN.items():
        text = text.replace(written, plain)
    if "url" in fields:
        return f"{text}, {fields['url']}."
    return text + (f", doi:{fields['doi']}." if "doi" in fields else ".")
