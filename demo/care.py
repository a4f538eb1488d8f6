"""Customers counted and judged by their purchases; some of the lost ones are being won back.

Needs customer_care.
"""
ADDON = "customer_care"
WON_BACK = 6


def load(story):
    """Chapter: the full count as the nightly job does it, then a few win-backs by the team."""
    env = story.env
    env["care.build"].action_build_now()
    gone = env["care.customer"].search(
        [("status", "=", "churned"), ("purchase_days", ">", 3)], order="revenue_net desc, id",
        limit=WON_BACK)
    gone.with_user(story.ref("user_care_manager")).action_win_back()
