from odoo import api, fields, models

#: People whom a look ahead lists; how many there are is told beside.
LISTED = 1000


class CareAhead(models.AbstractModel):
    """A rule that tells whom it would reach, when somebody asks.

    Counting goes through all customers, so that no form counts by being opened: the numbers are
    kept with the moment they were counted at, and go when the rule changes. A rule gives
    `_look_ahead(now)`, `_tell_preview(counts)` and the names of what decides.
    """

    _name = "care.ahead"
    _description = "Whom a rule would reach"

    #: Fields that decide whom the rule reaches.
    _preview_decided_by = frozenset()

    preview_counts = fields.Json(readonly=True, copy=False)
    previewed_at = fields.Datetime(
        "Counted", readonly=True, copy=False,
        help="When it was counted whom this would reach. Count again to see today's numbers.")
    preview = fields.Char("Would reach", compute="_compute_preview")

    @api.depends("preview_counts")
    @api.depends_context("lang")
    def _compute_preview(self):
        for rule in self:
            if rule.preview_counts:
                rule.preview = rule._tell_preview(rule.preview_counts)
            else:
                rule.preview = self.env._("Not counted yet.") if rule._origin else self.env._(
                    "Save to see whom this would reach.")

    def write(self, vals):
        """What was counted by other words is told no more."""
        if not self._preview_decided_by.isdisjoint(vals):
            vals = {**vals, "preview_counts": False, "previewed_at": False}
        return super().write(vals)

    def action_count_preview(self):
        """Count whom the rule would reach, and keep the numbers."""
        self._count_preview()

    def _count_preview(self) -> list:
        """The first LISTED that `_look_ahead` found."""
        self.ensure_one()
        self.check_access("read")
        # Whoever may read the rule may read how many it would reach.
        rule, now = self.sudo(), fields.Datetime.now()
        counts, listed = rule._look_ahead(now)
        rule.write({"preview_counts": counts, "previewed_at": now})
        return listed

    def _look_ahead(self, now) -> tuple[dict, list]:
        """What would become of 30 days: {"free": count, "held": {reason: count}}, and the first
        LISTED, as the rule's own list shows them."""
        raise NotImplementedError

    def _tell_preview(self, counts: dict) -> str:
        raise NotImplementedError

    @api.model
    def _tell_held(self, held: dict, words: dict) -> str:
        """Each reason with its number, the most frequent first."""
        return ", ".join(
            f"{words.get(key, key)} ({count})"
            for key, count in sorted(held.items(), key=lambda item: (-item[1], item[0])))

    def _tell_listed(self, title: str, listed: int, found: int) -> str:
        """The title of a list that may not hold them all."""
        if found <= listed:
            return title
        return self.env._(
            "%(title)s (the first %(listed)s of %(found)s)", title=title, listed=listed,
            found=found)
