from datetime import datetime

from odoo import models
from odoo.addons.sales_automation.models.crm_lead_handoff import WAITING


class SalesHandoverLine(models.Model):
    """Taking back: exactly what was there before, except for what somebody has changed since."""

    _inherit = "sales.handover.line"

    def _take_back(self, now):
        """Take moved lines back; called in a savepoint, with lines that are locked."""
        for kind, lines in self.grouped("kind").items():
            spec = lines.handover_id._handover_kinds()[kind]
            records = lines._get_records(spec)
            existing = set(records.exists().ids)
            for line, record in zip(lines, records, strict=True):
                reason = (
                    self.env._("Was deleted since.") if line.res_id not in existing
                    else line._get_keep_reason(kind, spec, record, now))
                if reason:
                    line._set_kept(reason)
                    line._end_reading(kind, record.exists())
                else:
                    line._restore(kind, spec, record)
                    line._restore_following(spec)

    def _get_keep_reason(self, kind, spec, record, now):
        """Return why this stays where it is now, or False."""
        owner = spec["owner"]
        current = self._read_values(record, [owner])[owner]
        if current != self.to_values[owner]:
            if record._fields[owner].type == "many2one" and record[owner]:
                return self.env._("Was given to %s since.", record[owner].name)
            return self.env._("Was changed since.")
        check = getattr(self, f"_keep_reason_{kind}", None)
        return check(record, now) if check else False

    def _keep_reason_deal(self, lead, now):
        if lead.sales_outcome in ("won", "lost"):
            return self.env._("Was closed since: it stays with %s.", lead.user_id.name)
        return False

    def _keep_reason_activity(self, activity, now):
        return False if activity.active else self.env._("Was done since.")

    def _keep_reason_quote(self, order, now):
        return False if order.state in ("draft", "sent") else self.env._("Was answered since.")

    def _keep_reason_meeting(self, event, now):
        if not event.active or event.stop < now:
            return self.env._("Is over or was cancelled.")
        return False

    def _keep_reason_handoff_in(self, handoff, now):
        return False if handoff.state in WAITING else self.env._("Was answered since.")

    def _keep_reason_handoff_out(self, handoff, now):
        return self._keep_reason_handoff_in(handoff, now)

    def _end_reading(self, kind, record):
        """Of a deal that stays, the person who was away reads on only how it ended."""
        if kind == "deal" and record.sales_outcome not in ("won", "lost"):
            record.cover_for_id = False

    def _restore(self, kind, spec, record):
        own = getattr(self, f"_restore_{kind}", None)
        if own:
            own(self, record)
            self._set_undone()
            return
        keeps = spec.get("keeps", ())
        current = self._read_values(record, keeps)
        changed = any(current[name] != self.to_values[name] for name in keeps)
        before = dict(self.from_values)
        before.pop("following", None)
        opened = before.pop("date_open", None)
        vals = {**before, **current} if changed else before
        record.write(vals)
        if opened is not None:
            record.write({"date_open": opened and datetime.fromisoformat(opened)})
        self._set_undone(changed and self.env._("Keeps its present stage and team."))
