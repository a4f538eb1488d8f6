"""The loop turned once: marketing → sales → service → marketing (the story of SPEC.md).

Told in order, in a real browser, each step by the person whose job it is. The mail really leaves,
the link in it is really clicked, and what happens in between is done by the scheduled actions.
"""
import time
from itertools import product

import pytest
from colours import READABLE, contrast, parse
from deeds import enter_lead, number
from mailbox_reader import READING, hit, links
from playwright.sync_api import expect

LEAD = "Espresso bar at Hotel Sông Hương"
ADDRESS = "linh.tran@songhuong.example"
LATER = "Beans for the office, some day"
LATER_ADDRESS = "an.vo@officepark.example"


pytestmark = pytest.mark.usefixtures("told_in_order")


def open_lead(desk, name: str) -> None:
    desk.open("/odoo/action-crm.crm_lead_all_leads")
    desk.search(name)
    desk.open_row(name)


def open_deal(desk, name: str, wait: bool = False) -> None:
    desk.open("/odoo/action-crm.crm_lead_opportunities")
    desk.switch_view("list")
    if wait:
        desk.until(lambda: desk.sees(name), f"the deal {name}")
    desk.open_row(name)


# ---- marketing ----------------------------------------------------------------------------------


def test_manager_starts_presets_in_three_clicks(company):  # LN-42
    desk = company.desk("marketing_manager")
    for name in ("Welcome new leads", "Recycle: not now"):
        desk.open("/odoo/action-lead_nurture.nurture_scenario_action")
        desk.click("From a preset")
        desk.click("Use this", desk.page.get_by_label(name, exact=True))
        desk.click("Start")
        desk.click("Ok", desk.dialog)
        expect(desk.status).to_have_text("Running")


def test_not_now_leads_into_the_recycle_scenario(company):  # LN-25, LN-42, ALL-3
    desk = company.desk("marketing_manager")
    desk.open("/odoo/action-crm.crm_lost_reason_action")
    row = desk.page.locator(".o_data_row").filter(has_text="Not now")
    expect(row.locator("td[name='nurture_scenario_id']")).to_contain_text("Recycle")


def test_manager_calls_our_own_site_a_key_page(company):  # LN-11, LN-14, ALL-3
    desk = company.desk("marketing_manager")
    desk.open("/odoo/action-lead_nurture.nurture_score_model_action")
    desk.open_row("Two days and a key page")
    desk.click("Change the rules")
    expect(desk.status).to_have_text("Draft")
    desk.page.locator(".o_nurture_rule").get_by_text("Looked at a key page").click()
    desk.fill("url_pattern", "/pricing\nmekongcoffee.example", desk.dialog)
    desk.click("Save", desk.dialog)
    expect(desk.page.locator(".modal-dialog")).to_have_count(0)
    desk.click("Publish")
    desk.click("Ok", desk.dialog)
    expect(desk.status).to_have_text("Active")


def test_a_lead_comes_in(company):
    enter_lead(company.desk("inside"), LEAD, "Trần Mỹ Linh", ADDRESS)


def test_it_gets_the_welcome_mail(mail, story):  # LN-33, LN-45
    welcome = mail.box.wait_for(ADDRESS)
    story.link = next(link for link in links(welcome) if "/n/c/" in link)
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ADDRESS not in story.link


def test_the_mail_reads_well_on_each_screen(company, mail):  # LN-42
    """A telephone and a desk, light and dark."""
    content = mail.box.wait_for(ADDRESS).get_body(preferencelist=("html",)).get_content()
    for scheme, width in product(("light", "dark"), (390, 900)):
        screen = company.chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        screen.route("**/n/**", lambda route: route.abort())  # nobody has opened it yet
        page = screen.new_page()
        page.set_content(content)
        ground = parse(colour_of(page, "body", "backgroundColor"))
        assert (sum(ground) > 384) == (scheme == "light")
        for text in page.locator(".o_nurture_ink, .o_nurture_small").all():
            ink = parse(text.evaluate("node => getComputedStyle(node).color"))
            assert contrast(ink, ground) >= READABLE, (scheme, width, text.inner_text())
        button = parse(colour_of(page, "a[href*='/n/c/']", "color"))
        plate = parse(colour_of(page, "td:has(> a[href*='/n/c/'])", "backgroundColor"))
        assert contrast(button, plate) >= READABLE
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        screen.close()


def colour_of(page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate(f"node => getComputedStyle(node).{name}")


def test_a_scanner_looks_first_and_does_not_count(company, story):  # LN-3
    assert hit(story.link, "HEAD") in (200, 302)
    forged = story.link[:-1] + ("1" if story.link.endswith("0") else "0")
    assert hit(forged, "GET") == 404  # a forged link leads nowhere
    desk = company.desk("marketer")
    open_lead(desk, LEAD)
    desk.tab("Interest")
    expect(desk.page.locator(".o_nurture_explanation")).not_to_contain_text("Looked at")


def test_the_person_clicks(story):  # LN-2
    time.sleep(READING)
    assert hit(story.link, "GET") == 302


def test_the_score_crosses_the_threshold_and_explains_itself(company):  # LN-13, LN-15
    desk = company.desk("marketer")
    open_deal(desk, LEAD, wait=True)
    desk.until(lambda: desk.text("nurture_band") in ("Warm", "Hot"), "a warm person")
    desk.tab("Interest")
    card = desk.page.locator(".o_nurture_explanation")
    expect(card).to_contain_text("Looked at a key page")
    rows = card.locator("tbody tr:not(.fw-bold) td.text-end").all_inner_texts()
    total = number(card.locator("tfoot td.text-end").inner_text())
    assert sum(map(number, rows)) == total > 0
    assert total == number(desk.text("nurture_score"))


# ---- sales --------------------------------------------------------------------------------------


def test_sales_got_the_dossier(company):  # LN-24
    desk = company.desk("field")
    open_deal(desk, LEAD)
    dossier = desk.page.locator(".o-mail-Message").filter(has_text="worth a call").first
    expect(dossier).to_contain_text("Looked at a key page")
    expect(dossier).to_contain_text("+35")


def test_salesperson_accepts_the_hand_off(company):  # SA-8
    desk = company.desk("field")
    desk.open("/odoo/action-sales_automation.sales_handoff_action")
    desk.until(lambda: desk.sees(LEAD), "the hand-off in the inbox")
    open_deal(desk, LEAD)
    desk.click("Accept")
    expect(desk.page.get_by_text("Hand-off accepted by")).to_be_visible()
    expect(desk.button("Accept")).to_be_hidden()


def test_quotation_order_invoice(company, story):
    desk = company.desk("field")
    open_deal(desk, LEAD)
    desk.click("New Quotation")
    desk.page.wait_for_selector(".o_field_widget[name='order_line']")
    desk.page.get_by_text("Add a product").click()
    line = desk.field("product_template_id")
    line.locator("input").fill("Home grinder G12")
    desk.suggestion("Home grinder G12").click()
    desk.save()
    desk.click("Confirm")
    expect(desk.status).to_have_text("Sales Order")
    desk.click("Create Invoice")
    desk.click("Create Draft", desk.dialog)
    desk.page.wait_for_selector(".o_field_widget[name='invoice_line_ids']")
    desk.click("Confirm")
    expect(desk.status).to_have_text("Posted")
    story.untaxed = number(
        desk.page.locator(".oe_subtotal_footer [name='Untaxed Amount'], .o_tax_group_amount_value")
        .first.inner_text()
    )


# ---- service ------------------------------------------------------------------------------------


def test_the_customer_shows_purchase_value_and_status(company, story):  # CC-1, CC-9, CC-12
    desk = company.desk("care_agent")
    desk.open("/odoo/action-customer_care.care_customer_action")
    desk.until(lambda: desk.sees("Trần Mỹ Linh"), "the new customer")
    desk.open_row("Trần Mỹ Linh")
    desk.until(lambda: number(desk.text("purchase_days")) == 1, "the purchase")
    assert number(desk.text("revenue_net")) == story.untaxed > 0
    assert desk.text("status") == "New"


# ---- back to marketing --------------------------------------------------------------------------


def test_a_second_lead_is_not_ready(company, mail):  # SA-10
    enter_lead(company.desk("inside"), LATER, "Võ Hoài An", LATER_ADDRESS)
    mail.box.wait_for(LATER_ADDRESS)
    desk = company.desk("field")
    open_lead(desk, LATER)
    desk.click("Convert to Opportunity")
    desk.click("Create Opportunity", desk.dialog)
    expect(desk.button("Not Now")).to_be_visible()
    desk.click("Not Now")
    desk.click("Not Now", desk.dialog)
    expect(desk.page.get_by_text("this deal comes back on")).to_be_visible()


def test_it_comes_back_into_nurture_with_its_history(company):  # LN-25
    desk = company.desk("marketer")
    desk.open("/odoo/action-lead_nurture.nurture_enrolment_action")
    recycled = desk.page.locator(".o_data_row").filter(has_text="Recycle")
    desk.until(lambda: recycled.filter(has_text="Hoài An").count() == 1, "the recycled person")
    desk.open("/odoo/action-lead_nurture.nurture_person_action")
    desk.search("Hoài An")
    desk.open_row("Hoài An")
    timeline = desk.page.locator(".o_nurture_timeline").first
    expect(timeline).to_contain_text("Welcome")


def test_nothing_failed_behind_the_story(company):
    assert company.faults() == []
