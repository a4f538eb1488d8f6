from odoo import api, models

MAX_LANES = 8
FIRST_LANE = "ir_cron_advance_1"


class IrCron(models.Model):
    """The lanes: cron jobs that do the same work side by side, because one job never runs twice
    at once."""

    _inherit = "ir.cron"

    @api.model
    def _nurture_lanes(self):
        """xmlids of the lanes that are switched on."""
        found = []
        for number in range(1, MAX_LANES + 1):
            xmlid = f"lead_nurture.ir_cron_advance_{number}"
            lane = self.env.ref(xmlid, raise_if_not_found=False)
            if lane and lane.sudo().active:  # sudo: whether a job is on is no secret to our code
                found.append(xmlid)
        return found

    @api.model
    def _nurture_set_lanes(self, wanted):
        """Have `wanted` lanes: copy the first one or switch lanes off. At least one stays."""
        wanted = min(max(int(wanted), 1), MAX_LANES)
        first = self.env.ref(f"lead_nurture.{FIRST_LANE}")
        for number in range(2, MAX_LANES + 1):
            name = f"ir_cron_advance_{number}"
            lane = self.env.ref(f"lead_nurture.{name}", raise_if_not_found=False)
            if not lane and number <= wanted:
                lane = first.copy({"name": f"Nurture: advance {number}"})
                self.env["ir.model.data"].create(
                    {
                        "module": "lead_nurture",
                        "name": name,
                        "model": self._name,
                        "res_id": lane.id,
                        "noupdate": True,
                    }
                )
            if lane and lane.active != (number <= wanted):
                lane.active = number <= wanted
