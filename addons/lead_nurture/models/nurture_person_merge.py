from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# an absorbed person keeps nothing by which records would find it
LEADS_TO = ("email_normalized", "phone_sanitized", "partner_id")


class NurturePerson(models.Model):
    """People who were found to be one human."""

    _inherit = "nurture.person"

    # erasing a person erases those who became part of it
    merged_into_id = fields.Many2one(
        "nurture.person", "Became part of", readonly=True, index="btree_not_null",
        ondelete="cascade",
    )
    merge_ids = fields.One2many(
        "nurture.merge", "person_id", "Merged", readonly=True, domain=[("undone_at", "=", False)]
    )

    @api.depends("name", "email_normalized", "phone_sanitized")
    @api.depends_context("nurture_show_address")
    def _compute_display_name(self):
        """Two people of one name are told apart by their addresses where it matters."""
        super()._compute_display_name()
        if self.env.context.get("nurture_show_address"):
            for person in self:
                address = person.email_normalized or person.phone_sanitized
                if address and address != person.name:
                    person.display_name = f"{person.name} ({address})"

    def action_unarchive(self):
        if merged := self.filtered("merged_into_id")[:1]:
            raise UserError(
                self.env._(
                    "%(absorbed)s became part of %(person)s. Undo the merge to separate them.",
                    absorbed=merged.name,
                    person=merged.merged_into_id.name,
                )
            )
        return super().action_unarchive()

    def action_merge_with(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_merge_people_action"
        )
        return {**action, "context": {"active_model": self._name, "active_ids": self.ids}}

    def action_open_merges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_merge_action")
        domain = ["|", ("person_id", "=", self.id), ("absorbed_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}}

    def _survivors(self):
        """Who this person became part of, and who that one became part of, …"""
        survivors = self.browse()
        person = self.merged_into_id
        while person and person not in survivors:
            survivors |= person
            person = person.merged_into_id
        return survivors

    def _last_survivor(self):
        return self._survivors()[-1:] or self

    def _look_again(self):
        """Records follow their addresses; scores follow their events. Nobody did anything."""
        for kind, rows in self.identity_ids.filtered("res_id").grouped("kind").items():
            self.env["nurture.change"]._push(kind, rows.mapped("res_id"), silent=True)
        self.env["nurture.change"]._push("person", self.ids, silent=True)
        self.env["nurture.dirty"]._push(self.ids, silent=True)

    def _probable_doubles(self, limit=10):
        """Other people who may be the same human: one phone, different addresses."""
        self.ensure_one()
        if not self.phone_sanitized:
            return self.browse()
        return self.search(
            [
                ("phone_sanitized", "=", self.phone_sanitized),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.id),
            ],
            limit=limit,
        )

    def _unlike(self, people):
        """Those `people` of whom nothing says that they may be this human."""
        mine = {sign for sign in self._signs().items() if sign[1]}
        return (people - self).filtered(lambda person: not mine & set(person._signs().items()))

    def _signs(self):
        name = (self.name or "").strip().casefold()
        return {
            "name": name,
            "phone": self.phone_sanitized,
            "contact": self.partner_id.id,
            "account": self.account_id.id,
        }

    # ------------------------------------------------------------
    # Steps of a merge
    # ------------------------------------------------------------

    def _prepare_kept(self):
        return self.read(
            ["email_normalized", "phone_sanitized", "partner_id", "lang", "tz", "country_id",
             "active"],
            load=None,
        )[0]  # fmt: skip

    def _set_merged(self, survivor):
        self.write(
            {**dict.fromkeys(LEADS_TO, False), "active": False, "merged_into_id": survivor.id}
        )
        self.flush_recordset()  # its address must be free before somebody takes it

    def _take_over(self, kept, given):
        """What the absorbed person was `kept` under leads here: as own address where there was
        none (`given`), else as a further one."""
        self.write(given)
        for kind, name in (("email", "email_normalized"), ("phone", "phone_sanitized")):
            value = kept.get(name)
            if value and name not in given and value != self[name]:
                self.env.execute_query(self._query_know_as(kind, value))
        self.invalidate_recordset(["identity_ids"])

    def _give_up(self, kept, given):
        """Addresses of an absorbed person that we took over go back to it."""
        for person in self:
            own = person.read(LEADS_TO, load=None)[0]
            person.write(
                {
                    name: False
                    for name in LEADS_TO
                    # an address is one person's alone, numbers and contacts may be shared
                    if own[name] and own[name] == kept.get(name)
                    and (name in given or name == "email_normalized")
                }
            )
        self.flush_recordset()

    def _set_separate(self, kept):
        """On its own feet again, under its own address unless that is somebody's by now."""
        names = {name: kept.get(name) for name in LEADS_TO}
        email, company_id = names["email_normalized"], self.company_id.id
        if email and self.env.execute_query(self._query_find_by_email([email], company_id)):
            names["email_normalized"] = False
        names["partner_id"] = self.env["res.partner"].browse(names["partner_id"] or []).exists().id
        self.write({**names, "active": kept.get("active", True), "merged_into_id": False})
        self.flush_recordset()

    def _query_know_as(self, kind, value):
        # index nurture_identity_value_uniq
        return SQL(
            """INSERT INTO nurture_identity (kind, value, person_id, company_id, seen_at)
               VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
            kind,
            value,
            self.id,
            self.company_id.id or None,
            fields.Datetime.now(),
        )
