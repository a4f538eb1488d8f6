"""What customers say, counted: a lot that burns, and figures that open what they count."""
import re

import pytest
from care import add_product
from deeds import number
from playwright.sync_api import expect

GRINDER, LOT = "Grinder of the monsoon", "MON-7"
MEASURES = "Lot stopped in the warehouse; buyers are called today."


@pytest.fixture
def manager(demo_site):
    return demo_site.desk("care_manager")


# ---- a lot with a defect ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grinder(demo_site):
    """Twelve customers complain about one lot, one of them of smoke; quiet again afterwards."""
    desk = demo_site.desk("care_manager")
    product = add_product(demo_site, GRINDER, care_owner_id=desk.me)
    people = desk.call("res.partner", "create", [
        {"name": f"Café of the monsoon {at}"} for at in range(12)])
    cases = demo_site.desk("care_agent").call("care.case", "create", [
        {"name": f"The grinder stops, {at}" if at != 7 else "Smoke from the grinder",
         "kind": "complaint", "channel": "email", "partner_id": person,
         "product_id": product, "lot_name": LOT} for at, person in enumerate(people)])  # fmt: skip
    yield product
    alerts = desk.call("care.alert", "search", [
        ["product_id", "=", product], ["state", "!=", "closed"]])
    desk.call("care.alert", "action_close", alerts)
    desk.call("care.case", "action_resolve", cases)


def test_twelve_complaints_of_a_lot_are_one_alert(manager, grinder):  # CC-17
    [alert] = manager.call("care.alert", "search_read", [["product_id", "=", grinder]], [
        "kind", "lot_name", "count", "owner_id", "pause"])
    assert (alert["kind"], alert["lot_name"], alert["count"]) == ("safety", LOT, 12)
    assert alert["owner_id"][0] == manager.me
    assert manager.call("mail.activity", "search_count", [
        ["res_model", "=", "care.alert"], ["res_id", "=", alert["id"]],
        ["user_id", "=", manager.me]]) == 1  # fmt: skip
    manager.open("/odoo/care-alerts")
    card = manager.page.locator(".o_kanban_record").filter(has_text=GRINDER)
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Voices: 12, customers: 12")
    expect(card).to_contain_text("Selling is paused")
    card.get_by_text(GRINDER).click()
    manager.page.wait_for_selector(".o_form_view")
    manager.page.locator("button[name=action_open_voices]").click()
    manager.expect_records(12)


def test_a_quotation_of_the_product_warns(demo_site, manager, grinder):  # CC-18
    seller = demo_site.desk("field")
    partner = manager.find("res.partner", ["name", "=", "Café of the monsoon 3"])
    [order] = seller.call("sale.order", "create", [{
        "partner_id": partner, "order_line": [[0, 0, {"product_id": grinder}]]}])
    seller.open(f"/odoo/sales/{order}")
    warning = seller.page.locator("[name=care_warning]").first
    expect(warning).to_contain_text("under alert")
    expect(warning).to_contain_text(LOT)


def test_the_owner_takes_measures(manager, grinder):  # CC-17
    alert = manager.find("care.alert", ["product_id", "=", grinder])
    manager.open(f"/odoo/care-alerts/{alert}")
    manager.page.locator("button[name=action_acknowledge]").click()
    expect(manager.status).to_contain_text("Seen")
    manager.fill("measures", MEASURES)
    manager.page.locator("button[name=action_act]:visible").first.click()
    expect(manager.page.locator("button[name=action_act]:visible")).to_have_count(0)
    told = manager.read("care.alert", alert, "state", "measures")
    assert told["state"] == "acted"
    assert MEASURES in told["measures"]


# ---- figures open what they count ---------------------------------------------------------------


def tile(desk, key: str):
    desk.open("/odoo/care-dashboard")
    desk.page.wait_for_selector("[data-tile]")
    return desk.page.locator(f"[data-tile={key}]")


def expect_shown(desk, count: int) -> None:
    """A list or a board has opened, and it holds so many records."""
    desk.page.wait_for_selector(".o_list_view, .o_kanban_view")
    expect(desk.page.locator(".o_control_panel .o_pager_limit")).to_have_text(str(count))


@pytest.mark.parametrize("key", ["open_cases", "alerts"])
def test_a_figure_of_service_opens_as_many_as_it_says(manager, grinder, key):  # CC-22
    figure = tile(manager, key).locator("button.fs-2")
    told = int(number(figure.inner_text()))
    figure.click()
    expect_shown(manager, told)


def test_the_first_replies_open_the_cases_answered(manager):  # CC-5, CC-22
    replies = tile(manager, "first_reply")
    told = int(re.search(r"(\d+) cases were answered", replies.inner_text())[1])
    replies.locator("button.fs-2").click()
    expect_shown(manager, told)


def test_first_contact_resolution_opens_both_sides(manager):  # CC-6, CC-22
    shown = tile(manager, "fcr")
    yes, all_counted = map(int, re.search(
        r"(\d+) of (\d+) cases resolved with one contact", shown.inner_text()).groups())
    assert abs(number(shown.locator("button.fs-2").inner_text().rstrip(" %"))
               - 100 * yes / all_counted) < 0.1  # fmt: skip
    shown.locator("button.fs-2").click()
    groups = manager.page.locator(".o_group_header")
    expect(groups).to_have_count(2)
    counts = [int(re.search(r"\((\d+)\)", text)[1]) for text in groups.all_inner_texts()]
    assert sum(counts) == all_counted
    assert yes in counts


@pytest.mark.parametrize("key", ["nps", "ces", "csat", "open_cases"])
def test_a_bar_of_service_opens_its_records(manager, key):  # CC-8, CC-22
    canvas = tile(manager, key).locator("canvas")
    canvas.scroll_into_view_if_needed()
    bar = canvas.evaluate("""node => {
        const chart = Chart.getChart(node), counts = chart.data.datasets[0].data;
        const count = Math.max(...counts), at = counts.indexOf(count);
        const { x, y } = chart.getDatasetMeta(0).data[at];
        return { x: x - 5, y, count };
    }""")
    canvas.click(position={"x": bar["x"], "y": bar["y"]})
    expect_shown(manager, bar["count"])


def test_nothing_failed_behind_the_voices(demo_site, manager):
    assert demo_site.faults() == []
    assert manager.errors == demo_site.desk("field").errors == []
