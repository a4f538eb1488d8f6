"""The house itself: name, logo, currency, taxes, rates, addresses that mail comes from."""
import base64
import random
from pathlib import Path

from dateutil.relativedelta import relativedelta
from odoo import Command

DOMAIN = "mekongcoffee.example"
# What one US dollar costs, in dong: a slow rise with a little noise.
USD_IN_VND = 25_400
USD_RISE_PER_MONTH = 45


def load(story):
    """Chapter: dress the company that Odoo's installation has left."""
    env, company = story.env, story.company
    vnd = env.ref("base.VND")
    (vnd | env.ref("base.USD")).active = True
    company.write({
        "name": "Mekong Coffee Works",
        "currency_id": vnd.id,
        "street": "88 Nguyễn Huệ", "city": "Hồ Chí Minh City", "zip": "700000",
        "country_id": env.ref("base.vn").id,
        "phone": "+84 28 3822 4488", "email": f"hello@{DOMAIN}",
        "website": f"https://www.{DOMAIN}", "vat": "0312345678",
        "logo": base64.b64encode((Path(__file__).parent / "logo.png").read_bytes()),
        "company_details": "Coffee machines, beans and service since 2009",
    })
    company.resource_calendar_id.tz = company.partner_id.tz = "Asia/Ho_Chi_Minh"
    company.care_tz = company.resource_calendar_id.tz  # whoever logs in first, and from where
    _load_rates(story)
    _load_taxes(story)
    _load_pricelists(story)
    _load_mail(story)
    _load_server(story)


def _load_rates(story):
    """A rate at the first of each month, from before the first order."""
    rng = random.Random("usd")
    first = story.start.replace(day=1)
    story.env["res.currency.rate"].search([("company_id", "=", story.company.id)]).unlink()
    story.env["res.currency.rate"].create([
        {"currency_id": story.env.ref("base.USD").id, "company_id": story.company.id,
         "name": first + relativedelta(months=month),
         "inverse_company_rate": USD_IN_VND + month * USD_RISE_PER_MONTH + rng.randrange(-90, 90)}
        for month in range((story.today.year - first.year) * 12 + story.today.month
                           - first.month + 1)])


def _load_taxes(story):
    """The generic chart's 15 % becomes Viet Nam's 10 %; what leaves the country carries none."""
    env, company = story.env, story.company
    tax, purchase_tax = company.account_sale_tax_id, company.account_purchase_tax_id
    for record in tax, purchase_tax:
        record.write({"name": "VAT 10%", "amount": 10, "description": "VAT 10%",
                      "invoice_label": "VAT 10%"})
        record.tax_group_id.name = "VAT 10%"
    markets = env["res.country.group"].create({
        "name": "Export markets",
        "country_ids": [Command.set([env.ref(f"base.{code}").id
                                     for code in ("th", "tw", "jp", "sg", "id")])]})
    position = env["account.fiscal.position"].create({
        "name": "Export", "auto_apply": True, "country_group_id": markets.id,
        "company_id": company.id})
    export = env["account.tax"].search([
        ("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 0)],
        limit=1)
    export.write({"fiscal_position_ids": [Command.link(position.id)],
                  "original_tax_ids": [Command.link(tax.id)]})


def _load_pricelists(story):
    """Dong at home, dollars abroad: the same prices at the day's rate."""
    env = story.env
    env.ref("base.group_user").write({"implied_ids": [
        Command.link(env.ref("product.group_product_pricelist").id),
        Command.link(env.ref("base.group_multi_currency").id)]})
    pricelists = env["product.pricelist"].create([
        {"name": "Viet Nam (VND)", "currency_id": env.ref("base.VND").id,
         "company_id": story.company.id, "sequence": 1},
        {"name": "Export (USD)", "currency_id": env.ref("base.USD").id,
         "company_id": story.company.id, "sequence": 2},
    ])
    story.name_records(pricelists, ["pricelist_vnd", "pricelist_usd"])


def _load_mail(story):
    """Every mail leaves from the house's own domain, within a minute."""
    env = story.env
    env["mail.alias.domain"].search([]).unlink()
    story.company.alias_domain_id = env["mail.alias.domain"].create({
        "name": DOMAIN, "default_from": "hello", "bounce_alias": "bounce",
        "catchall_alias": "reply"})
    queue = env.ref("mail.ir_cron_mail_scheduler_action")
    queue.write({"interval_number": 1, "interval_type": "minutes"})
    env["ir.config_parameter"].sudo().set_param("mail.mail.queue.batch.size", 5000)


def _load_server(story):
    """Nothing here calls a service on the Internet."""
    env = story.env
    if "iap_enrich_auto_done" in story.company._fields:
        story.company.iap_enrich_auto_done = True
    env["ir.config_parameter"].sudo().set_param("crm.iap.lead.enrich.setting", "manual")
    for xmlid in ("crm_iap_enrich.ir_cron_lead_enrichment",
                  "mail.ir_cron_module_update_notification",
                  "digest.ir_cron_digest_scheduler_action"):
        cron = env.ref(xmlid, raise_if_not_found=False)
        if cron:
            cron.active = False
