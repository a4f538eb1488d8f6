"""What people read at the care desk, and that each number opens what it counts."""
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from care import PRICE, add_customer, add_product, pass_night
from deeds import number, today
from playwright.sync_api import expect

DAYS = 22  # more documents than one page of a story has
REGULAR = "Quán cà phê Bình Minh"
BEANS = "Beans of the sunrise"


@pytest.fixture
def agent(demo_site):
    return demo_site.desk("care_agent")


@pytest.fixture
def manager(demo_site):
    return demo_site.desk("care_manager")


def first_number(text: str) -> int:
    return int(re.search(r"\d+", text.replace(",", ""))[0])


# ---- dashboard ----------------------------------------------------------------------------------


def tile(desk, key: str):
    return desk.page.locator(f"[data-tile={key}]")


def open_dashboard(desk) -> None:
    desk.open("/odoo/care-dashboard")
    desk.page.wait_for_selector("[data-tile]")


@pytest.mark.parametrize("key", ["danger", "statuses", "health", "reactivated"])
def test_a_figure_opens_as_many_as_it_says(manager, key):  # CC-22
    open_dashboard(manager)
    figure = tile(manager, key).locator("button.fs-2")
    told = first_number(figure.inner_text())
    figure.click()
    manager.expect_records(told)
    assert not manager.errors


def test_a_cell_of_the_dashboard_opens_its_customers(manager):  # CC-22, CC-12
    open_dashboard(manager)
    cells = tile(manager, "rfm").locator("td button")
    counts = [int(number(text)) for text in cells.all_inner_texts()]
    assert len(counts) == 25
    cells.nth(counts.index(max(counts))).click()
    manager.expect_records(max(counts))


def test_a_bar_opens_its_customers(manager):  # CC-22
    open_dashboard(manager)
    canvas = tile(manager, "statuses").locator("canvas")
    canvas.scroll_into_view_if_needed()
    bar = canvas.evaluate("""node => {
        const chart = Chart.getChart(node), counts = chart.data.datasets[0].data;
        const count = Math.max(...counts), at = counts.indexOf(count);
        const { x, y } = chart.getDatasetMeta(0).data[at];
        return { x: x - 5, y, count, word: chart.data.labels[at] };
    }""")
    canvas.click(position={"x": bar["x"], "y": bar["y"]})
    manager.expect_records(bar["count"])
    expect(manager.page.locator(".o_breadcrumb")).to_contain_text(bar["word"])


def test_the_period_is_chosen_and_kept(manager):  # CC-22, CC-19
    open_dashboard(manager)
    span = manager.page.locator(".o_care_dashboard p.text-muted").first
    choice = manager.page.get_by_label("Period", exact=True)
    before = span.inner_text()
    choice.select_option("month")
    expect(span).to_have_text(re.compile(rf"^{today():%b} 1 – "))
    chosen = span.inner_text()
    manager.reload()
    expect(span).to_have_text(chosen)
    expect(choice).to_have_value("month")
    choice.select_option("last_12")
    expect(span).to_have_text(before)


# ---- the care record ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def regular(demo_site):
    """Somebody who bought on each of the last days, and wants an offer."""
    partner = add_customer(
        demo_site, REGULAR, add_product(demo_site, BEANS), *range(1, DAYS + 1))
    desk = demo_site.desk("care_manager")
    demo_site.desk("admin").call("sale.order", "create", [{"partner_id": partner}])
    pass_night(demo_site, "rfm", "health")
    return desk.find("care.customer", ["partner_id", "=", partner])


def open_record(desk, customer: int) -> None:
    desk.open(f"/odoo/care-customers/{customer}")
    desk.page.wait_for_selector(".o_care_timeline li")


def test_the_story_is_told_page_by_page_and_by_source(agent, regular):  # CC-1
    open_record(agent, regular)
    told = agent.page.locator(".o_care_timeline li")
    expect(told).to_have_count(20)
    agent.click("Show earlier")
    expect(told.filter(has_text="INV/")).to_have_count(DAYS)
    agent.page.locator(".o_care_timeline").get_by_role("button", name="Orders").click()
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Quotation")
    expect(agent.button("Show earlier")).to_have_count(0)
    agent.page.locator(".o_care_timeline").get_by_role("button", name="Invoices").click()
    expect(told).to_have_count(20)
    expect(told.first).to_contain_text("150,000")
    agent.click("Show earlier")
    expect(told).to_have_count(DAYS)
    expect(agent.button("Show earlier")).to_have_count(0)


def test_figures_and_products_are_what_was_bought(agent, regular):  # CC-1, CC-2
    open_record(agent, regular)
    assert number(agent.text("revenue_net")) == DAYS * PRICE
    assert number(agent.text("purchase_days")) == DAYS
    last = agent.read("care.customer", regular, "last_purchase")["last_purchase"]
    assert agent.text("silence_days") == str((today() - date.fromisoformat(last)).days)
    agent.tab("Products")
    row = agent.page.locator(".o_data_row").filter(has_text=BEANS)
    expect(row.locator("td[name=purchases]")).to_have_text(str(DAYS))
    assert number(row.locator("td[name=quantity]").inner_text()) == DAYS


def test_the_reasons_of_health_add_up(agent, regular):  # CC-13
    open_record(agent, regular)
    agent.tab("Health")
    reasons = agent.page.locator(".o_care_health_reasons")
    expect(reasons.locator("tfoot")).to_contain_text("Health by the figures")
    points = reasons.locator("tbody td:last-child").all_inner_texts()
    assert len(points) > 1
    total = number(reasons.locator("tfoot th").last.inner_text())
    assert sum(map(number, points)) == total == number(agent.text("health"))


def test_the_record_fits_a_telephone(agent, regular):  # CC-1
    with agent.telephone():
        open_record(agent, regular)
        for tab in ("Health", "Products"):
            agent.tab(tab)
            agent.settle()
            assert agent.page.evaluate("document.documentElement.scrollWidth") <= 390, tab
    assert not agent.errors


# ---- segments and churn -------------------------------------------------------------------------


def test_a_cell_of_the_grid_opens_its_customers(manager, regular):  # CC-12
    manager.open("/odoo/care-rfm")
    cells = manager.page.locator(".o_care_rfm_cell")
    expect(cells).to_have_count(25)
    counts = [int(number(text)) for text in cells.locator(".fs-4").all_inner_texts()]
    at = counts.index(max(counts))
    cells.nth(at).click()
    manager.expect_records(counts[at])
    manager.back()
    manager.click("As a table")
    row = manager.page.locator("[data-name=rows] tbody tr").nth(at)
    expect(row.locator("td").nth(3)).to_have_text(str(counts[at]))
    manager.click("As a picture")


def test_the_grid_is_used_by_keyboard(manager, regular):  # CC-12
    score = manager.read("care.customer", regular, "rfm_recency", "rfm_frequency")
    place = f"{score['rfm_recency']}{score['rfm_frequency']}"
    manager.open("/odoo/care-rfm")
    cell = manager.page.locator(f".o_care_rfm_cell[data-place='{place}']")
    count = int(number(cell.locator(".fs-4").inner_text()))
    manager.page.locator(".o_care_rfm_cell").first.focus()
    for _each in range(25):
        if manager.page.evaluate("document.activeElement.dataset.place") == place:
            break
        manager.page.keyboard.press("Tab")
    manager.page.keyboard.press("Enter")
    manager.expect_records(count)
    manager.search(REGULAR)
    expect(manager.page.locator(".o_data_row").first).to_contain_text(REGULAR)


def test_a_figure_of_churn_opens_its_customers(manager):  # CC-10, CC-19
    manager.open("/odoo/care-churn")
    months = manager.page.locator(".o_care_report table").last  # above it: how "Both" adds up
    rows = months.locator("tbody tr")
    titles = months.locator("thead th").all_inner_texts()
    lost = titles.index("Lost")
    row = rows.filter(has=manager.page.locator(f"td:nth-child({lost + 1}) button")).first
    told = [cell.inner_text() for cell in row.locator("td").all()]
    row.locator("td").nth(lost).locator("button").click()
    manager.expect_records(int(told[lost]))
    expect(manager.page.locator(".o_data_row td[name=event]").first).to_have_text("Lost")
    manager.back()
    row.locator("td").nth(titles.index("Active at the start")).locator("button").click()
    manager.expect_records(int(told[titles.index("Active at the start")]))
    manager.back()
    row.locator("td").first.locator("button").click()
    manager.page.wait_for_selector(".o_form_view")
    assert manager.text("lost").split()[0] == told[lost]


def test_a_cell_of_the_cohorts_opens_its_customers(manager):  # CC-10, CC-19
    manager.open("/odoo/care-cohorts")
    row = manager.page.locator(".o_care_heat tbody tr").nth(2)
    cell = row.locator("td button").last
    still, ever = map(int, re.findall(r"\d+", cell.get_attribute("title"))[:2])
    expect(row.locator("th")).to_contain_text(f"{ever} new")
    cell.click()
    manager.expect_records(still)
    assert not manager.errors


# ---- the forecast -------------------------------------------------------------------------------


def test_a_fit_on_demand_says_how_good_it_is(manager):  # CC-9
    before = manager.call("care.model", "search_count", [])
    manager.open("/odoo/care-forecast-model")
    manager.click("Fit now")
    manager.page.wait_for_selector(".o_form_view")
    expect(manager.status).not_to_have_text("Running")
    assert manager.call("care.model", "search_count", []) == before + 1
    [card] = manager.call(
        "care.model", "search_read", [], ["verdict", "state"], limit=1, order="id desc")
    assert card["state"] in ("used", "indicative", "refused")
    verdict = manager.page.locator(".o_form_sheet .alert:visible [name=verdict]")
    expect(verdict).to_have_text(card["verdict"])
    assert card["verdict"].endswith(".")
    expect(manager.field("chart").locator("canvas")).to_be_visible()


def test_the_curve_opens_its_cohort(manager):  # CC-9
    manager.open("/odoo/care-ltv-curve")
    manager.click("By quarter")
    row = manager.page.locator(".o_care_value_curve tbody tr").filter(has_text="Q").first
    told = int(number(row.locator("td").first.inner_text()))
    row.locator("th button").click()
    manager.expect_records(told)
    manager.back()
    manager.click("By year")
    expect(manager.page.locator(".o_care_value_curve tbody th").first).to_have_text(
        re.compile(r"^\d{4}"))
    assert not manager.errors


# ---- agreements and what keeping customers costs ------------------------------------------------


def test_an_agreement_is_made_renewed_and_ended(agent, regular):  # CC-10
    agent.open("/odoo/care-agreements/new")
    agent.choose("partner_id", REGULAR)
    agent.fill_day("date_start", today() - timedelta(days=400))
    agent.fill("monthly_amount", "1200000")
    agent.save()
    assert agent.text("date_end")  # a service contract lasts a year
    agent.click("Start")
    expect(agent.status).to_have_text("Running")
    first = agent.text("name")
    agent.click("Renew")
    expect(agent.status).to_have_text("Draft")
    second = agent.text("name")
    assert second != first
    agent.click("Start")
    expect(agent.status).to_have_text("Running")
    assert number(agent.text("monthly_amount")) == 1_200_000
    agent.click("End")
    agent.choose("reason_id", "Too expensive", agent.dialog)
    agent.fill_day("last_day", today() + timedelta(days=30), agent.dialog)
    expect(agent.dialog).to_contain_text("Notice: it runs until")
    agent.fill_day("last_day", today() - timedelta(days=2), agent.dialog)
    expect(agent.dialog).to_contain_text("It is lost as of")
    agent.click("End agreement", agent.dialog)
    expect(agent.status).to_have_text("Ended")
    expect(agent.page.locator(".alert").first).to_contain_text("was not renewed in time")
    assert agent.text("end_reason_id") == "Too expensive"
    before = agent.call("care.agreement", "search_read", [["name", "=", first]], ["state"])[0]
    assert before["state"] == "renewed"
    open_record(agent, regular)
    told = agent.page.locator(".o_care_timeline")
    told.get_by_role("button", name="Agreements").click()
    expect(told.locator("li").filter(has_text=second).first).to_be_visible()
    expect(told.locator("li").filter(has_text="INV/")).to_have_count(0)


@pytest.fixture
def extra_cost(demo_site):
    """A name for a cost; whatever bears it is gone afterwards."""
    yield "Lanterns for regular guests"
    desk = demo_site.desk("care_manager")
    desk.call("care.retention.cost", "unlink", desk.call(
        "care.retention.cost", "search", [["name", "=", "Lanterns for regular guests"]]))
    pass_night(demo_site, "cost")


def test_a_cost_by_hand_changes_the_figure_and_not_the_print(
        demo_site, manager, extra_cost):  # CC-11
    [month] = manager.call("care.cost.period", "search_read", [["grain", "=", "month"]], [
        "date_from", "date_to", "cost", "known_cost"], limit=1, order="date_from desc")
    manager.open("/odoo/care-retention-costs/new")
    manager.fill("name", extra_cost)
    manager.choose("category_id", "Loyalty")
    manager.fill("amount", "10000000")
    manager.fill("percent", "50")
    for name in ("date_from", "date_to"):
        manager.fill_day(name, date.fromisoformat(month[name]))
    manager.save()
    assert number(manager.text("amount_counted")) == 5_000_000
    pass_night(demo_site, "cost")
    manager.open(f"/odoo/care-retention-cost/{month['id']}")
    expect(manager.page.locator(".alert").filter(has_text="Correction")).to_contain_text("→")
    assert number(manager.text("cost")) == round(month["cost"])  # as printed
    known = manager.read("care.cost.period", month["id"], "known_cost")["known_cost"]
    assert round(known - month["known_cost"]) == 5_000_000


# ---- proposals ----------------------------------------------------------------------------------


def test_one_click_makes_an_opportunity_and_a_second_makes_none(
        demo_site, manager, agent):  # CC-16
    better = add_product(demo_site, "Twin boiler of the sunrise")
    template = manager.read("product.product", better, "product_tmpl_id")["product_tmpl_id"][0]
    simple = add_product(
        demo_site, "Single boiler of the sunrise", care_upsell_ids=[[6, 0, [template]]])
    partner = add_customer(demo_site, "Nhà máy Hoàng Hôn", simple, 1)
    manager.open("/odoo/care-bought-together")
    manager.hold_notices()
    manager.click("Count again")
    manager.expect_notice("being counted again")
    pass_night(demo_site, "products")

    desks = (agent, demo_site.desk("sales_manager"))
    for desk in desks:
        desk.open("/odoo/care-proposals")
        desk.search("Nhà máy Hoàng Hôn")
        row = desk.page.locator(".o_data_row").filter(has_text="Twin boiler")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Single boiler")
    first, late = desks
    take_up = ".o_data_row button[name=action_accept]"
    first.page.locator(take_up).click()
    first.page.wait_for_selector(".o_form_view")
    assert "Twin boiler of the sunrise" in first.text("name")
    late.hold_notices()
    late.page.locator(take_up).click()
    late.expect_notice("Taken up: 0 of 1.")
    deals = first.call("crm.lead", "search_read", [["partner_id", "=", partner]], ["description"])
    assert len(deals) == 1
    assert "bought Single boiler of the sunrise" in deals[0]["description"]


# ---- tags ---------------------------------------------------------------------------------------


@pytest.fixture
def tag(demo_site, regular):
    """A contact tag that no segment gives; the regular customer's segment gets its own back."""
    desk = demo_site.desk("care_manager")
    segment = desk.read("care.customer", regular, "rfm_segment_id")["rfm_segment_id"][0]
    before = desk.read("care.rfm.segment", segment, "category_id")["category_id"]
    [tag] = demo_site.desk("admin").call(
        "res.partner.category", "create", [{"name": "Sunrise club"}])
    yield SimpleNamespace(id=tag, segment=segment)
    desk.call("care.rfm.segment", "write", segment, {"category_id": before and before[0]})


def test_the_tag_of_a_segment_reaches_the_contact(demo_site, manager, regular, tag):  # CC-21
    partner = manager.read("care.customer", regular, "partner_id")["partner_id"][0]
    manager.open(f"/odoo/care-segments/{tag.segment}")
    manager.choose("category_id", "Sunrise club")
    manager.save()
    pass_night(demo_site, "tags")
    manager.open(f"/odoo/action-contacts.action_contacts/{partner}")
    expect(manager.field("category_id")).to_contain_text("Sunrise club")
    manager.call("care.rfm.segment", "write", tag.segment, {"category_id": False})
    pass_night(demo_site, "tags")
    manager.reload()
    expect(manager.field("name")).to_be_visible()
    expect(manager.field("category_id")).not_to_contain_text("Sunrise club")


def test_nothing_failed_behind_the_desk(demo_site, manager, agent):
    assert demo_site.faults() == []
    assert manager.errors == agent.errors == []
