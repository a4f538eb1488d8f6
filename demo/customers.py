"""Customers: houses with the people met there, and home baristas."""
from datetime import timedelta

from odoo import Command

from .backdate import move_columns
from .cast import COUNTRIES, HOUSES, Cast
from .habits import draw_buyers

TAGS = {"cafe": "Café", "hotel": "Hotel", "office": "Office", "roastery": "Roastery",
        "home": "Home barista"}


def load(story):
    """Chapter: one partner per buyer; a house also has one or two contacts."""
    env = story.env
    cast = Cast(story.rng)
    tags = story.name_records(
        env["res.partner.category"].create(
            [{"name": name, "color": color} for color, name in enumerate(TAGS.values(), 1)]),
        [f"tag_{kind}" for kind in TAGS])
    tag_by_kind = dict(zip(TAGS, tags, strict=True))
    industries = {industry.name: industry.id for industry in env["res.partner.industry"].search([])}
    buyers = draw_buyers(story.start, story.today)
    partners = env["res.partner"].create([
        _prepare_partner_vals(story, cast, buyer, tag_by_kind, industries) for buyer in buyers])
    story.name_records(partners, [buyer.name for buyer in buyers])
    _backdate(story, partners, buyers)


def _prepare_partner_vals(story, cast, buyer, tag_by_kind, industries):
    """A partner with everything that his kind and market imply."""
    country = COUNTRIES[buyer.market]
    vals = {
        "country_id": story.env.ref(f"base.{buyer.market.lower()}").id,
        "tz": country.tz,
        "category_id": [Command.link(tag_by_kind[buyer.kind].id)],
        "user_id": story.ref(f"user_{buyer.salesperson}").id,
        "property_product_pricelist": story.ref(f"pricelist_{country.currency.lower()}").id,
        **cast.address(country),
    }
    if buyer.kind == "home":
        name, email = cast.person(country)
        return {**vals, "name": name, "email": email, "phone": cast.phone(country),
                "property_payment_term_id": story.env.ref(
                    "account.account_payment_term_immediate").id}
    name, domain = cast.house(country, buyer.kind)
    _patterns, jobs, industry = HOUSES[buyer.kind]
    return {
        **vals, "name": name, "is_company": True, "email": f"contact@{domain}",
        "phone": cast.phone(country, landline=True), "website": f"https://www.{domain}",
        "industry_id": industries.get(industry),
        "property_payment_term_id": story.env.ref("account.account_payment_term_30days").id,
        "child_ids": [
            Command.create(_prepare_contact_vals(cast, country, domain, job, vals))
            for job in story.rng.sample(jobs, story.rng.choice((1, 1, 2)))],
    }


def _prepare_contact_vals(cast, country, domain, job, house_vals):
    name, email = cast.person(country, domain)
    return {"name": name, "email": email, "function": job, "phone": cast.phone(country),
            "type": "contact", "tz": country.tz, "user_id": house_vals["user_id"]}


def _backdate(story, partners, buyers):
    """A partner is known from some weeks before his first purchase."""
    values = {}
    for partner, buyer in zip(partners, buyers, strict=True):
        known = story.moment(story.workday(
            buyer.purchases[0][0] - timedelta(days=story.rng.randint(1, 30))))
        for record in partner | partner.child_ids:
            values[record.id] = {"create_date": known}
    move_columns(story.env["res.partner"], values)
