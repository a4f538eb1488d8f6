"""When the house writes to people, and how often: rules that hold for all scenarios.

Needs lead_nurture. Told before the scenarios, so that their histories keep to the rules; the rate
comes last, because it spreads mails over minutes, and the past is told morning by morning.
"""
from datetime import date

from .marketing import ADDON

__all__ = ["ADDON", "load"]

QUIET = (20, 8)  # from, until, by the clock of the recipient
CAP = (3, 7)  # mails within days
MAILS_PER_HOUR = 600
WARM_UP = 50  # mails on the first day of a mail server, if the administrator has set one up
ANY_YEAR = 2026
# country: {(month, day): name}, the same each year
HOLIDAYS = {
    "VN": {(1, 1): "New Year's Day", (4, 30): "Reunification Day", (5, 1): "Labour Day",
           (9, 2): "National Day"},
    "JP": {(1, 1): "New Year's Day", (2, 11): "National Foundation Day",
           (2, 23): "Emperor's Birthday", (4, 29): "Shōwa Day", (5, 3): "Constitution Day",
           (5, 4): "Greenery Day", (5, 5): "Children's Day", (8, 11): "Mountain Day",
           (11, 3): "Culture Day", (11, 23): "Labour Thanksgiving Day"},
    "TH": {(1, 1): "New Year's Day", (4, 6): "Chakri Day", (4, 13): "Songkran",
           (4, 14): "Songkran", (4, 15): "Songkran", (5, 1): "Labour Day",
           (7, 28): "King's Birthday", (10, 13): "King Bhumibol Memorial Day",
           (10, 23): "Chulalongkorn Day", (12, 5): "Father's Day", (12, 10): "Constitution Day",
           (12, 31): "New Year's Eve"},
    "US": {(1, 1): "New Year's Day", (6, 19): "Juneteenth", (7, 4): "Independence Day",
           (11, 11): "Veterans Day", (12, 25): "Christmas Day"},
}
NEW_YEARS_OF_THE_MOON = (date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26))  # Tết


def load(story):
    """Chapter: quiet hours, holidays, a limit per person."""
    story.company.write({
        "nurture_quiet_from": QUIET[0], "nurture_quiet_to": QUIET[1],
        "nurture_skip_holidays": True,
        "nurture_cap_mails": CAP[0], "nurture_cap_days": CAP[1]})
    _load_holidays(story)


def limit_rate(story):
    """Chapter: how many mails an hour, and a warm-up where there is a mail server."""
    story.company.nurture_mail_rate = MAILS_PER_HOUR
    story.env["ir.mail_server"].search([], limit=1).write({
        "nurture_rate": MAILS_PER_HOUR, "nurture_warm_since": story.today,
        "nurture_warm_first": WARM_UP})


def _load_holidays(story):
    vals_list = [
        {"name": name, "date": date(ANY_YEAR, month, day), "yearly": True,
         "country_id": story.env.ref(f"base.{code.lower()}").id}
        for code, days in HOLIDAYS.items() for (month, day), name in days.items()]
    vals_list += [
        {"name": "Tết", "date": day, "country_id": story.env.ref("base.vn").id}
        for day in NEW_YEARS_OF_THE_MOON]
    story.env["nurture.holiday"].create(vals_list)
