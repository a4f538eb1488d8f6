from odoo import models


class MailActivity(models.Model):
    """An activity is done: does its deal know what comes next?"""

    _inherit = "mail.activity"

    def get_what_next(self):
        """Return what the client asks after these activities were done, or False.

        Asked about the first deal that now has nothing planned: the activity was on it, or on a
        quotation of it. An activity that is still open,
        a meeting, or what core or the activity type planned by itself is a next step: then
        nobody is asked. Nor is he about deals that he may not write.
        """
        if not self.env.user.has_group("sales_automation.group_sales_automation_user"):
            return False
        done = self.with_context(active_test=False).exists()._filtered_access("read").filtered(
            lambda activity: activity.res_model and not activity.active)
        deals = self.env["sales.day"]._find_deals(done)
        leads = self.env["crm.lead"].browse(filter(None, dict.fromkeys(deals.values()))).exists()
        for lead in leads._filtered_access("write"):
            if lead._asks_what_next():
                activity = done.filtered(lambda row, lead=lead: deals[row.id] == lead.id)[:1]
                return lead._prepare_what_next(activity)
        return False
