"""Deals that went through a pipeline: what core's chatter keeps of their moves."""

from datetime import datetime, timedelta

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, copy_rows, progress, reserve_ids

#: places in the pipeline, one after the other; -1 is the won stage
PATH = (0, 1, 2, 1, 2, 3)
MOVES = len(PATH) - 1
DAY = timedelta(days=1)
CHATTER = ("crm_lead", "mail_message", "mail_tracking_value")


def fill_moved_deals(env: Environment, count: int, now: datetime) -> range:
    """Copy deals of which each made `MOVES` moves, one a day, and every third was won at the end.

    The rows are variations of those of two deals that really moved: what is tracked, and how, is
    core's own.
    """
    deals = {outcome: _move_one(env, outcome) for outcome in ("open", "won")}
    templates = {outcome: _Templates(env, deal) for outcome, deal in deals.items()}
    ids = {
        table: reserve_ids(env, table, size)
        for table, size in zip(CHATTER, (count, count * MOVES, count * (MOVES + 1)), strict=True)
    }
    with bare_tables(env, *CHATTER):
        for table in CHATTER:
            rows = progress(_rows(table, templates, ids, count, now), count * MOVES, table)
            copy_rows(env, table, templates["open"].columns(table), rows)
    analyze(env, *CHATTER)
    return ids["crm_lead"]


def _move_one(env: Environment, outcome: str):
    """A deal that goes along the path with core's tracking, and is won at the end or not."""
    tracked = env(context={"lang": "en_US"})
    open_stages = tracked["crm.stage"].search([("is_won", "=", False)], limit=3)
    won = tracked["crm.stage"].search([("is_won", "=", True)], limit=1)
    stages = [*open_stages, won if outcome == "won" else open_stages[0]]
    deal = tracked["crm.lead"].create(
        {"name": f"Template {outcome}", "type": "opportunity", "stage_id": stages[PATH[0]].id}
    )
    _tell(tracked)
    for place in PATH[1:]:
        deal.stage_id = stages[place]
        _tell(tracked)
    return deal


def _tell(env: Environment) -> None:
    """Tracking is written before the commit."""
    env.flush_all()
    env.cr.precommit.run()


class _Templates:
    """The rows of one deal: itself, its messages about moves, and what these track."""

    def __init__(self, env: Environment, deal):
        values = env["mail.tracking.value"].search(
            [("mail_message_id", "in", deal.message_ids.ids)], order="mail_message_id, id"
        )
        messages = values.mail_message_id.sorted("id")
        if len(messages) != MOVES:
            raise RuntimeError(f"{len(messages)} messages tell of {MOVES} moves")
        self.deal = RowTemplate(env, "crm_lead", deal.id, ["id", "name", "create_date"])
        self.messages = [
            RowTemplate(env, "mail_message", message.id, ["id", "res_id", "date", "message_id"])
            for message in messages
        ]
        self.values = [
            (messages.ids.index(value.mail_message_id.id),
             RowTemplate(env, "mail_tracking_value", value.id, ["id", "mail_message_id"]))
            for value in values
        ]  # fmt: skip

    def columns(self, table: str) -> list[str]:
        first = {"crm_lead": self.deal, "mail_message": self.messages[0]}
        return first.get(table, self.values[0][1]).columns


def _rows(table: str, templates: dict[str, _Templates], ids, count: int, now: datetime):
    """Lines of one table, deal by deal."""
    next_value = iter(ids["mail_tracking_value"])
    for place in range(count):
        rows = templates["open" if place % 3 else "won"]
        lead, born = ids["crm_lead"][place], now - DAY * (MOVES + 1 + place % 300)
        messages = ids["mail_message"][place * MOVES : (place + 1) * MOVES]
        if table == "crm_lead":
            yield rows.deal.line(lead, f"Deal {place}", born)
        elif table == "mail_message":
            for move, (message, row) in enumerate(zip(messages, rows.messages, strict=True), 1):
                yield row.line(message, lead, born + DAY * move, f"<{message}@bench.example>")
        else:
            for move, row in rows.values:
                yield row.line(next(next_value), messages[move])
