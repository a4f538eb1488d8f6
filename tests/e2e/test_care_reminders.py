"""A house begins to remind its customers: settings, a rule, the night, the mail, its way out."""
import re

import pytest
from care import add_customer, add_product, pass_night
from desk import visitor
from mailbox_reader import links
from playwright.sync_api import expect

BEANS = "Beans of the lighthouse"
ADDRESS = "kho@haidang.example"
WRITTEN, SILENT, LATER = "Khách sạn Hải Đăng", "Tiệm bánh Hải Âu", "Trà quán Sóng Biển"
RULE = "Runs out soon"

pytestmark = pytest.mark.usefixtures("told_in_order")


@pytest.fixture(scope="module", autouse=True)
def as_before(company):
    """The house afterwards has no rules, and reminds by the settings that it had."""
    names = ("care_reminder_hour", "care_reminder_weekend", "care_reminder_limit_days")
    admin, manager = company.desk("admin"), company.desk("care_manager")
    [house] = admin.call("res.company", "search_read", [], names)
    yield
    admin.call("res.company", "write", house["id"], {name: house[name] for name in names})
    rules = manager.call("care.reminder.rule", "search", [])
    manager.call("care.reminder.rule", "unlink", rules)


@pytest.fixture(scope="module")
def customers(company):
    """One whose beans run out, one of them without an address, one whose beans last longer."""
    beans = add_product(company, BEANS)
    return [
        add_customer(company, WRITTEN, beans, 19, email=ADDRESS),
        add_customer(company, SILENT, beans, 19),
        add_customer(company, LATER, beans, 5, email="so@songbien.example"),
    ]


@pytest.fixture
def manager(company):
    return company.desk("care_manager")


def test_settings_are_saved_and_read_back(company):  # CC-14
    desk = company.desk("admin")
    desk.open("/odoo/care-settings")
    desk.fill("care_reminder_hour", "00:00")
    desk.fill("care_reminder_limit_days", "30")
    desk.tick(desk.field("care_reminder_weekend").locator("input"))
    desk.save_settings()
    desk.open("/odoo/care-settings")
    assert desk.text("care_reminder_limit_days") == "30"
    assert desk.text("care_reminder_hour") == "00:00"
    expect(desk.field("care_reminder_weekend").locator("input")).to_be_checked()


def test_an_empty_house_begins_with_the_usual_rules(manager):  # CC-14, CC-15
    manager.open("/odoo/care-reminder-rules")
    manager.page.get_by_role("link", name="Begin with four usual rules").click()
    rules = manager.page.locator(".o_data_row")
    expect(rules).to_have_count(4)
    expect(manager.page.locator(".o_data_row td[name=is_on] input:checked")).to_have_count(0)


def test_a_rule_tells_whom_it_would_remind(company, manager, customers):  # CC-14
    pass_night(company, "products")
    manager.open("/odoo/care-reminder-rules")
    manager.open_row(RULE)
    manager.choose("product_tmpl_ids", BEANS)
    manager.tick(manager.page.get_by_label("A fixed time after"))
    manager.fill("interval_number", "20")
    manager.field("interval_unit").locator("input, button").first.click()
    manager.page.locator(".o_select_menu_item").filter(has_text=re.compile(r"^\s*days")).click()
    manager.save()
    manager.click("Count whom it would remind")
    told = manager.field("preview")
    expect(told).to_contain_text("Reminders: 2, customers: 2")
    expect(told).to_contain_text("Held back: no e-mail address (1)")
    manager.click("Whom would it remind?")
    rows = manager.page.locator(".o_data_row")
    expect(rows.filter(has_text="Leaves")).to_have_count(2)
    expect(rows.filter(has_text="no e-mail address")).to_have_count(1)
    manager.back()
    manager.click("Switch on")
    expect(manager.button("Switch off")).to_be_visible()


def test_the_board_tells_what_became_of_each(company, manager):  # CC-14
    pass_night(company, "reminder_plan", "reminders")
    desk = company.desk("care_agent")
    desk.open("/odoo/care-reminders")
    for state, name, word in (("Planned", LATER, "Leaves"), ("Sent", WRITTEN, RULE),
                              ("Held back", SILENT, "no e-mail address")):  # fmt: skip
        title = desk.page.locator(".o_column_title").filter(has_text=state)
        group = desk.page.locator(".o_kanban_group").filter(has=title)
        card = group.locator(".o_kanban_record").filter(has_text=name)
        expect(card).to_have_count(1)
        expect(card).to_contain_text(word)


def test_the_mail_leaves_once_and_has_a_way_out(company, mail):  # CC-14
    reminder = mail.box.wait_for(ADDRESS)
    assert BEANS in reminder["Subject"]
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    pass_night(company, "reminder_plan", "reminders")
    assert len(mail.box.mails(ADDRESS)) == 1
    [way_out] = [link for link in links(reminder) if "/care/reminder/" in link]
    with visitor(company.chromium) as page:
        page.goto(way_out)
        page.get_by_role("button", name="No more mails").click()
        expect(page.get_by_text("You will get no more mails of this kind")).to_be_visible()
    stopped = [["email", "=", ADDRESS]]
    assert company.desk("admin").call("mail.blacklist", "search_count", stopped) == 1


def test_nothing_failed_behind_the_reminders(company, manager):
    assert company.faults() == []
    assert manager.errors == company.desk("care_agent").errors == []
