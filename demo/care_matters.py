"""What customers of the house come with, how it is answered, and what complaints come from.

Needs customer_care. Costs are dong without tax.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """What a complaint's file says in the end."""

    wanted: str
    cause: str
    found: str
    remedy: str
    cost: int
    note: str


@dataclass(frozen=True)
class Matter:
    """What a customer may come with, and how it goes."""

    subject: str
    text: str
    answer: str
    kind: str = "question"
    category: str = "other"
    severity: str = "2"
    goods: str = ""
    file: File | None = None


@dataclass(frozen=True)
class Change:
    """What the house changes after complaints of one subject: due in so many days from today."""

    subject: str
    action: str
    owner: str
    due: int
    done: int | None = None  # days from today
    effect: str = "open"


MATTERS = (
    Matter("When does the next delivery come?", "We are down to three bags.",
           "It left this morning and is with you tomorrow before ten.", category="delivery"),
    Matter("Invoice to another address", "Please send invoices to our accountant from now on.",
           "Done: the next one goes there.", "request", "billing"),
    Matter("Which filter fits the Aria 1?", "Is it the C200?",
           "Yes, the C200. Change it every four months with your water.", category="product",
           goods="filter"),
    Matter("Tablets: one or two?", "How many tablets go into one cleaning?",
           "One for a 1-group machine, two for a 2-group machine.", category="product",
           goods="tablets"),
    Matter("Two bags were torn", "Beans all over the carton.",
           "I am sorry. Two bags go out today, free of charge.", "complaint", "delivery",
           goods="blend", file=File(
               "replace", "damaged", "Cartons are stacked four high in the courier's van.",
               "replace", 352_000, "Two bags, by courier")),
    Matter("The courier came a day late", "We had to close the bar at noon.",
           "That must not happen. The courier is warned, and I send you a box as an apology.",
           "complaint", "delivery", "3", file=File(
               "apology", "late", "The Saturday tour was cancelled without a word to us.",
               "apology", 176_000, "A bag with a card")),
    Matter("Invoice counts one carton too many", "We got four cartons, you charge five.",
           "You are right: the credit note is on its way.", "complaint", "billing", goods="cups",
           file=File(
               "refund", "billing", "Invoiced as ordered, though a carton was on back order.",
               "refund", 780_000, "One carton credited")),
    Matter("The group leaks", "Water drips from the group since yesterday.",
           "That is the gasket. The kit comes tomorrow; I call you and we change it together.",
           "defect", "product", goods="gasket", file=File(
               "repair", "use", "Gasket older than a year; nobody had told them to change it.",
               "replace", 84_000, "Gasket kit")),
    Matter("Machine does not heat", "The Aria stays cold and shows E4. We have no coffee.",
           "The technician is with you within three hours.", "defect", "product", "3", "aria1",
           File("repair", "material", "Thermostat of the supplier's spring batch.",
                "repair", 1_420_000, "Thermostat and two hours of the technician")),
    Matter("Grinder stops after a minute", "It hums, then it stops.",
           "Please send it to us in the box of the new one, which leaves today.", "defect",
           "product", goods="grinder", file=File(
               "replace", "production", "Burrs set too tight in the workshop.",
               "replace", 640_000, "Workshop, freight both ways")),
    Matter("Send back a carton of cups", "Wrong size, 12 oz was meant.",
           "Of course: the courier picks it up on Tuesday.", "return", "delivery", goods="cups",
           file=File(
               "replace", "advice", "The price list shows both sizes in one line.",
               "replace", 95_000, "Freight both ways")),
    Matter("A visit on Monday?", "We are closed on Mondays, can the technician come then?",
           "Monday at nine is yours.", "request", "service", goods="visit"),
    Matter("Thank you for the training", "The whole team can pull a proper shot now!",
           "That makes our day. See you in spring.", "praise", "service", "1", "install"),
)
CHANGES = (
    Change("Two bags were torn", "Beans travel in double-walled cartons.", "field", -95, -99,
           "yes"),
    Change("The courier came a day late", "A second courier for Saturdays; he calls the customer "
           "when he is late.", "sales_manager", -40, -33),
    Change("Machine does not heat", "Thermostats are tested when they come in; the supplier "
           "answers for the spring batch.", "care_manager", -4),
    Change("Grinder stops after a minute", "Burrs are set by gauge, and the setting goes on the "
           "card in the box.", "care_manager", 12),
)
CHANNELS = ("email",) * 6 + ("phone",) * 3 + ("portal", "web")
THANKS = ("Thank you!", "Cảm ơn bạn nhiều!", "Perfect, thanks.", "Great, thank you very much!")
NEWS = "It happened again this morning. Can you look once more?"
ASK_BACK = "Could you send me a picture, and the number on the label?"
SENT_IT = "Here is the number: it stands below the left foot. The picture was too dark, sorry."
