"""What customers said, who cares for it, and what became of it."""
from datetime import timedelta

from .backdate import move_columns, stamp
from .desk import ADDON, empty_outbox, open_deals

__all__ = ["ADDON", "load"]

# heard by, days ago, kind, words, how much it matters, product, is it about safety
VOICES = (
    ("field", 12, "wish", "A lid sensor would help: staff forget to close the bean hopper.",
     "1", "aria2", False),
    ("field", 10, "complaint", "The technician came on the third day. In a café that is three days "
     "without income.", "3", None, False),
    ("field", 8, "competitor", "Another supplier offers the first year of service for free.",
     "2", None, False),
    ("field_th", 9, "price", "In dollars your beans have become ten percent dearer since spring.",
     "2", "blend", False),
    ("field_th", 6, "praise", "The training was the best we ever had; my baristas talk of it.",
     "0", "install", False),
    ("inside", 7, "wish", "Could one order filters by a photo of the old one?", "1", "filter",
     False),
    ("inside", 5, "defect", "The drip tray of the Lotus cracks after some months.", "2", "lotus",
     False),
    ("field", 3, "defect", "The steam wand dripped hot water on a barista's hand.", "3", "aria1",
     True),
    ("field_th", 2, "competitor", "A local roaster gives a grinder for every 200 kg.",
     "1", None, False),
    ("inside", 2, "price", "For a home machine with grinder they expect one price, not two.", "0",
     "home", False),
)
# which one, taken by, answer or nothing yet
TAKEN = (
    (0, "care_manager", "The next series has it; yours gets the part with the service in spring."),
    (1, "care_manager", "From next month on a second technician is on duty in your district."),
    (4, "sales_manager", "Thank you, passed on to the trainer. May we quote you?"),
    (6, "care_agent", "Known: the tray is replaced free of charge, a new one is on its way."),
    (7, "care_manager", None),
    (3, "sales_manager", None),
)


def load(story):
    """Chapter: ten voices of the last two weeks, six taken, four answered."""
    voices = [_hear(story, number, *voice) for number, voice in enumerate(VOICES)]
    for number, login, answer in TAKEN:
        _take(story, voices[number], story.ref(f"user_{login}"), answer)
    empty_outbox(story)


def _hear(story, number, login, ago, kind, text, severity, product, is_safety):
    day = story.workday(story.today - timedelta(days=ago))
    deals = open_deals(story, login)
    lead = deals[(number * 3) % len(deals)]
    item = story.ref(f"product_{product}").product_tmpl_id.id if product else False
    voice = story.env["sales.voice"].with_user(story.ref(f"user_{login}")).create({
        "text": text, "severity": severity, "is_safety": is_safety, "lead_id": lead.id,
        "product_tmpl_id": item, "heard_on": day,
        "type_id": story.env.ref(f"sales_automation.sales_voice_type_{kind}").id})
    moment = story.moment(day)
    stamp(story.env, "sales.voice", "id", {voice.id: moment})
    if voice.message_id:
        move_columns(voice.message_id, {voice.message_id.id: {
            "date": moment, "create_date": moment}})
    return voice.with_env(story.env)


def _take(story, voice, user, answer):
    """Somebody cares for it a day later; what he answers is told to whoever heard it."""
    own = voice.sudo()
    taken = min(own.create_date + timedelta(hours=story.rng.randint(3, 26)), story.env.cr.now())
    own._set_taken(user, taken)
    if answer:
        own.answer = answer
        own.with_user(user).sudo()._set_answered(
            min(taken + timedelta(hours=story.rng.randint(4, 40)), story.env.cr.now()))
