"""What the stories of the care desk begin with: goods, customers who bought, nights."""
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid

from deeds import today

PRICE = 150_000


def add_product(site, name: str, **values) -> int:
    """A product; the variant that is sold."""
    admin = site.desk("admin")
    [template] = admin.call("product.template", "create", [{
        "name": name, "list_price": PRICE, "taxes_id": [[6, 0, []]], **values}])  # fmt: skip
    return admin.find("product.product", ["product_tmpl_id", "=", template])


def add_customer(site, name: str, product: int, *days_ago: int, **values) -> int:
    """A customer who bought on these days, counted."""
    desk, admin = site.desk("care_manager"), site.desk("admin")
    [partner] = desk.call("res.partner", "create", [{"name": name, "is_company": True, **values}])
    moves = desk.call("account.move", "create", [
        {"move_type": "out_invoice", "partner_id": partner,
         "invoice_date": (today() - timedelta(days=ago)).isoformat(),
         "invoice_line_ids": [[0, 0, {"product_id": product, "price_unit": PRICE}]]}
        for ago in days_ago])  # fmt: skip
    desk.call("account.move", "action_post", moves)
    admin.run_cron("customer_care.ir_cron_refresh_customers", "care.dirty", ["error", "=", False])
    return partner


def pass_night(site, *steps: str) -> None:
    """Do these steps of the night again, now, and whatever else waits for it."""
    admin = site.desk("admin")
    done = admin.call("care.night", "search", [["step", "in", steps], ["state", "=", "done"]])
    admin.call("care.night", "write", done, {"state": "waiting", "position": 0})
    # nights wait for the first count of a new database
    admin.run_cron("customer_care.ir_cron_build_customers", "care.build", ["state", "=", "running"])
    for _turn in ("what waits", "what the day has not begun"):
        admin.run_cron("customer_care.ir_cron_run_night", "care.night", ["state", "=", "waiting"])


def team(site) -> dict:
    """The desk of the house: its address for mails, and the key of its public form."""
    admin = site.desk("admin")
    [place] = admin.call("ir.model.data", "search_read", [
        ["module", "=", "customer_care"], ["name", "=", "care_team_main"]], ["res_id"])  # fmt: skip
    return admin.read("care.team", place["res_id"], "alias_full_name", "form_key", "leader_id")


def add_login(site, partner: int, login: str) -> None:
    """The customer gets an account in the portal."""
    admin = site.desk("admin")
    [group] = admin.call("ir.model.data", "search_read", [
        ["module", "=", "base"], ["name", "=", "group_portal"]], ["res_id"])  # fmt: skip
    admin.call("res.users", "create", [{
        "login": login, "password": login, "partner_id": partner,
        "group_ids": [[6, 0, [group["res_id"]]]]}])  # fmt: skip


def write_mail(site, sender: str, subject: str, text: str, answers=None) -> int:
    """A mail comes in at the service's address, as the mail server hands it over: its case."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, team(site)["alias_full_name"], subject
    mail["Message-Id"] = make_msgid(domain="customer.example")
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers["Message-Id"]
    mail.set_content(text)
    return site.desk("admin").call("mail.thread", "message_process", False, mail.as_string())
