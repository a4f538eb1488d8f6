from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# what a survivor takes over where it has nothing itself
TAKEN_OVER = ("email_normalized", "phone_sanitized", "partner_id", "lang", "tz", "country_id")


class NurtureMerge(models.Model):
    """One row: one person was found to be another one, and became part of that one.

    The absorbed person stays as an archived row without address. What belonged to it is listed
    here row by row, so that the decision can be undone whatever came after: then what is listed
    goes back from whoever holds it now, and what came later stays. Scores are derived and never
    moved. Only `_merge` and `_undo` write.
    """

    _name = "nurture.merge"
    _description = "Merge of two people"
    _order = "id desc"
    _rec_name = "absorbed_id"

    person_id = fields.Many2one(
        "nurture.person", "Into", required=True, readonly=True, index=True, ondelete="cascade"
    )
    absorbed_id = fields.Many2one(
        "nurture.person", "Merged", required=True, readonly=True, index=True,
        ondelete="cascade",
    )
    address = fields.Char("Known as", readonly=True, help="E-mail address or phone number.")
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    merged_at = fields.Datetime("When", readonly=True, required=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")
    reason = fields.Selection(
        lambda self: [*self._reasons().items()], "Why", readonly=True, required=True
    )
    undone_at = fields.Datetime("Undone", readonly=True)
    undone_by_id = fields.Many2one("res.users", "Undone by", readonly=True, ondelete="set null")
    moved = fields.Json("Moved rows", readonly=True)
    kept = fields.Json("Addresses of the absorbed person", readonly=True)
    given = fields.Json("Addresses that the other one took over", readonly=True)
    summary = fields.Char("What moved", compute="_compute_summary")

    @api.model
    def _reasons(self):
        _ = self.env._
        return {
            "manual": _("Merged by hand"),
            "lead": _("Their leads were merged"),
            "partner": _("Their contacts were merged"),
            "phone": _("Gave a known address"),
        }

    @api.model
    def _moved_tables(self):
        """Registry: tables whose rows follow their person (column `person_id`), and what people
        call them. Rows that are derived (scores) do not belong here."""
        _ = self.env._
        return {
            "nurture_event": _("events"),
            "nurture_identity": _("records and addresses"),
            "nurture_enrolment": _("journeys"),
            "nurture_waiter": _("waits"),
            "nurture_send": _("mails"),
            "nurture_step_log": _("steps"),
            "nurture_handover": _("hand-overs"),
            "nurture_alert": _("alerts"),
        }

    @api.depends("moved")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = self._moved_tables()
        for merge in self:
            counts = [
                f"{labels[table]}: {len(ids)}"
                for table, ids in (merge.moved or {}).items()
                if ids and table in labels
            ]
            merge.summary = ", ".join(counts) or self.env._("nothing")

    def action_undo(self):
        self._check_user()
        self.check_access("read")
        for merge in self.sudo():  # sudo: only the engine writes; rights were checked above
            merge._undo()

    @api.model
    def _check_user(self):
        if not self.env.user.has_group("lead_nurture.group_lead_nurture_user"):
            raise AccessError(self.env._("Only users of Nurture can do that."))

    # ------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------

    @api.model
    def _merge(self, survivor, absorbed, reason):
        """Make `absorbed` a part of `survivor`; returns the row that remembers it."""
        self._check_mergeable(survivor, absorbed)
        (survivor | absorbed).lock_for_update()
        self.env.flush_all()
        ended = self._end_parallel_journeys(survivor | absorbed)
        moved = {}
        for table in self._moved_tables():
            rows = self.env.execute_query(self._query_move(table, survivor, absorbed))
            moved[table] = [row[0] for row in rows]
        self.env.execute_query(self._query_forget_scores(absorbed))
        self.env.invalidate_all(flush=False)
        kept = absorbed._prepare_kept()
        given = {
            name: kept[name] for name in TAKEN_OVER if kept.get(name) and not survivor[name]
        }
        absorbed._set_merged(survivor)
        survivor._take_over(kept, given)
        self.env["nurture.dirty"]._push((survivor | absorbed).ids)
        self.env["nurture.change"]._push("person", survivor.ids)
        return self.create(
            {
                "person_id": survivor.id,
                "absorbed_id": absorbed.id,
                "address": kept.get("email_normalized") or kept.get("phone_sanitized"),
                "company_id": survivor.company_id.id,
                "merged_at": fields.Datetime.now(),
                "user_id": self.env.uid if reason == "manual" else False,
                "reason": reason,
                "moved": moved,
                "kept": kept,
                "given": given,
                **ended,
            }
        )

    @api.model
    def _check_mergeable(self, survivor, absorbed):
        if survivor == absorbed:
            raise UserError(self.env._("A person cannot be merged with itself."))
        if survivor.company_id != absorbed.company_id:
            raise UserError(
                self.env._(
                    "%(one)s and %(other)s belong to different companies, and companies do not "
                    "share people.",
                    one=survivor.name,
                    other=absorbed.name,
                )
            )
        if merged := (survivor | absorbed).filtered("merged_into_id")[:1]:
            raise UserError(self.env._("%s has become part of somebody else already.", merged.name))

    @api.model
    def _end_parallel_journeys(self, persons):
        """Two journeys through one scenario: who is further on goes on alone. Values of the merge
        by which an undo finds what may begin again."""
        # sudo: whoever may merge people merges their journeys
        travelling = self.env["nurture.enrolment"].sudo().search(
            [("person_id", "in", persons.ids), ("is_open", "=", True)], order="visit desc, id"
        )
        for journeys in travelling.grouped("scenario_id").values():
            journeys[1:]._set_exited("merged", fields.Datetime.now())
        return {}

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_move(self, table, survivor, absorbed):
        return SQL(
            "UPDATE %s SET person_id = %s WHERE person_id = %s RETURNING id",
            SQL.identifier(table),
            survivor.id,
            absorbed.id,
        )

    def _query_forget_scores(self, persons):
        # index nurture_score_person_model_uniq
        return SQL("DELETE FROM nurture_score WHERE person_id = ANY(%s) RETURNING id", persons.ids)
