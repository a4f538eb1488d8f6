"""A customer writes, is answered, is asked, answers badly, is called back, and comes again.

Mails leave over real SMTP into the catcher; what the customer writes goes through the gateway.
"""
import pytest
from care import add_login, team, write_mail
from deeds import today
from desk import visitor
from mailbox_reader import hit, links
from playwright.sync_api import expect

ADDRESS = "lan@songthu.example"
SENDER = f"Trần Thị Lan <{ADDRESS}>"
SUBJECT = "Twelve boxes of filters came wet"
ANSWER = "A dry dozen leaves today with the courier."
NOTE = "The driver had the tarpaulin open again."
WHY = "Nobody told me when the new ones would come."
OUTCOME = "She gets the courier's number from now on."
STRANGER = "The cups of somebody else"
PROGRAM = "Would you recommend the service desk?"

pytestmark = pytest.mark.usefixtures("told_in_order")


@pytest.fixture
def agent(demo_site):
    return demo_site.desk("care_agent")


@pytest.fixture
def manager(demo_site):
    return demo_site.desk("care_manager")


@pytest.fixture
def guest(demo_site):
    """Somebody who is not logged in."""
    with visitor(demo_site.chromium) as page:
        yield page


@pytest.fixture(scope="module", autouse=True)
def program(demo_site):
    """Asks at once, at any hour, about cases of one category; gone quiet afterwards."""
    admin, manager = demo_site.desk("admin"), demo_site.desk("care_manager")
    hours = ("care_survey_hour_from", "care_survey_hour_until")
    [house] = admin.call("res.company", "search_read", [], hours, limit=1)
    admin.call("res.company", "write", house["id"], dict(zip(hours, (0, 24), strict=True)))
    [category] = manager.call("care.category", "create", [{"name": "Wet on arrival"}])
    [program] = manager.call("care.survey.program", "create", [{
        "name": PROGRAM, "metric": "nps", "trigger": "case_resolved", "delay_hours": 0,
        "category_ids": [[6, 0, [category]]]}])  # fmt: skip
    manager.call("care.survey.program", "action_switch_on", [program])
    yield program
    manager.call("care.survey.program", "action_switch_off", [program])
    admin.call("res.company", "write", house["id"], {name: house[name] for name in hours})


def inbound(desk, case: int) -> list[dict]:
    """What the customer said, mail by mail."""
    return desk.call("care.case.contact", "search_read", [
        ["case_id", "=", case], ["direction", "=", "in"]], ["noise_reason"], order="id")


def open_case(desk, case: int) -> None:
    desk.open(f"/odoo/care-cases/{case}")
    desk.page.wait_for_selector(".o_form_view .o-mail-Chatter")


def say(desk, kind: str, text: str) -> None:
    """Write into the case's chatter: "sendMessage" to the customer, or "logNote"."""
    box = desk.page.locator(".o-mail-Composer-input")
    desk.page.locator(f".o-mail-Chatter-{kind}").click()
    box.first.fill(text)
    desk.page.locator(".o-mail-Composer-send").first.click()
    expect(desk.page.locator(".o-mail-Message").filter(has_text=text)).to_have_count(1)
    expect(box).to_have_count(0)  # the live connection shows a message before the sending ends
    desk.settle()


# ---- written, taken, answered -------------------------------------------------------------------


def test_a_mail_opens_a_case_and_is_confirmed_once(demo_site, mail, agent, story):  # CC-3
    story.case = write_mail(
        demo_site, SENDER, SUBJECT, "All twelve are wet. What shall I do?")
    case = agent.read("care.case", story.case, "number", "channel", "stage_kind", "partner_id")
    story.number, story.partner = case["number"], case["partner_id"][0]
    assert (case["channel"], case["stage_kind"]) == ("email", "new")
    confirmation = mail.box.wait_for(ADDRESS)
    assert story.number in confirmation["Subject"]
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert team(demo_site)["alias_full_name"] in confirmation["Reply-To"]
    assert len(mail.box.mails(ADDRESS)) == 1


def test_the_agent_takes_it_from_the_board_and_answers(demo_site, mail, agent, story):  # CC-3
    agent.open("/odoo/care-cases")
    agent.search(story.number)
    card = agent.page.locator(".o_kanban_record").filter(has_text=SUBJECT)
    expect(card).to_contain_text("Customer waits")
    agent.open_row(SUBJECT)
    agent.click("Take")
    expect(agent.status).to_contain_text("In work")
    agent.choose("category_id", "Wet on arrival")
    agent.save()
    say(agent, "logNote", NOTE)
    say(agent, "sendMessage", ANSWER)
    answer = mail.box.wait_for(ADDRESS, count=2)
    assert answer["Subject"].startswith(f"[{story.number}]")
    assert team(demo_site)["alias_full_name"] in answer["Reply-To"]
    text = answer.get_body(preferencelist=("html",)).get_content()
    assert ANSWER in text and NOTE not in text
    story.answer = answer


def test_thanks_neither_count_nor_open_again(demo_site, mail, agent, story):  # CC-7, CC-6
    thanked = write_mail(
        demo_site, SENDER, f"Re: [{story.number}] {SUBJECT}", "Thank you very much!",
        answers=story.answer)
    assert thanked == story.case
    open_case(agent, story.case)
    expect(agent.field("waiting_since")).to_have_count(0)
    agent.click("Resolve")
    expect(agent.status).to_contain_text("Resolved")
    # the reference is lost on the way; the number in the subject is not
    assert write_mail(demo_site, SENDER, f"AW: [{story.number}]", "Thanks a lot") == story.case
    case = agent.read("care.case", story.case, "stage_kind", "reopen_count", "fcr_state")
    assert case == {"id": story.case, "stage_kind": "resolved", "reopen_count": 0,
                    "fcr_state": "pending"}  # fmt: skip
    assert [one["noise_reason"] for one in inbound(agent, story.case)] == [
        False, "thanks", "thanks"]
    open_case(agent, story.case)
    expect(agent.status).to_contain_text("Resolved")
    assert len(mail.box.mails(ADDRESS)) == 2  # nothing is confirmed twice


# ---- asked, answered ----------------------------------------------------------------------------


def test_the_question_comes_and_reading_it_answers_nothing(
        demo_site, mail, manager, guest, story, program):  # CC-8
    admin = demo_site.desk("admin")
    asked = [["program_id", "=", program]]
    admin.run_cron("customer_care.ir_cron_ask_customers", "care.survey.invitation",
                   *asked, ["state", "=", "planned"])  # fmt: skip
    [invitation] = manager.call("care.survey.invitation", "search_read", asked, ["state"])
    assert invitation["state"] == "sent"
    admin.run_cron("mail.ir_cron_mail_scheduler_action", "mail.mail",
                   ["state", "=", "outgoing"], ["email_to", "ilike", ADDRESS])  # fmt: skip
    question = mail.box.wait_for(ADDRESS, count=3)
    assert question["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    values = [link for link in links(question) if "/care/ask/" in link and "?v=" in link]
    assert len(values) == 11
    for link in values:  # a scanner of mails
        assert (hit(link, "HEAD"), hit(link, "GET")) == (200, 200)
    story.link = values[2]
    guest.goto(story.link)
    expect(guest.locator("#v2")).to_be_checked()
    assert manager.call("care.feedback", "search_count", asked) == 0


def test_a_bad_answer_is_sent_with_its_reason(demo_site, manager, guest, story, program):  # CC-8
    guest.goto(story.link)
    guest.locator("label[for=v2]").click()
    guest.locator("button[type=submit]").click()
    guest.fill("#why", WHY)
    guest.locator("button[type=submit]").click()
    expect(guest.get_by_text("We read every word")).to_be_visible()
    guest.goto(story.link)
    expect(guest.get_by_role("heading", name="Your answer is here already")).to_be_visible()
    [answer] = manager.call(
        "care.feedback", "search_read", [["program_id", "=", program]],
        ["value", "band", "comment", "case_id", "follow_state", "follow_due"])
    assert (answer["value"], answer["band"], answer["comment"]) == (2, "detractor", WHY)
    assert answer["case_id"][0] == story.case
    assert answer["follow_state"] == "open"
    assert answer["follow_due"] > today().isoformat()


def test_the_manager_calls_back_and_the_figure_counts_it(manager, story):  # CC-8, CC-22
    manager.open("/odoo/care-dashboard")
    period = manager.page.get_by_label("Period", exact=True)
    before = period.input_value()
    period.select_option("month")  # the one that today is in
    tile = manager.page.locator("[data-tile=nps]")
    manager.settle()
    tile.locator("button.fs-2, button:has-text('Open')").first.click()
    manager.page.wait_for_selector(".o_kanban_view")
    manager.search(WHY)
    expect(manager.page.locator(".o_kanban_record").filter(has_text=WHY)).to_have_count(1)
    manager.back()
    period.select_option(before)
    manager.open("/odoo/care-follow-ups")
    row = manager.page.locator(".o_data_row").filter(has_text=WHY)
    expect(row).to_have_count(1)
    leader = manager.call("res.users", "read", [manager.me], ["name"])[0]["name"]
    expect(row.locator("td[name=follow_user_id]")).to_contain_text(leader)
    expect(row.locator("td[name=follow_due]")).not_to_have_text("")  # "In 2 days", "Next month"
    row.locator("button[name=action_follow_done]").click()
    manager.fill("outcome", OUTCOME, manager.dialog)
    manager.dialog.locator("button[name=action_apply]").click()
    expect(row).to_have_count(0)
    open_case(manager, story.case)
    manager.tab("Answers")
    answer = manager.page.locator(".o_field_widget[name=feedback_ids] .o_data_row")
    expect(answer).to_have_count(1)
    expect(answer.locator("td[name=answer]")).to_have_text("2 of 10")


# ---- as the customer sees it --------------------------------------------------------------------


def test_the_customer_sees_his_own_case_and_opens_it_again(
        demo_site, agent, story):  # CC-20, CC-7
    other = write_mail(demo_site, "Nguyễn Văn Ba <ba@other.example>", STRANGER, "They are blue.")
    login = f"lan-{story.number}"
    add_login(demo_site, story.partner, login)
    customer = demo_site.desk(login)
    page = customer.page
    page.goto(f"{demo_site.address}/my/cases")
    rows = page.locator("table tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(SUBJECT)
    page.goto(f"{demo_site.address}/my/cases/{other}")
    expect(page.get_by_text(STRANGER)).to_have_count(0)
    page.goto(f"{demo_site.address}/my/cases/{story.case}")
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    assert NOTE not in page.content() and not page.get_by_text(NOTE).count()
    page.get_by_text("It is not settled").click()
    page.fill("#reason", "Two of the new ones are wet as well.")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_role("button", name="It is settled")).to_be_visible()
    expect(page.get_by_text("Two of the new ones").first).to_be_visible()
    open_case(agent, story.case)
    expect(agent.status).to_contain_text("In work")
    assert agent.read("care.case", story.case, "reopen_count")["reopen_count"] == 1
    expect(agent.page.locator(".o-mail-Message").filter(has_text="Two of the new")).to_be_visible()


def test_nothing_failed_behind_the_service(demo_site, manager, agent):
    assert demo_site.faults() == []
    assert manager.errors == agent.errors == []
