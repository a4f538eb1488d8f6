from odoo import models

from .sales_handover import QUIET


class SalesHandoverLine(models.Model):
    """Who follows what moves: core subscribes everybody who gets something and forgets nobody.

    Before a move it is noted in `from_values["following"]` what the two persons heard of, as
    {partner id: subtype ids}; taking back restores that, also of the record of an activity.
    """

    _inherit = "sales.handover.line"

    def _get_threads(self, spec):
        """Return {line: the record whose followers the move may change}."""
        threads = {}
        for line, record in zip(self, self._get_records(spec), strict=True):
            if line.kind == "activity" and record.res_model:
                record = self.env[record.res_model].sudo().with_context(  # as the line itself
                    **QUIET).browse(record.res_id)
            if "message_follower_ids" in record:
                threads[line] = record
        return threads

    def _read_following(self, spec):
        """Return {line: {partner id: subtype ids}} of the person and the receiver.

        One query per model, found by core's index on the record.
        """
        threads = self._get_threads(spec)
        found = {}
        for model in {record._name for record in threads.values()}:
            ids = [record.id for record in threads.values() if record._name == model]
            for row in self.env["mail.followers"].sudo().search([  # of records that move
                    ("res_model", "=", model), ("res_id", "in", ids),
                    ("partner_id", "in", self._get_followers().ids)]):
                found.setdefault((model, row.res_id), {})[row.partner_id.id] = row.subtype_ids.ids
        return {
            line: {partner_id: subtypes for partner_id, subtypes
                   in found.get((record._name, record.id), {}).items()
                   if partner_id in line._get_followers().ids}
            for line, record in threads.items()}

    def _get_followers(self):
        return (self.handover_id.from_user_id | self.to_user_id).partner_id

    def _keep_following(self, following):
        for line, partners in following.items():
            line.from_values = {**(line.from_values or {}), "following": partners}

    def _restore_following(self, spec):
        """Whoever did not follow before does not follow now, and hears of what he heard before."""
        self.ensure_one()
        if "following" not in (self.from_values or {}):
            return
        wanted = {int(key): subtypes for key, subtypes in self.from_values["following"].items()}
        now = self._read_following(spec).get(self, {})
        thread = self._get_threads(spec).get(self)
        if extra := [partner_id for partner_id in now if partner_id not in wanted]:
            thread.message_unsubscribe(partner_ids=extra)
        for partner_id, subtypes in wanted.items():
            if sorted(now.get(partner_id, [])) != sorted(subtypes):
                thread.message_subscribe(partner_ids=[partner_id], subtype_ids=subtypes)
