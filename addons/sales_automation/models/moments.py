"""Moments told as people tell them, by the reader's calendar."""

from odoo import fields


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
