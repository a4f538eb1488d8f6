"""The night of today, as the scheduler runs it.

Needs customer_care.
"""
from . import care_voices


def load(story):
    """Chapter: every step as of now; what is due today leaves with it, and
    the head of care says what the figures do not know."""
    story.run_job("care.customer", "_cron_refresh_customers")
    story.env["care.night"].search([("state", "=", "waiting")]).unlink()
    story.run_job("care.night", "_cron_run_night")
    story.run_job("care.case.escalation", "_cron_escalate")
    care_voices.override(story)
