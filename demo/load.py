"""Mekong Coffee Works: a demo company with 18 months of history.

The company sells coffee machines, grinders and all that they use up (beans, water filters,
cleaning products, cups, spare parts) together with installation and service contracts, from Ho
Chi Minh City to cafés, hotels, offices, roasters and homes in six countries.

Run it inside ``odoo shell``, with the repository's root on ``sys.path``::

    from demo.load import load
    load(env)

* Everything is drawn from one seed and told relative to the day of the first start, so two
  companies started on one day are equal.
* A chapter is one transaction. Its last act is a mark in ``ir.config_parameter``
  (``demo.chapter.<name>``), so an interrupted load starts again where it stood and a finished one
  does nothing. A chapter about an addon that is not installed is left out, without a mark: it is
  told on a later start.
* The records come from the same methods that a person's clicks call (confirm, post, convert,
  mark won). Only time is false: ``backdate.py`` moves what was just made to the day it belongs to.

Logins: each role's word is login and password alike (see ``users.py``).
"""
import time

from . import (
    activities,
    care,
    care_agreements,
    care_alarm,
    care_cases,
    care_cost,
    care_desk,
    care_goods,
    care_months,
    care_nights,
    care_reminders,
    care_surveys,
    care_voices,
    check,
    company,
    customers,
    desk_deals,
    desk_forecast,
    desk_leaver,
    desk_people,
    desk_quotes,
    desk_reports,
    desk_rules,
    desk_stories,
    desk_voices,
    hitches,
    journeys,
    judgement,
    leads,
    marketing,
    open_days,
    orders,
    payments,
    pipeline,
    products,
    sales,
    sending,
    users,
)
from .story import Story

# name, what the person at the terminal reads, function, addon it needs
CHAPTERS = (
    ("company", "company, currency, taxes", company.load, None),
    ("users", "teams and one user per role", users.load, None),
    ("products", "machines, consumables, services", products.load, None),
    ("customers", "300 customers in six countries", customers.load, None),
    ("orders", "18 months of orders and invoices", orders.load, None),
    ("payments", "payments and credit notes", payments.load, None),
    ("leads", "leads, campaigns and their origin", leads.load, None),
    ("pipeline", "opportunities won, lost and open", pipeline.load, None),
    ("learning", "predictive scoring learns from them", pipeline.learn, None),
    ("activities", "calls, meetings and next steps", activities.load, None),
    ("sales", "hand-offs and deals put to not now", sales.load, sales.ADDON),
    ("sales_day", "today's jobs of sales", sales.run_day, sales.ADDON),
    ("desk_leaver", "a colleague who left, a cover", desk_leaver.load, sales.ADDON),
    ("desk_deals", "closing dates, currencies, categories", desk_deals.load, sales.ADDON),
    ("desk_rules", "the house's way of selling", desk_rules.load, sales.ADDON),
    ("desk_people", "who decides at the customers", desk_people.load, sales.ADDON),
    ("desk_quotes", "what became of the quotations", desk_quotes.load, sales.ADDON),
    ("desk_forecast", "targets and twelve weeks of forecasts", desk_forecast.load, sales.ADDON),
    ("desk_stories", "stories of won deals", desk_stories.load, sales.ADDON),
    ("desk_voices", "what customers said", desk_voices.load, sales.ADDON),
    ("desk_reports", "daily and weekly reports", desk_reports.load, sales.ADDON),
    ("care", "customers counted and judged", care.load, care.ADDON),
    ("care_goods", "warranties, service, rules of reminding", care_goods.load, care.ADDON),
    ("care_agreements", "service contracts and subscriptions", care_agreements.load, care.ADDON),
    ("care_reminders", "nine weeks of reminders and proposals", care_reminders.load, care.ADDON),
    ("care_desk", "the service desk and its promises", care_desk.load, care.ADDON),
    ("care_cases", "what customers asked and complained of", care_cases.load, care.ADDON),
    ("care_cost", "what keeping customers costs", care_cost.load, care.ADDON),
    ("care_months", "churn printed month by month, late documents", care_months.load, care.ADDON),
    ("care_voices", "ratings, answers, mails and calls of customers", care_voices.load, care.ADDON),
    ("care_surveys", "survey programmes and half a year of answers", care_surveys.load,
     care.ADDON),
    ("care_door", "a customer with a login", care_desk.open_door, care.ADDON),
    ("care_alarm", "one lot that leaks", care_alarm.load, care.ADDON),
    ("marketing", "visits, scores, segments and scenarios", marketing.load, marketing.ADDON),
    ("judgement", "accounts, statuses, hand-overs and a backtest", judgement.load, judgement.ADDON),
    ("sending", "quiet hours, holidays and limits of mails", sending.load, sending.ADDON),
    ("journeys", "a scenario that has run for eleven weeks", journeys.load, journeys.ADDON),
    ("open_days", "a scenario of twelve steps, its next version in draft", open_days.load,
     open_days.ADDON),
    ("hitches", "one scenario paused, one with a step that fails", hitches.load, hitches.ADDON),
    ("care_nights", "the night of today in customer care", care_nights.load, care.ADDON),
    ("catch_up", "scores, segments and statuses of today", judgement.catch_up, judgement.ADDON),
    ("arrive", "everybody begins on his own page", users.arrive, None),
    ("mail_rate", "a limit of mails per hour", sending.limit_rate, sending.ADDON),
)


def load(env, progress=print):
    """Tell every chapter that is not told yet, then say what is there."""
    story = Story(env)
    for name, title, chapter, addon in CHAPTERS:
        if addon and not story.has_addon(addon):
            progress(f"  – {title}: left out, {addon} is not installed")
            continue
        if story.is_told(name):
            progress(f"  ✓ {title}")
            continue
        started = time.monotonic()
        chapter(story.open_chapter(name))
        story.close_chapter(name)
        progress(f"  ✓ {title} ({time.monotonic() - started:.0f} s)")
    for line in check.summary(env):
        progress(f"  {line}")
