"""A score that a marketer trusts: read why, change a rule, see who would move, publish, and ask
whether it would have told won leads from lost ones."""
import re

from playwright.sync_api import expect

MODEL = "Two days and a key page"


def number(text: str) -> int:
    return int(re.sub(r"[^\d\-]", "", text.replace("−", "-")) or 0)


def open_model(desk) -> None:
    desk.open("/odoo/nurture-score-models")
    desk.open_row(MODEL)
    desk.settle()


def test_marketer_reads_why_a_lead_is_hot(demo_site):  # LN-15
    desk = demo_site.desk("marketer")
    desk.open("/odoo/nurture-hot-leads")
    desk.page.locator(".o_data_row td[name='name']").first.click()
    desk.page.wait_for_selector(".o_form_view")
    desk.tab("Interest")
    card = desk.page.locator(".o_nurture_explanation")
    expect(card.locator(".display-6")).to_be_visible()
    points = [number(cell) for cell in card.locator("tbody tr:not(.fw-bold) td:last-child")
              .all_inner_texts()]
    assert sum(points) == number(card.locator(".display-6").inner_text())


def test_manager_sees_who_would_move_before_publishing(demo_site):  # LN-14
    desk = demo_site.desk("marketing_manager")
    open_model(desk)
    desk.click("Change the rules")
    expect(desk.status).to_have_text("Draft")
    desk.page.locator(".o_nurture_rule").first.get_by_text("Came on two").click()
    desk.fill("points", "5", desk.dialog)
    desk.click("Save", desk.dialog)
    expect(desk.page.locator(".o_nurture_rule").first).to_contain_text("+5")
    desk.tab("Who would change")
    desk.click("Count who would change")
    told = desk.page.locator(".o_nurture_preview")
    expect(told).to_contain_text("would become warmer")
    moved = re.search(r"Of (\d+) people, (\d+) would become warmer and (\d+) cooler",
                      " ".join(told.inner_text().split()))
    assert int(moved[2]) == 0 and int(moved[3]) > 0


def test_manager_publishes_in_silence(demo_site):  # LN-14
    desk = demo_site.desk("marketing_manager")
    desk.click("Publish")
    desk.click("Ok", desk.dialog)
    expect(desk.status).to_have_text("Active")
    desk.tab("Versions")
    expect(desk.page.locator(".o_field_widget[name='version_ids'] .o_data_row")).to_have_count(1)
    desk.click("Bring back")  # and the old points are one click away
    expect(desk.page.locator(".o_nurture_rule").first).to_contain_text("+35")


def test_manager_asks_whether_the_score_was_right(demo_site):  # LN-16
    desk = demo_site.desk("marketing_manager")
    desk.open("/odoo/nurture-backtests")
    desk.open_row(MODEL)
    desk.settle()
    expect(desk.page.get_by_text("AUC").first).to_be_visible()
    expect(desk.page.locator("canvas").first).to_be_visible()
    desk.page.get_by_role("button", name=re.compile("Closed leads")).click()
    expect(desk.page.locator(".o_data_row").first).to_be_visible()


def test_marketer_asks_why_somebody_is_in_a_segment(demo_site):  # LN-20, LN-21
    desk = demo_site.desk("marketer")
    desk.open("/odoo/nurture-segments")
    desk.open_row("Engaged but never talked to")
    desk.settle()
    expect(desk.page.locator("canvas").first).to_be_visible()
    desk.page.get_by_role("button", name=re.compile("People")).first.click()
    # the list of people: the one on the segment's own page is no view of its own
    desk.page.locator(".o_list_view.o_view_controller .o_data_row .o_data_cell").first.click()
    expect(desk.page.get_by_text("Visit: page viewed or link clicked").first).to_be_visible()


def test_no_error_was_shown(demo_site):
    assert [desk.errors for desk in demo_site.desks.values()] == [[] for _desk in demo_site.desks]
