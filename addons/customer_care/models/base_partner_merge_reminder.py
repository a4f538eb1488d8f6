from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Reminders and goods of all go to the customer who remains.

        Core deletes all of a merged partner's rows when one of them meets a unique key: only
        those that the remaining customer has as well are let go, before it looks.
        """
        self.env.flush_all()
        customer = dst_partner.commercial_partner_id
        self._query_share_services(src_partners.ids, customer.id)
        self._query_move_care(src_partners.ids, customer.id)
        self.env.invalidate_all(flush=False)
        super()._update_foreign_keys(src_partners, dst_partner)

    def _query_share_services(self, source_ids, customer_id):
        """The last service of goods that several of them have is known of each."""
        # unique index care_item_uniq
        self.env.execute_query(SQL(
            """UPDATE care_item i SET last_service_on = known.day
                 FROM (SELECT company_id, product_id, delivered_on, lot_name,
                              MAX(last_service_on) AS day
                         FROM care_item WHERE partner_id = ANY(%(partners)s)
                     GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1) known
                WHERE i.partner_id = ANY(%(partners)s) AND i.company_id = known.company_id
                  AND i.product_id = known.product_id AND i.delivered_on = known.delivered_on
                  AND i.lot_name IS NOT DISTINCT FROM known.lot_name
                  AND i.last_service_on IS DISTINCT FROM known.day
            RETURNING 1""", partners=[*source_ids, customer_id]))

    def _query_move_care(self, source_ids, customer_id):
        """The histories are derived and counted anew."""
        self.env.execute_query(SQL(
            "DELETE FROM care_product_history WHERE partner_id = ANY(%s) RETURNING 1", source_ids))
        for table, keys in (
            ("care_item", ("company_id", "product_id", "delivered_on", "lot_name")),
            ("care_reminder", ("rule_id", "product_id", "item_id", "agreement_id", "cycle_on")),
        ):
            same = SQL(" AND ").join(
                SQL("a.%s IS NOT DISTINCT FROM b.%s", SQL.identifier(key), SQL.identifier(key))
                for key in keys)
            name = SQL.identifier(table)
            self.env.execute_query(SQL(
                """DELETE FROM %s a USING %s b
                    WHERE a.partner_id = ANY(%s) AND %s AND a.id <> b.id
                      AND (b.partner_id = %s OR b.partner_id = ANY(%s) AND b.id < a.id)
                RETURNING 1""", name, name, source_ids, same, customer_id, source_ids))
            self.env.execute_query(SQL(
                "UPDATE %s SET partner_id = %s WHERE partner_id = ANY(%s) RETURNING 1",
                name, customer_id, source_ids))
