"""One lot of water filters that leaks: a week of complaints, one alert, nobody reminded.

Needs customer_care.
"""
from datetime import timedelta

from .care_cases import open_case, put_in_time, say_on
from .care_matters import Matter
from .desk import empty_outbox

LOT = "C200-2611"
ANSWER = "Please close the water tap. A cartridge of another lot leaves now, by courier."
WORDS = (
    ("Filter drips at the head", "Since we changed the cartridge it drips.", 6),
    ("Water under the machine", "The new filter is not tight.", 5),
    ("C200 leaks", "Second one from the same box that leaks.", 4),
    ("Filter not tight", "We put a cup under it for now.", 3),
    ("Smoke from the socket", "The filter leaked onto the socket, there was smoke!", 2),
    ("Leaking cartridge", "Same as my neighbour has, he says.", 1))


def load(story):
    """Chapter: defects of one lot in the last days; the product owner has seen the alert."""
    env = story.env
    product = env.ref("demo_company.product_filter")
    product.product_tmpl_id.care_owner_id = story.ref("user_care_manager")
    buyers = env["care.product.history"].search(
        [("product_id", "=", product.id)], order="last_purchase desc, id", limit=len(WORDS))
    for (subject, text, ago), bought in zip(WORDS, buyers, strict=False):
        opened = story.moment(story.workday(story.today - timedelta(days=ago)))
        case = open_case(
            story, Matter(subject, text, ANSWER, "defect", "product", "3", "filter"),
            bought.partner_id, opened, "email" if bought.partner_id.email else "phone",
            lot_name=LOT)
        if ago > 1:
            _answer(story, case, opened)
    put_in_time(story)
    empty_outbox(story)


def _answer(story, case, opened):
    """The desk takes each at once and sends a cartridge of another lot."""
    agent, replied = story.ref("user_care_agent"), opened + timedelta(minutes=35)
    with story.at(replied):
        case.with_user(agent).action_take()
    say_on(story, case, agent.partner_id, ANSWER, replied)
