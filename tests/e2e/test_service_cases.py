"""What the service desk does in a day: a call, a deadline that passed, a complaint, a form."""
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from care import team
from deeds import today
from desk import visitor
from playwright.sync_api import expect

CALLER, PHONE = "Quán Trăng Khuyết", "0283 555 0142"
CALLED = "The steam wand whistles since this morning"
LATE = "Nobody has come to mend the boiler"
COMPLAINT = "The cups arrived broken"
FORM = "Opening hours of the roastery"
MESSAGE = "We want to bring twelve guests and taste the new harvest. Is Saturday possible?"
GUEST = "hoa@nhanh.example"
FRAMED = "Beans for a wedding"


@pytest.fixture
def agent(demo_site):
    return demo_site.desk("care_agent")


@pytest.fixture(scope="module")
def customer(demo_site):
    """Somebody who calls."""
    [partner] = demo_site.desk("care_manager").call(
        "res.partner", "create", [{"name": CALLER, "phone": PHONE, "is_company": True}])
    return partner


def note_case(desk, customer: int, name: str, **values) -> int:
    return desk.call("care.case", "create", [{
        "name": name, "partner_id": customer, "channel": "email", **values}])[0]  # fmt: skip


def open_case(desk, case: int) -> None:
    desk.open(f"/odoo/care-cases/{case}")
    desk.page.wait_for_selector(".o_form_view")


def select(desk, name: str, word: str, within=None) -> None:
    desk.field(name, within).locator("input, button").first.click()
    desk.page.locator(".o_select_menu_item").get_by_text(word, exact=True).click()
    desk.settle()


# ---- the telephone ------------------------------------------------------------------------------


def test_a_double_click_is_one_call(agent):  # CC-3
    agent.open("/odoo/care-cases-mine")
    with agent.slow("care.case/phone_start"):
        agent.page.locator(".o_care_phone_systray").dblclick()
        agent.settle()
    expect(agent.page.locator(".o_care_phone")).to_have_count(1)
    agent.click("Discard", agent.dialog)
    expect(agent.page.locator(".o_care_phone")).to_have_count(0)


def test_the_case_is_of_whom_the_agent_sees(agent, customer):  # CC-3
    """What is typed faster than the server answers is saved in nobody else's name."""
    agent.open("/odoo/care-cases-mine")
    page = agent.page
    page.keyboard.press("Alt+Shift+C")
    expect(page.locator("#care_phone_term")).to_be_focused()
    with agent.slow("care.case/phone_search"):
        page.fill("#care_phone_term", PHONE)
        page.fill("#care_phone_text", "Who am I?")
        page.press("#care_phone_text", "Enter")
        expect(page.locator("#care_phone_callers li.active")).to_contain_text(CALLER)
    expect(page.locator(".o_care_phone")).to_have_count(1)
    assert not agent.call("care.case", "search_count", [["name", "=", "Who am I?"]])
    agent.click("Discard", agent.dialog)


def test_a_call_is_written_down_by_keyboard(agent, customer):  # CC-3
    agent.open("/odoo/care-cases-mine")
    keys = agent.page.keyboard
    keys.press("Alt+Shift+C")
    expect(agent.page.locator("#care_phone_term")).to_be_focused()
    keys.type(PHONE[-8:].replace(" ", ""))
    keys.press("Enter")
    expect(agent.page.locator("#care_phone_text")).to_be_focused()
    expect(agent.page.locator("#care_phone_callers li.active")).to_contain_text(CALLER)
    keys.type(CALLED)
    keys.press("Enter")
    agent.page.wait_for_selector(".o_form_view")
    assert agent.text("name") == CALLED
    expect(agent.status).to_contain_text("In work")
    [case] = agent.call(
        "care.case", "search_read", [["name", "=", CALLED]],
        ["channel", "partner_id", "user_id", "waiting_since"])
    assert (case["channel"], case["partner_id"][0]) == ("phone", customer)
    assert case["user_id"][0] == agent.me
    assert not case["waiting_since"]  # he was answered while he spoke
    agent.click("Resolve")
    expect(agent.status).to_contain_text("Resolved")


# ---- deadlines ----------------------------------------------------------------------------------


def test_a_deadline_is_shown_and_its_breach_stands_on_the_wall(agent, customer):  # CC-5, CC-22
    opened = f"{today() - timedelta(days=90)} 03:00:00"
    case = note_case(agent, customer, LATE, severity="4", opened_at=opened)
    agent.call("care.case", "action_take", [case])
    open_case(agent, case)
    expect(agent.field("sla_id")).to_contain_text("Critical")
    expect(agent.field("deadline_at")).not_to_be_empty()
    expect(agent.page.locator("[name=badges]")).to_contain_text("Overdue")
    agent.open("/odoo/care-board")
    board = agent.page.locator(".o_care_board")
    row = board.locator("li").filter(has_text=LATE)
    expect(row.locator(".text-danger .fa-exclamation-triangle")).to_be_visible()
    expect(row).to_contain_text("Critical")
    late = board.locator("[data-figure=late]")
    told = int(late.locator(".o_care_board_number").inner_text())
    assert told >= 1
    late.click()
    agent.expect_records(told)
    agent.call("care.case", "action_resolve", [case])
    agent.open("/odoo/care-board")
    expect(late).to_be_visible()
    expect(row).to_have_count(0)


# ---- complaints ---------------------------------------------------------------------------------


@pytest.fixture
def complete(demo_site):
    """The house wants cause and remedy before a complaint ends."""
    admin = demo_site.desk("admin")
    [house] = admin.call("res.company", "search", [], limit=1)
    admin.call("res.company", "write", house, {"care_complaint_complete": True})
    yield
    admin.call("res.company", "write", house, {"care_complaint_complete": False})


def test_a_complaint_ends_with_cause_and_remedy(agent, customer, complete):  # CC-4
    case = note_case(agent, customer, COMPLAINT, kind="complaint")
    open_case(agent, case)
    agent.click("Take")
    agent.click("Resolve")
    expect(agent.dialog).to_contain_text("cannot be resolved yet")
    expect(agent.dialog).to_contain_text("the root cause, a remedy")
    agent.click("Discard", agent.dialog)
    agent.tab("Complaint")
    page = agent.page.locator(".tab-pane.active")
    expect(page.get_by_text("Before it can be resolved")).to_be_visible()
    select(agent, "acceptance", "Accepted")
    agent.save()
    agent.click("Resolve")
    agent.choose("root_cause_id", "Material", agent.dialog)
    select(agent, "remedy", "Replacement", agent.dialog)
    agent.click("Resolve", agent.dialog)
    expect(agent.status).to_contain_text("Resolved")
    expect(page.get_by_text("Before it can be resolved")).to_have_count(0)
    told = agent.read("care.case", case, "acceptance", "acceptance_on", "root_cause_id")
    assert told["acceptance"] == "accepted"
    assert told["acceptance_on"] == today().isoformat()
    assert "Material" in told["root_cause_id"][1]


# ---- the public form ----------------------------------------------------------------------------


def test_the_form_says_what_is_wrong_and_loses_nothing(demo_site, agent):  # CC-20, CC-3
    with visitor(demo_site.chromium) as page:
        page.goto(f"{demo_site.address}/care/contact/{team(demo_site)['form_key']}")
        for name, text in (("name", "Hoa"), ("email", GUEST), ("subject", FORM)):
            page.fill(f"#{name}", text)
        spam = " ".join(f"http://roast{at}.example" for at in range(5))
        page.fill("#message", spam)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#message_wrong")).to_contain_text("Too many links")
        expect(page.locator("#subject")).to_have_value(FORM)
        expect(page.locator("#message")).to_have_value(spam)
        page.fill("#message", "")
        # by hand: whoever sends within three seconds is a program
        page.locator("#message").press_sequentially(MESSAGE, delay=50)
        page.get_by_role("button", name="Send").click()
        told = page.locator(".alert-success")
        expect(told).to_contain_text("We have your message under the number")
        number = told.locator("strong").inner_text()
    agent.open("/odoo/care-cases")
    agent.search(number)
    card = agent.page.locator(".o_kanban_record")
    expect(card).to_have_count(1)
    expect(card).to_contain_text(FORM)
    [case] = agent.call(
        "care.case", "search_read", [["number", "=", number]], ["channel", "email_from"])
    assert (case["channel"], case["email_from"]) == ("web", GUEST)


class Page(BaseHTTPRequestHandler):
    """The only page of another web site."""

    html = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.html.encode())

    def log_message(self, *_args):
        pass


@pytest.fixture
def other_sites():
    """Two web sites that are none of Odoo's: for a browser localhost is not 127.0.0.1."""
    sites = [ThreadingHTTPServer(("127.0.0.1", 0), Page) for _number in range(2)]
    for site in sites:
        Thread(target=site.serve_forever, daemon=True).start()
    yield [f"http://localhost:{site.server_port}" for site in sites]
    for site in sites:
        site.shutdown()
        site.server_close()


def expect_frame_to_fit(page, frame):
    """It is as tall as what stands in it: no second scroll bar, and no gap below."""
    tall = frame.locator(".o_care_contact").evaluate(
        "form => Math.ceil(form.getBoundingClientRect().height)")
    expect(page.locator("iframe")).to_have_css("height", f"{tall}px")


def test_a_page_of_our_own_site_shows_the_form_and_others_do_not(
        demo_site, agent, other_sites):  # CC-3
    """A browser keeps our cookie from frames of other sites, and shows them where we say."""
    shop, stranger = other_sites
    admin, service = demo_site.desk("admin"), team(demo_site)
    house = admin.read("care.team", service["id"], "company_id")["company_id"][0]
    admin.call("res.company", "write", [house], {"care_frame_origins": shop})
    told = admin.read("care.team", service["id"], "form_frame", "form_url")
    base = told["form_url"].removesuffix(f"/care/contact/{service['form_key']}")
    Page.html = "<h1>Shop</h1>" + told["form_frame"].replace(base, demo_site.address)
    with visitor(demo_site.chromium) as page:
        frame = page.frame_locator("iframe")
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(stranger)
        expect(frame.locator("#name")).to_have_count(0)
        page.goto(shop)
        expect_frame_to_fit(page, frame)
        for name, text in (("name", "Hoa"), ("email", GUEST), ("subject", FRAMED)):
            frame.locator(f"#{name}").fill(text)
        frame.locator("#message").press_sequentially(MESSAGE, delay=50)
        frame.get_by_role("button", name="Send").click()
        told = frame.locator(".alert-success")
        expect(told).to_contain_text("We have your message under the number")
        number = told.locator("strong").inner_text()
        expect_frame_to_fit(page, frame)
        expect(told).to_be_in_viewport()
        assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "session_id"]
    [case] = agent.call(
        "care.case", "search_read", [["number", "=", number]], ["channel", "name"])
    assert (case["channel"], case["name"]) == ("web", FRAMED)


def test_nothing_failed_behind_the_cases(demo_site, agent):
    assert demo_site.faults() == []
    assert agent.errors == []
