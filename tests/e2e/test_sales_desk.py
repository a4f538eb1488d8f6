"""What a salesperson does at the Sales Desk: the day, the pipeline, a deal, the report."""
import re
from datetime import timedelta

import pytest
from deeds import note_deal, number, open_deal_form, plan, today
from playwright.sync_api import expect

CALL = "Grinder for the harbour café"
LATE = "Beans for the night train"
SLOW = "Decaf for the slow train"
KEYS = "Espresso bar in the lighthouse"
DRAGGED = "Gated: roaster for a cooperative"
PASSED = "Gated: machine for the opera house"
JUDGED = "Twelve machines for a hotel group"


@pytest.fixture
def seller(company):
    return company.desk("field")


@pytest.fixture
def leader(company):
    return company.desk("sales_manager")


def row(desk, title: str):
    """The line of a deal in My Day."""
    return desk.page.locator(".o_sales_day_line").filter(has_text=title)


def open_day(desk) -> None:
    desk.open("/odoo/my-day")
    desk.page.wait_for_selector(".o_sales_day_line")


# ---- my day -------------------------------------------------------------------------------------


def test_a_step_done_asks_what_comes_next(seller):  # SA-18, SA-5
    deal = note_deal(seller, CALL, expected_revenue=90_000_000)
    plan(seller, deal, today(), "Ask about the water")
    open_day(seller)
    line = row(seller, CALL)
    expect(line).to_contain_text("Ask about the water: due today.")
    assert number(line.locator(".o_sales_day_facts .fw-bold").first.inner_text()) == 90_000_000
    seller.click("Done", line)
    question = seller.page.locator(".o_sales_what_next")
    expect(question).to_contain_text("Ask about the water is done.")
    question.get_by_role("radio", name="Email").click()
    question.get_by_label("About what?").fill("Send the water test")
    later = today() + timedelta(days=12)
    question.locator("input[type=date]").fill(later.isoformat())
    expect(question).to_have_count(0)
    expect(line).to_have_count(0)
    [step] = seller.call(
        "mail.activity", "search_read", [["res_model", "=", "crm.lead"], ["res_id", "=", deal]],
        ["summary", "date_deadline"],
    )  # fmt: skip
    assert (step["summary"], step["date_deadline"]) == ("Send the water test", later.isoformat())
    seller.page.get_by_role("button", name=re.compile("Done today")).click()
    expect(seller.page.locator(".o_sales_day")).to_contain_text("Ask about the water")


def test_a_slow_server_leaves_no_line_asleep(seller):  # SA-18
    """The list is read again by itself while the click still waits for its own reading."""
    deal = note_deal(seller, SLOW, expected_revenue=10_000_000)
    for what in ("Call the chef", "Call the owner"):
        plan(seller, deal, today(), what)
    open_day(seller)
    line = row(seller, SLOW)
    with seller.slow("sales.day/get_day"):
        seller.click("Done", line)
        seller.settle()
    expect(seller.button("Done", line)).to_be_enabled()


def test_a_late_step_is_put_off_and_brought_back(seller):  # SA-18
    plan(seller, note_deal(seller, LATE), today() - timedelta(days=2), "Send samples")
    open_day(seller)
    seller.hold_notices()
    line = row(seller, LATE)
    expect(line).to_contain_text("Send samples: overdue for 2 days.")
    seller.click("More", line)
    seller.page.locator(".o-dropdown--menu .dropdown-item").last.click()  # the latest day
    expect(line).to_have_count(0)  # until that day
    seller.click("Undo", seller.page.locator(".o_notification").filter(has_text=LATE))
    expect(line).to_contain_text("Send samples: overdue for 2 days.")


def go_to(desk, title: str) -> None:
    """Walk down the day by keyboard until the line has the focus."""
    desk.settle()
    for _step in desk.page.locator(".o_sales_day_line").all():
        desk.page.keyboard.press("j")
        if title in desk.page.evaluate("document.activeElement.innerText"):
            return
    raise AssertionError(f"the keyboard never came to {title}")


def test_the_day_is_worked_off_by_keyboard(seller):  # SA-18
    plan(seller, note_deal(seller, KEYS), today(), "Hear how they liked it")
    open_day(seller)
    go_to(seller, KEYS)
    seller.page.keyboard.press("p")
    expect(seller.page.locator(".o-dropdown--menu")).to_be_visible()
    seller.page.keyboard.press("Escape")
    expect(seller.page.locator(".o-dropdown--menu")).to_have_count(0)
    row(seller, KEYS).focus()
    seller.page.keyboard.press("d")
    seller.click("Skip", seller.dialog)
    expect(row(seller, KEYS)).to_contain_text("Nothing is planned with this customer.")
    seller.reload()
    seller.page.wait_for_selector(".o_sales_day_line")
    go_to(seller, KEYS)
    seller.page.keyboard.press("Enter")
    expect(seller.page.locator(".o_form_view")).to_be_visible()
    assert seller.text("name") == KEYS


TELL_FROM = """([today, days]) => {
    const { Settings, DateTime } = luxon;
    const { tellDay } = odoo.loader.modules.get("@sales_automation/tell_day");
    const now = Settings.now;
    Settings.now = () => new Date(`${today}T22:00`).valueOf();
    try {
        return days.map((day) => tellDay(DateTime.fromISO(day)));
    } finally {
        Settings.now = now;
    }
}"""


TOLD = {
    "2026-12-30": "yesterday", "2027-01-01": "tomorrow", "2027-01-12": "in 12 days",
    "2027-03-01": "in 2 months", "2028-01-01": "in 1 year", "2024-12-31": "2 years ago"}


def test_tomorrow_is_tomorrow_also_on_new_years_eve(seller):  # SA-18
    told = seller.page.evaluate(TELL_FROM, ["2026-12-31", list(TOLD)])
    assert told == list(TOLD.values())


# ---- playbook -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gate(company):
    """A playbook for the deals of these stories only, gone when they are told."""
    desk = company.desk("sales_manager")
    first = desk.find("crm.stage", ["name", "=", "New"])
    playbook = desk.call("sales.playbook", "create", [{
        "name": "Machines", "enforcement": "block", "is_new_practice": True,
        "filter_domain": "[('name', 'ilike', 'Gated:')]",
        "step_ids": [[0, 0, {
            "stage_id": first, "goal": "We know what it is worth and who decides.",
            "item_ids": [[0, 0, {"name": "Asked who else decides"}]],
            "criterion_ids": [
                [0, 0, {"kind": "field", "field_name": "expected_revenue"}],
                [0, 0, {"kind": "checklist"}],
            ],
        }]],
    }])  # fmt: skip
    yield
    desk.call("sales.playbook", "write", playbook, {"active": False})


def column(desk, name: str):
    title = desk.page.locator(".o_column_title").filter(has_text=name)
    return desk.page.locator(".o_kanban_group").filter(has=title)


def drag(desk, card: str, to: str) -> None:
    desk.settle()
    desk.page.locator(".o_kanban_record").filter(has_text=card).hover()
    desk.page.mouse.down()
    box = column(desk, to).bounding_box()
    desk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150, steps=15)
    expect(column(desk, to)).to_have_class(re.compile("o_kanban_hover"))  # it has come there
    desk.page.mouse.up()


def stage(desk, deal: int) -> str:
    return desk.read("crm.lead", deal, "stage_id")["stage_id"][1]


def test_a_dragged_card_fills_what_is_missing_and_goes_on(seller, gate):  # SA-7
    deal = note_deal(seller, DRAGGED)
    seller.open("/odoo/action-crm.crm_lead_action_pipeline")
    drag(seller, DRAGGED, "Qualified")
    asked = seller.page.locator(".modal-dialog").filter(has_text="To go on to Qualified")
    expect(asked).to_contain_text("The playbook asks for this before the deal leaves New.")
    expect(seller.button("Let Pass…", asked)).to_have_count(0)
    seller.click("Stay Here", asked)
    expect(asked).to_have_count(0)
    expect(column(seller, "New").locator(".o_kanban_record", has_text=DRAGGED)).to_be_visible()
    assert stage(seller, deal) == "New"

    drag(seller, DRAGGED, "Qualified")
    seller.fill("expected_revenue", "64000000", asked)
    seller.click("Go On", asked)
    expect(asked.get_by_role("alert")).to_contain_text("Tick off the checklist")
    assert stage(seller, deal) == "New"
    seller.tick(asked.get_by_label("Asked who else decides"))
    seller.click("Go On", asked)
    expect(asked).to_have_count(0)
    there = column(seller, "Qualified").locator(".o_kanban_record", has_text=DRAGGED)
    expect(there).to_contain_text("64,000,000")
    assert stage(seller, deal) == "Qualified"


def test_the_leader_lets_a_deal_pass_and_the_log_tells_why(seller, leader, gate):  # SA-7
    deal = note_deal(seller, PASSED)
    open_deal_form(leader, deal)
    leader.page.locator(".o_statusbar_status").get_by_role("radio", name="Qualified").click()
    asked = leader.page.locator(".modal-dialog").filter(has_text="To go on to Qualified")
    leader.click("Let Pass…", asked)
    leader.click("Let Pass", asked)
    expect(asked.get_by_role("alert")).to_contain_text("Say why these deals may pass")
    asked.get_by_label("Why may it pass?").fill("Signed at the fair")
    leader.click("Let Pass", asked)
    expect(asked).to_have_count(0)
    expect(leader.status).to_contain_text("Qualified")
    note = leader.page.locator(".o-mail-Message").filter(has_text="Let pass to Qualified")
    expect(note).to_contain_text("Signed at the fair")
    leader.open("/odoo/sales-playbook-exceptions")
    noted = leader.page.locator(".o_data_row").filter(has_text=PASSED)
    expect(noted).to_contain_text("Let pass with a reason")
    expect(noted).to_contain_text("Signed at the fair")
    expect(noted.locator("td[name=missing]")).to_contain_text("Tick off the checklist")


# ---- the deal -----------------------------------------------------------------------------------


def card(desk, key: str):
    return desk.page.locator(f"[data-section={key}]")


@pytest.fixture(scope="module")
def judged(company):
    """A deal with a talk, a closing date that has passed and nothing planned."""
    desk = company.desk("field")
    [buyer] = desk.call("res.partner", "create", [{"name": "Hồ Ngọc Diệp"}])
    deal = note_deal(
        desk, JUDGED, partner_id=buyer, expected_revenue=700_000_000,
        date_deadline=(today() - timedelta(days=3)).isoformat(),
    )  # fmt: skip
    talk = plan(desk, deal, today(), "Talk about service")
    desk.call("mail.activity", "action_feedback", [talk], feedback="They want it by spring")
    desk.call("crm.lead", "write", [deal], {
        "stage_id": desk.find("crm.stage", ["name", "=", "Qualified"])})  # fmt: skip
    return deal


def left_of_100(health) -> int:
    """What a deal has left; the reasons add up to it."""
    told = health.locator("li .small").all_inner_texts()
    points = [number(line) for line in told if re.fullmatch(r"[+-]\d+ points", line.strip())]
    assert min(points) < 0 < max(points)
    left = int(re.search(r"(\d+) of 100 points", health.inner_text())[1])
    assert left == 100 + sum(points)
    return left


def test_the_panel_tells_how_a_deal_does_and_why(seller, judged):  # SA-17, SA-1
    open_deal_form(seller, judged)
    health = card(seller, "health")
    for reason in ("The closing date passed", "No next step is planned",
                   "The customer was in touch today"):  # fmt: skip
        expect(health).to_contain_text(reason)
    before = left_of_100(health)
    stages = card(seller, "stages")
    stages.get_by_role("button", name="Stages", exact=False).first.click()
    stays = stages.locator(".o_sales_stay")
    expect(stays).to_have_count(2)
    expect(stays.first).to_contain_text("Qualified")
    expect(stays.last).to_contain_text("New")
    plan(seller, judged, today() + timedelta(days=2), "Visit the first hotel")
    open_deal_form(seller, judged)
    expect(health).not_to_contain_text("No next step is planned")
    assert left_of_100(health) > before
    assert not seller.errors


def test_the_people_of_a_deal_get_their_part(seller, judged):  # SA-16
    open_deal_form(seller, judged)
    people = card(seller, "contacts")
    people.get_by_role("button", name="Hồ Ngọc Diệp").click()
    seller.tick(seller.dialog.get_by_label("Decision maker"))
    seller.tick(seller.dialog.get_by_label("For Us"))
    seller.click("Save", seller.dialog)
    expect(people).to_contain_text("Hồ Ngọc Diệp · Decision maker · For Us")
    seller.click("Contact map", people)
    known = seller.page.locator(".o_sales_contact_map tbody tr").filter(has_text="Hồ Ngọc Diệp")
    expect(known).to_contain_text("Decision maker")
    expect(known.locator("td").last).to_have_text("1")  # the talk
    assert not seller.errors


def test_the_panel_fits_a_telephone(seller, judged):  # SA-17
    size = seller.page.viewport_size
    seller.page.set_viewport_size({"width": 390, "height": 844})
    try:
        open_deal_form(seller, judged)
        strip = seller.page.locator(".o_sales_panel_strip")
        strip.get_by_role("button", name=re.compile("^Health")).click()
        health = seller.dialog.locator("[data-section=health]")
        expect(health).to_contain_text("The closing date passed")
        assert seller.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not seller.errors
    finally:
        seller.page.set_viewport_size(size)


# ---- the report ---------------------------------------------------------------------------------


def test_a_report_is_drafted_submitted_and_read(seller, leader):  # SA-15
    deal = note_deal(seller, "Filters for a brewery")
    call = plan(seller, deal, today(), "Ask for the old filters")
    seller.call("mail.activity", "action_feedback", [call], feedback="Bought elsewhere")
    seller.open("/odoo/my-report")
    seller.click("Draft Again")
    page = seller.page.locator(".o_sales_report_page")
    expect(page).to_contain_text("Filters for a brewery")
    seller.fill("insight", "Breweries buy filters where they buy malt")
    seller.click("Submit")
    expect(seller.status).to_have_text("To Read")
    expect(seller.field("insight").locator("textarea")).to_have_count(0)

    leader.open("/odoo/sales-reports")
    leader.open_row("Breweries buy filters")
    leader.click("Send message")
    leader.page.locator(".o-mail-Composer-input").first.fill("Who sells them malt?")
    leader.click("Send")
    expect(leader.page.locator(".o-mail-Message").first).to_contain_text("Who sells them malt?")
    leader.click("Read")
    expect(leader.status).to_have_text("Read")

    open_day(seller)
    line = row(seller, "Võ Hoàng Nam").filter(has_text="report")
    expect(line).to_be_visible()


def test_nothing_failed_behind_the_desk(company, seller, leader):
    assert company.faults() == []
    assert seller.errors == leader.errors == []
