from odoo import api, fields, models
from odoo.addons.sales_automation.models.crm_lead_playbook import PLAYBOOK_MOVES
from odoo.addons.sales_automation.models.playbook_refusal import PlaybookRefusal


class HeldRows:
    """The rows of an import whose deal may not enter the stage in the file."""

    def __init__(self):
        self.rows = {}     # {row number: (lead, words, id of the stage in the file, row info)}
        self.infos = {}    # {identity of a row's values: row info}
        self.created = []  # ids of the deals that the running creation has made

    def hold(self, lead, words, values):
        info = self.infos.get(id(values)) or {}
        self.rows[info.get("record", len(self.rows))] = (
            lead, words, values.get("stage_id") or lead.stage_id.id, info)


class CrmLead(models.Model):
    """Import: every row whose deal misses something is named, and the user has the choice.

    Either nothing is imported, or everything is and those deals stay where they are. All rows
    are tried in both cases, so that the list is complete at the first attempt.
    """

    _inherit = "crm.lead"

    @api.model
    @api.readonly
    def get_playbook_import(self):
        """Return the company's choice for imports, or False when no playbook checks anything."""
        return self._playbook_rules().enforced and self.env.company.sales_playbook_import

    @api.model
    def load(self, fields, data):  # the columns, as core calls them
        columns = {column.split("/")[0] for column in fields}
        if not self._playbook_rules().enforced or PLAYBOOK_MOVES.isdisjoint(columns):
            return super().load(fields, data)
        keep = "keep" == (self.env.context.get("sales_playbook_import")
                          or self.env.company.sales_playbook_import)
        held = HeldRows()
        savepoint = self.env.cr.savepoint()
        result = super(CrmLead, self.with_context(playbook_held=held)).load(fields, data)
        messages = [self._prepare_held_message(keep, *row) for _at, row in sorted(
            held.rows.items(), key=lambda item: item[0])]
        result["messages"] = messages + result["messages"]
        if messages and not keep:
            result["ids"] = False
        elif result["ids"]:
            self._log_held(held)
        savepoint.close(rollback=bool(messages) and not keep)
        return result

    def _get_held_rows(self):
        """The rows that a running import holds; a client's context cannot bring any."""
        held = self.env.context.get("playbook_held")
        return held if isinstance(held, HeldRows) else None

    def _load_records(self, data_list, update=False):
        if held := self._get_held_rows():
            held.infos.update((id(data["values"]), data.get("info")) for data in data_list)
        return super()._load_records(data_list, update)

    def _load_records_write(self, values):
        held = self._get_held_rows()
        if not held or PLAYBOOK_MOVES.isdisjoint(values):
            return super()._load_records_write(values)
        try:
            with self.env.cr.savepoint():
                return super()._load_records_write(dict(values))
        except PlaybookRefusal as refusal:
            held.hold(self, refusal.words[self.id], values)
            rest = {name: value for name, value in values.items() if name not in PLAYBOOK_MOVES}
            return super()._load_records_write(rest)

    def _load_records_create(self, vals_list):
        held = self._get_held_rows()
        if not held:
            return super()._load_records_create(vals_list)
        try:
            with self.env.cr.savepoint():
                return super()._load_records_create([dict(vals) for vals in vals_list])
        except PlaybookRefusal as refusal:
            words = [refusal.words.get(lead_id) for lead_id in held.created]
        begun = [
            {name: value for name, value in vals.items() if name != "stage_id"} if missing
            else vals for vals, missing in zip(vals_list, words, strict=True)]
        leads = super()._load_records_create(begun)
        for lead, vals, missing in zip(leads, vals_list, words, strict=True):
            if missing:
                held.hold(lead, missing, vals)
        return leads

    def _prepare_held_message(self, keep, lead, words, stage_id, info):
        """Return what the import says of one row; the deal is named by the row."""
        stage = self.env["crm.stage"].browse(stage_id)
        missing = "; ".join(words)
        message = (
            self.env._("Kept out of stage %(stage)s, the rest of the row is imported. Still to "
                       "do: %(missing)s", stage=stage.name, missing=missing)
            if keep else
            self.env._("May not enter stage %(stage)s yet. Still to do: %(missing)s",
                       stage=stage.name, missing=missing))
        return {**info, "type": "warning" if keep else "error", "field": "stage_id",
                "message": message, "playbook": True}

    def _log_held(self, held):
        leads = self.browse(row[0].id for row in held.rows.values()).sudo()  # as the rules do
        playbooks = self.env["sales.playbook"]._apply_to(leads)
        stages = self.env["crm.stage"]
        self.env["sales.playbook.override"]._log("import", [
            (lead, playbooks.get(lead.id, self.env["sales.playbook"]), lead.stage_id,
             stages.browse(row[2]), row[1])
            for lead, row in zip(leads, held.rows.values(), strict=True)], fields.Datetime.now())
