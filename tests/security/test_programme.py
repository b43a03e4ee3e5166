"""Plans: what is named by year, figures that cannot be mixed, and faults told with their line or row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.security.plan_models import BasisModel, ByYearModel, FigureModel, ItemModel, PlanModel
from gaiatsu.security.programme import CSV_COLUMNS, REST, Amount, load_plan, plan_names
from originals import SECURITY
from script_loading import load_script

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_defence.py"

MODELS = (PlanModel, BasisModel, FigureModel, ItemModel, ByYearModel)
PLAN = """\
title: Two boats
unit: million crowns
years: [2030, 2032]
bases:
  contract: {title: Contracts, contains: all that is ordered}
  cash: {title: Cash, contains: all that is paid}
figures:
  - {name: Whole, amount: 12, basis: contract, years: [2030, 2032], whole: true}
  - {name: Paid, amount: 9, basis: cash, years: 2030, parts: {boats: 6, pay: 3}}
by_year:
  basis: contract
  amounts: {2030: 6}
items:
  - {name: Boats, cost: 6, basis: contract, paid: [2030, 2031], by_year: {2030: 4}, service: [2032, 2060]}
  - {name: Nets, cost: 3, basis: contract}
"""


def write(folder: Path, text: str, name: str = "boats.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_plan_of_japan() -> None:
    plan = load_plan("japan-2023-27")
    assert plan_names() == ("japan-2023-27",)
    assert [item.cost.value for item in plan.items] == [5, 3, 1, 1, 1, 6, 2, 9, 4, 4]
    assert plan.named() == Amount(36.0, "contract", "trillion yen")
    assert plan.total().value == 43.5
    known = plan.known()
    assert known is not None
    assert f"{known.value:.4f}" == "35.3473"
    assert f"{100 * (known / plan.total()):.1f}" == "81.3"
    totals = {figure.amount.basis: figure.amount.value for figure in plan.figures if figure.whole}
    assert totals == {"programme": 43.0, "contract": 43.5, "spending": 40.5}
    table = plan.schedule()
    assert table.sum(axis=1).tolist() == pytest.approx([9.0822, 9.4691, 8.5353, 8.2607, 43.5 - 35.3473])
    assert table.to_numpy().sum() == pytest.approx(43.5)
    assert table.at[2026, "Stand-off defence"] == 0.97
    assert (table[REST] > 0).all()


@pytest.mark.skipif(not SECURITY.is_dir(), reason="needs the raw figures beside the project")
def test_the_files_are_those_of_the_script() -> None:
    script = load_script(SCRIPT)
    for name, text in script.files(SECURITY).items():
        assert (script.DATA / name).read_text(encoding="utf-8") == text, name


def test_bases_and_units_are_never_mixed() -> None:
    contract, cash = Amount(43.5, "contract", "trn"), Amount(40.5, "spending", "trn")
    for operation in (lambda: contract + cash, lambda: contract - cash, lambda: contract / cash):
        with pytest.raises(DataError, match=r"different basis cannot be mixed: 43.5 trn \(contract\) and 40.5 trn"):
            operation()
    with pytest.raises(DataError, match="different unit"):
        contract + Amount(1.0, "contract", "bn")
    with pytest.raises(DataError, match="has no basis"):
        contract + 1.0  # type: ignore[operator]
    with pytest.raises(DataError, match="a share of nothing"):
        contract / Amount(0.0, "contract", "trn")
    assert (contract + contract * 0.5).value == 65.25
    assert (contract - contract * 0.2) / contract == pytest.approx(0.8)


def test_known_years_are_kept_and_the_rest_is_spread(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, PLAN))
    table = plan.schedule()
    assert table["Boats"].tolist() == [4, 2, 0]
    assert table["Nets"].tolist() == [1, 1, 1]
    assert table[REST].tolist() == [1, 1, 1]  # 12 less 6 of 2030, less what is named in the other two, in halves
    assert [item.assumed for item in plan.items] == [False, True]
    assert plan.in_service().to_numpy().tolist() == [["Boats", 2032, 2060]]


def test_a_plan_without_totals_is_its_items(tmp_path: Path) -> None:
    text = PLAN[: PLAN.index("figures")] + PLAN[PLAN.index("items") :]
    plan = load_plan(write(tmp_path, text))
    assert plan.named_share() == 1
    assert plan.known() is None
    table = plan.schedule()
    assert table["Boats"].tolist() == [4, 2, 0]
    np.testing.assert_array_equal(table[REST], 0)


def test_csv_holds_items_only(tmp_path: Path) -> None:
    rows = "item,cost,basis,unit,first,last,service_from\nBoats,6,contract,m,2030,2031,2032\nNets,3,contract,m,,,\n"
    plan = load_plan(write(tmp_path, rows, "boats.csv"))
    assert (plan.title, plan.unit, plan.first, plan.last) == ("boats", "m", 2030, 2031)
    assert plan.schedule()["Boats"].tolist() == [3, 3]
    assert plan.items[0].service == (2032, None)
    assert plan.items[1].assumed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cost: 3", "cost: -3", "boats.yaml:15 items[1].cost: -3 must be a number of at least 0"),
        ("cost: 3", "cots: 3", "boats.yaml:15 items[1].cots: unknown key; did you mean 'cost'"),
        ("cost: 3, ", "", "boats.yaml:15 items[1]: the key 'cost' is missing"),
        ("title: Two boats", "titel: Two boats", "unknown key; did you mean 'title'"),
        ("name: Nets, cost: 3, basis: contract", "name: Nets, cost: 3, basis: contrac", "did you mean 'contract'"),
        ("name: Nets, cost: 3, basis: contract", "name: Nets, cost: 3, basis: cash", "do not add up"),
        ("Nets, cost: 3, basis: contract", "Nets, cost: 3, basis: cash", "boats.yaml:15 items[1].basis: items and"),
        ("name: Nets", "name: Boats", "boats.yaml:15 items[1].name: the item 'Boats' is there twice"),
        ("name: Nets", "name: Not itemised", "boats.yaml:15 items[1].name: an item cannot be called 'Not itemised'"),
        ("name: Nets", "name: other named capabilities", "an item cannot be called"),
        ("name: Nets", "name: year", "an item cannot be called"),
        ("paid: [2030, 2031]", "paid: [2029, 2031]", "boats.yaml:14 items[0].paid: the item 'Boats' has 2029, a year"),
        ("years: [2030, 2032]\nbases", "years: 2030\nbases", "boats.yaml:14 items[0].paid: the item 'Boats' has 2031"),
        ("cost: 3", "cost: 30", "boats.yaml:8 figures[0].amount: the items cost 36 together, more than the whole plan"),
        ("amount: 12", "amount: 8.99", "boats.yaml:8 figures[0].amount: the items cost 9 together"),
        ("amount: 12", "amount: 0", "boats.yaml:8 figures[0].amount: the whole plan is 0"),
        ("{2030: 6}", "{2030: 6, 2040: 1}", "boats.yaml:12 by_year.amounts.2040: `by_year` has 2040"),
        ("paid: [2030, 2031]", "paid: [2031, 2030]", "ends before it begins"),
        ("by_year: {2030: 4}", "by_year: {2030: 8}", "more than its cost of 6"),
        ("by_year: {2030: 4}", "by_year: {2032: 4}", "outside `paid`"),
        ("boats: 6, pay: 3", "boats: 6, pay: 4", "its parts add up to 10, not to 9"),
        ("amounts: {2030: 6}", "amounts: {2030: 16}", "more than the whole plan"),
        ("amounts: {2030: 6}", "amounts: {2030: 4}", "boats.yaml:12 by_year.amounts.2030: items of 2030 cost 1 mill"),
        ("years: 2030, parts", "years: 2030, whole: true, parts", ""),
        ("2030, parts: {boats: 6, pay: 3}", "2030, whole: maybe", "figures[1].whole"),
        ("[2030, 2032]\nbases", "[2030, 2031, 2032]\nbases", "must be a year or [first, last]"),
        ("title: Two boats\n", "title: Two boats\ntitle: No boats\n", "boats.yaml:2: the key 'title' is written twice"),
    ],
)
def test_faults_of_a_file_are_told_with_their_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PLAN
    path = write(tmp_path, PLAN.replace(old, new, 1))
    if not said:
        assert load_plan(path).total().value == 12  # a whole on another basis is no total of the items
        return
    with pytest.raises(DataError) as caught:
        load_plan(path)
    assert said in str(caught.value)


HEAD = "item,cost,basis,unit,first,last\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,cost,basis,unit,first,lats\n", "row 1: unknown column 'lats'; did you mean 'last'"),
        ("item,cost,basis,unit,first\n", "row 1: the column 'last' is missing"),
        ("item,item,cost,basis,unit,first,last\n", "a column is named twice"),
        (HEAD, "has no items"),
        (HEAD + "A,1,contract,m,2030,2031\nB,x,contract,m,2030,2031\n", "row 3: 'x' is not a number"),
        (HEAD + "A,nan,contract,m,2030,2031\n", "row 2: cost: nan must be"),
        (HEAD + "A,1,contract,m,2030\n", "row 2: it does not have as many cells"),
        (HEAD + "A,1,contract,m,2030,\n", "row 2: `first` and `last` go together"),
        (HEAD + "A,1,contract,m,2031,2030\n", "row 2: paid: [2031, 2030] ends before it begins"),
        (HEAD + "A,1,contract,m,2030,2031\nB,1,contract,n,2030,2031\n", "`unit` must be the same"),
        (HEAD + "A,1,contract,m,2030,2031\nB,1,cash,m,2030,2031\n", "on different bases"),
        (HEAD + "A,1,contract,m,2030,2031\nA,1,contract,m,2030,2031\n", "row 3: the item 'A' is there twice"),
        (HEAD + "A,0,contract,m,2030,2031\n", "the whole plan is 0"),
        (HEAD + "A,1,contract,m,,\n", "no row has `first` and `last`"),
        (HEAD + 'A,1,contract,m,2030,"2031\n', "row"),
    ],
)
def test_faults_of_a_table_are_told_with_their_row(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text, "boats.csv")
    with pytest.raises(DataError) as caught:
        load_plan(path)
    assert said in str(caught.value)
    assert "boats.csv" in str(caught.value)


def test_files_that_are_not_there_or_no_plans(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="did you mean 'japan-2023-27'"):
        load_plan("japan-2023-28")
    with pytest.raises(DataMissing, match=r"there is no plan file .*none.yaml"):
        load_plan(tmp_path / "none.yaml")
    for wrong in (None, 5, b"x.yaml"):
        with pytest.raises(DataError, match="is neither the name of a plan nor the path of a file"):
            load_plan(wrong)  # type: ignore[arg-type]
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(DataError, match="is not a regular file"):
        load_plan(tmp_path / "folder.yaml")
    with pytest.raises(DataError, match="a plan is a mapping"):
        load_plan(write(tmp_path, "- 1\n"))
    with pytest.raises(DataError, match="too large for a plan"):
        load_plan(write(tmp_path, "#" * 300_000))
    (tmp_path / "latin.csv").write_bytes(b"item,cost\nB\xe4r,1\n")
    with pytest.raises(DataError, match="row 2: not UTF-8"):
        load_plan(tmp_path / "latin.csv")


def test_the_plan_on_the_page_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "defence-budget.md").read_text(encoding="utf-8")
    text = page.partition("```text\n")[2].partition("```")[0]
    plan = load_plan(write(tmp_path, text))
    assert plan.schedule().to_numpy().sum() == 12
    keys = {name for model in MODELS for name in model.model_fields}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
    assert [column for column in CSV_COLUMNS if f"`{column}`" not in page] == []
