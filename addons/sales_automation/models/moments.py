"""Moments told as people tell them, by the reader's calendar."""

from datetime import datetime

from babel.dates import format_skeleton, format_time, get_datetime_format
from odoo import fields
from odoo.tools.misc import babel_locale_parse, get_lang


def tell_days(env, count):
    """Return "1 day" or "5 days"."""
    return env._("1 day") if count == 1 else env._("%s days", count)


def tell_ago(env, moment, now):
    """Return "today", "yesterday" or "5 days ago"."""
    record = env["res.users"]
    day = fields.Datetime.context_timestamp(record, moment).date()
    days = (fields.Datetime.context_timestamp(record, now).date() - day).days
    if days <= 0:
        return env._("today")
    return env._("yesterday") if days == 1 else env._("%s days ago", days)


def _locale(env):
    return babel_locale_parse(get_lang(env).code)


def tell_period(env, day, kind):
    """Return "November 2026", "Q4 2026" or "2026": the month, quarter or year that holds a day."""
    skeleton = {"month": "yMMMM", "quarter": "yQQQ", "year": "y"}[kind]
    return format_skeleton(skeleton, day, locale=_locale(env))


def tell_day(env, day, *, year=False, weekday=False):
    """Return "Nov 16" or, of another year, "Nov 16, 2027": as a field shows it, by the reader's
    calendar and in his language.

    :param year: name the year in any case, as in what is read later (notes, mails)
    :param weekday: and the day of the week: "Mon, Nov 16"
    """
    if not day:
        return ""
    reader = env["res.lang"]
    if isinstance(day, datetime):
        day = fields.Datetime.context_timestamp(reader, day).date()
    now = fields.Date.context_today(reader)
    skeleton = "MMMEd" if weekday else "MMMd"
    if year or day.year != now.year:
        skeleton = f"y{skeleton}"
    return format_skeleton(skeleton, day, locale=_locale(env))


def tell_moment(env, moment, *, year=False, weekday=False):
    """Return "Nov 16, 2:30 PM", as `tell_day`."""
    if not moment:
        return ""
    local = fields.Datetime.context_timestamp(env["res.lang"], moment)
    locale = _locale(env)
    time = format_time(local.time(), "short", locale=locale)
    pattern = get_datetime_format("medium", locale=locale).replace("'", "")
    day = tell_day(env, moment, year=year, weekday=weekday)
    return pattern.replace("{0}", time).replace("{1}", day)
