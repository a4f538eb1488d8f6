"""A marketer who has never seen it draws a scenario, tries it, starts it, watches people travel and
changes it under way. Real mails leave, a link in one is really clicked."""
import re
import time

import pytest
from deeds import enter_lead
from mailbox_reader import READING, hit, links
from playwright.sync_api import expect

SCENARIO = "From tasting to trial order"
EARLIER = ("Tasting room, Hội An", "Đặng Thu Trang", "trang.dang@tasting.example")
CLICKS = ("Cold brew for a coworking space", "Lý Minh Khôi", "khoi.ly@cowork.example")
WAITS = ("Beans for a bakery", "Mai Thị Sen", "sen.mai@bakery.example")
ADDED = "Give them another week"
SUBJECT = "A trial order for you"
PAGE = "https://mekongcoffee.example/trial-order"

pytestmark = pytest.mark.usefixtures("told_in_order")


@pytest.fixture
def manager(company):
    return company.desk("marketing_manager")


def card(desk, name: str):
    """A step in the picture, with its problems and its numbers."""
    return desk.page.locator(".o_nurture_step").filter(has_text=name).first


def new_scenario(desk, name: str) -> None:
    desk.open("/odoo/nurture-scenarios/new")
    desk.fill("name", name)
    desk.click("Save and draw")
    desk.page.wait_for_selector(".o_nurture_full")
    desk.settle()  # the form may draw its steps once more
    desk.page.click(".o_nurture_full")
    desk.page.wait_for_selector(".o_nurture_full_page .o_nurture_first")
    desk.settle()


def open_form(desk) -> None:
    desk.open("/odoo/nurture-scenarios")
    desk.page.locator(".o_kanban_record").filter(has_text=SCENARIO).first.click()
    desk.page.wait_for_selector(".o_form_view .o_nurture_editor")
    desk.settle()


def open_picture(desk) -> None:
    open_form(desk)
    desk.page.click(".o_nurture_full")
    desk.page.wait_for_selector(".o_nurture_full_page .o_nurture_step")
    desk.settle()


def pick(desk, words: str) -> None:
    """Type what shall happen; the first kind of step found is taken."""
    expect(desk.page.locator(".o_nurture_palette input")).to_be_focused()
    steps = desk.page.locator(".o_nurture_card")
    drawn = steps.count()
    desk.page.keyboard.type(words)
    desk.page.keyboard.press("Enter")
    expect(steps).to_have_count(drawn + 1)
    desk.page.wait_for_selector(".o_nurture_panel .o_form_view")
    desk.settle()


def rename(desk, name: str) -> None:
    box = desk.page.locator(".o_nurture_panel [name=name] input")
    box.fill(name)
    box.press("Tab")
    expect(desk.page.locator(".o_nurture_card").filter(has_text=name)).to_have_count(1)
    desk.settle()


def open_ways(desk):
    return desk.page.locator(".o_nurture_plus_open")


def lead_every_open_way_to(desk, name: str) -> None:
    for left in range(open_ways(desk).count(), 0, -1):
        open_ways(desk).first.click()
        desk.page.click(".o_nurture_connect")
        expect(desk.page.locator(".o_nurture_connecting")).to_be_visible()
        card(desk, name).locator(".o_nurture_card").click()
        expect(open_ways(desk)).to_have_count(left - 1)
        desk.settle()


# ---- drawn --------------------------------------------------------------------------------------


def test_manager_draws_by_mouse(manager):  # LN-40, LN-41
    new_scenario(manager, SCENARIO)
    page = manager.page
    page.click(".o_nurture_first")
    page.click("[data-kind=mail]")
    page.wait_for_selector(".o_nurture_panel .o_form_view")
    manager.settle()
    rename(manager, "Invitation")
    open_ways(manager).click()
    pick(manager, "event")
    rename(manager, "Did they click?")
    page.locator("[data-exit$=':yes'].o_nurture_plus_open").click()
    pick(manager, "branch")
    page.locator("[data-exit$=':yes'].o_nurture_plus_open").click()
    pick(manager, "hand over")
    open_ways(manager).first.click()
    pick(manager, "leave")
    lead_every_open_way_to(manager, "Leave the scenario")
    expect(page.locator(".o_nurture_step")).to_have_count(5)


def test_a_removed_mail_comes_back(manager):  # LN-41
    page = manager.page
    card(manager, "Invitation").locator(".o_nurture_card").click()
    page.wait_for_selector(".o_nurture_panel .o_form_view")
    page.click(".o_nurture_remove")
    expect(page.locator(".o_nurture_step")).to_have_count(4)
    page.click(".o_nurture_undo")
    expect(page.locator(".o_nurture_step")).to_have_count(5)
    page.click(".o_nurture_redo")
    expect(page.locator(".o_nurture_step")).to_have_count(4)
    page.click(".o_nurture_undo")
    expect(card(manager, "Invitation")).to_be_visible()


def test_what_is_missing_is_said_at_the_step(manager):  # LN-40
    wrong = manager.page.locator(".o_nurture_wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("no subject or no text yet")
    expect(manager.page.locator(".o_nurture_start")).to_be_disabled()


def test_manager_designs_the_mail(manager):  # LN-33, LN-41
    open_picture(manager)
    page = manager.page
    card(manager, "Invitation").locator(".o_nurture_card").click()
    page.locator(".o_nurture_panel button[name=action_open_mail]").click()
    designer = page.locator(".o_field_widget[name=body_arch]")
    designer.locator("[data-name=basic]").click()
    text = designer.locator("iframe:visible").content_frame.locator(".o_mail_no_options")
    expect(text).to_have_attribute("contenteditable", "true")  # the designer is ready
    manager.settle()
    text.click(position={"x": 10, "y": 10})
    page.keyboard.type(f"Taste it, then try it: {PAGE} ")
    expect(text.locator(f"a[href='{PAGE}']")).to_have_count(1)
    manager.fill("subject", SUBJECT)
    manager.save()
    page.locator(".o_back_button a").click()
    page.wait_for_selector(".o_nurture_full_page .o_nurture_step")
    expect(page.locator(".o_nurture_wrong")).to_have_count(0)
    expect(page.locator(".o_nurture_start")).to_be_enabled()


def test_keyboard_alone_draws_too(manager):  # LN-41, ALL-4
    new_scenario(manager, "Drawn by keyboard")
    page = manager.page
    steps = page.locator(".o_nurture_card")
    page.locator(".o_nurture_first").focus()
    page.keyboard.press("Enter")
    page.locator(".o_nurture_kind_button").nth(1).hover()  # a mouse that lies there chooses nothing
    expect(page.locator(".o_nurture_chosen")).to_have_id("o_nurture_kind_0")
    pick(manager, "mail")
    for words in ("event", "branch", "hand over", "leave"):
        page.keyboard.press("Escape")  # back from the panel to the picture
        page.wait_for_function("document.activeElement.classList.contains('o_nurture_card')")
        page.keyboard.press("+")
        pick(manager, words)
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.classList.contains('o_nurture_card')")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("document.activeElement.innerText.includes('Hand over')")
    page.keyboard.press("Delete")
    expect(steps).to_have_count(4)
    steps.first.focus()
    page.keyboard.press("Control+z")
    expect(steps).to_have_count(5)
    page.keyboard.press("Control+Shift+z")
    expect(steps).to_have_count(4)


def test_a_slow_server_takes_nothing_from_the_keyboard(manager):  # LN-41, ALL-4
    page = manager.page
    steps = page.locator(".o_nurture_card")
    field = page.locator(".o_nurture_panel .o_form_view :is(input, select, textarea):focus")
    steps.first.focus()
    with manager.slow("nurture.node/web_read"):
        page.keyboard.press("Enter")
        expect(field).to_have_count(1)
        page.keyboard.press("Escape")
        page.wait_for_function("document.activeElement.classList.contains('o_nurture_card')")
    with manager.slow("nurture.scenario.version/editor_remove"):
        steps.last.focus()
        page.keyboard.press("Delete")
        steps.first.focus()
        page.keyboard.press("/")  # while the server still takes the other step away
        expect(page.locator(".o_nurture_palette input")).to_be_focused()
        expect(steps).to_have_count(3)
        page.keyboard.type("wait")
        page.keyboard.press("Enter")
    expect(page.locator(".o_nurture_palette")).to_have_count(0)
    expect(steps).to_have_count(4)
    expect(steps.filter(has_text="Wait")).not_to_have_count(0)


# ---- tried --------------------------------------------------------------------------------------


def test_manager_tries_it_with_somebody_who_clicks(company, manager, mail):  # LN-36
    enter_lead(company.desk("inside"), *EARLIER)
    open_form(manager)
    page = manager.page
    page.click("button[name=action_simulate]")
    page.wait_for_selector(".o_nurture_run")
    page.locator(".o_nurture_simulator .o-autocomplete--input").first.fill(EARLIER[0])
    manager.suggestion(EARLIER[0]).click()
    page.select_option("#o_nurture_usual", "click")
    page.click(".o_nurture_run")
    told = page.locator(".o_nurture_told")
    expect(told.filter(has_text="Invitation")).to_have_count(1)
    expect(told.filter(has_text="Hand over to sales")).to_have_count(1)
    expect(page.locator(".o_nurture_story")).to_contain_text("Mails: 1")
    page.select_option("#o_nurture_usual", "none")
    page.click(".o_nurture_run")
    expect(told.filter(has_text="Hand over to sales")).to_have_count(0)
    assert not invitations(mail, EARLIER)  # nothing was sent


def invitations(mail, lead) -> list:
    """Other scenarios of the house may write to the same people."""
    return [one for one in mail.box.mails(lead[2]) if one["Subject"] == SUBJECT]


# ---- travelled ----------------------------------------------------------------------------------


def test_manager_starts_it_and_two_leads_get_the_mail(company, manager, mail):  # LN-30, LN-33
    open_picture(manager)
    manager.page.click(".o_nurture_start")
    manager.click("Start", manager.dialog)
    expect(manager.page.locator(".o_nurture_foot").first).to_be_visible()
    for lead in (CLICKS, WAITS):
        enter_lead(company.desk("inside"), *lead)
    until(lambda: invitations(mail, CLICKS) and invitations(mail, WAITS), "two invitations")


def until(condition, what: str, seconds: int = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(1)


def foot(desk, name: str):
    """Came, here now, went on: the numbers under a step."""
    return card(desk, name).locator(".o_nurture_foot")


def expect_numbers(desk, name: str, came: int, here: int, passed: int) -> None:
    """The picture asks for them every few seconds by itself: nothing is reloaded."""
    words = re.compile(rf"^\s*{came}\s*{here}(\s*here)?\s*{passed}\s*$")
    expect(foot(desk, name)).to_have_text(words, timeout=600_000)  # the server moves them


def test_numbers_at_the_steps_move(manager):  # LN-41
    expect_numbers(manager, "Invitation", 2, 0, 2)
    expect_numbers(manager, "Did they click?", 2, 2, 0)


def test_a_click_leads_to_sales(company, manager, mail):  # LN-31, LN-32, LN-33
    time.sleep(READING)
    link = next(link for link in links(invitations(mail, CLICKS)[0]) if "/n/c/" in link)
    assert hit(link, "GET") == 302
    expect_numbers(manager, "Did they click?", 2, 1, 1)
    expect_numbers(manager, "Hand over to sales", 1, 0, 1)
    sales = company.desk("field")
    sales.open("/odoo/action-crm.crm_lead_opportunities")
    sales.until(lambda: sales.sees(CLICKS[0]), "the deal of who clicked")
    assert not sales.sees(WAITS[0])


# ---- changed under way --------------------------------------------------------------------------


def test_manager_adds_a_step_while_somebody_waits(manager):  # LN-38
    page = manager.page
    page.click(".o_nurture_edit")
    expect(page.locator(".o_nurture_publish")).to_be_visible()
    card(manager, "Did they click?").locator(".o_nurture_card").click()
    page.wait_for_selector(".o_nurture_panel [data-exit=timeout]")
    manager.settle()
    page.locator("[data-exit$=':timeout'].o_nurture_plus").first.click()
    pick(manager, "wait")
    rename(manager, ADDED)
    expect(page.locator(".o_nurture_wrong")).to_have_count(0)


def test_impact_is_told_before_publishing(manager):  # LN-38
    page = manager.page
    page.click(".o_nurture_publish")
    told = manager.dialog
    expect(told).to_contain_text(re.compile(r"1\s+people are under way on version\s+1"))
    row = told.locator(".o_data_row").filter(has_text="Did they click?")
    expect(row.locator("td[name=people]")).to_have_text("1")
    expect(told).to_contain_text(ADDED)
    manager.click("Publish", told)
    expect(page.locator(".o_nurture_edit")).to_be_visible()
    expect_numbers(manager, "Did they click?", 2, 1, 1)  # nobody lost, nobody twice
    expect_numbers(manager, ADDED, 0, 0, 0)


def test_results_tell_what_the_mail_did(manager):  # LN-41
    open_form(manager)
    manager.tab("Results")
    results = manager.page.locator(".o_nurture_results")
    mails = results.locator("table").filter(has_text="Delivered")
    told = mails.locator("tr").filter(has_text="Invitation").locator("td")
    expect(told.nth(1)).to_have_text("2")  # sent
    expect(told.nth(5).locator("button")).to_have_text("1")  # clicked by people


def test_nothing_failed_behind_the_scenario(company):
    assert company.faults() == []
    assert [desk.errors for desk in company.desks.values()] == [[] for _desk in company.desks]
