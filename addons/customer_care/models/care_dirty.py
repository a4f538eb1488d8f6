from odoo import api, fields, models
from odoo.tools import SQL

from .arrays import as_array

#: Counted elsewhere at the same time so often: it is something else, and found one by one.
WAITS = 10


class CareDirty(models.Model):
    """One mark: "this customer's documents changed, count him again".

    Whoever posts an invoice only inserts here: no key to wait for, no foreign key to check, no
    row that a cron holds. Several marks of one customer are taken together; a mark whose
    counting failed stays with its error until the customer is counted at last.
    """

    _name = "care.dirty"
    _description = "Customer to be counted again"
    _log_access = False
    _order = "id"

    partner_ref = fields.Integer("Customer ID", readonly=True)
    company_ref = fields.Integer("Company ID", readonly=True)
    waits = fields.Integer(readonly=True)
    error = fields.Text(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")

    _error_idx = models.Index("(partner_ref) WHERE error IS NOT NULL")

    @api.depends("partner_ref")
    def _compute_partner_id(self):
        for mark in self:
            mark.partner_id = self.env["res.partner"].browse(mark.partner_ref).exists()

    @api.model
    def _mark(self, keys):
        """Ask for a new count of these (commercial partner, company) pairs, and wake the cron."""
        if not keys:
            return
        partners, companies = map(list, zip(*sorted(keys), strict=True))
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_care.ir_cron_refresh_customers")
        if self._query_mark(partners, companies, cron_id or None):
            self.env.cr.postcommit.add(self.env["ir.cron"]._notifydb)

    @api.model
    def _mark_partners(self, partners):
        """Ask for a new count of customers wherever they may have bought."""
        if partners:
            customers = partners.commercial_partner_id | partners
            companies = self._query_companies(customers)
            self._mark({(customer, company) for customer in customers.ids for company in companies})

    def _query_companies(self, customers) -> list[int]:
        """Companies that know one of these customers, or that read more than invoices.

        Invoices keep their own customer, and who has one has a record or a mark; orders follow
        their contact silently.
        """
        companies = self.env["res.company"].sudo().search([])  # whoever moves a contact
        silent = companies.filtered(
            lambda company: self.env["care.purchases"]._sources(company) != ("invoices",))
        known = self.env.execute_query(SQL(
            "SELECT DISTINCT company_id FROM care_customer WHERE partner_id = ANY(%s)",
            customers.ids))
        return sorted({*silent.ids, *(company_id for (company_id,) in known)})

    def _query_mark(self, partners, companies, cron_id):
        """One statement for the marks and the cron's trigger; True when the cron must be woken.

        A trigger that waits already is enough: in a busy hour most postings write one row.
        """
        now = fields.Datetime.now()
        return bool(self.env.execute_query(SQL(
            """WITH mark AS (
                   INSERT INTO care_dirty (partner_ref, company_ref)
                   SELECT * FROM unnest(%(partners)s::int[], %(companies)s::int[])
               )
               INSERT INTO ir_cron_trigger (cron_id, call_at, create_date, write_date)
               SELECT c.id, %(now)s, %(now)s, %(now)s
                 FROM ir_cron c
                WHERE c.id = %(cron)s AND c.active
                  AND NOT EXISTS (SELECT 1 FROM ir_cron_trigger t
                                   WHERE t.cron_id = c.id AND t.call_at <= %(now)s)
               RETURNING id""",
            partners=as_array(partners), companies=as_array(companies), now=now, cron=cron_id,
        )))

    def _query_claim(self, limit) -> list[tuple[int, bool, list[int]]]:
        """Take up to `limit` marks off the queue: (company, waited long enough, customers).

        They are gone for good when the caller's transaction commits, and back when it does not.
        """
        rows = self.env.execute_query(SQL(
            """WITH taken AS (
                   DELETE FROM care_dirty
                    WHERE id = ANY(ARRAY(SELECT id FROM care_dirty WHERE error IS NULL
                                          ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
                RETURNING partner_ref, company_ref, COALESCE(waits, 0) >= %s AS weary
               )
               SELECT company_ref, weary, array_agg(DISTINCT partner_ref) FROM taken
             GROUP BY 1, 2 ORDER BY 1, 2""",
            limit, WAITS,
        ))
        return rows

    def _query_wait(self, company_id, partner_ids):
        """Their rows were being written elsewhere: the next run takes them again."""
        self.env.execute_query(SQL(
            """UPDATE care_dirty SET waits = COALESCE(waits, 0) + 1
                WHERE error IS NULL AND company_ref = %s AND partner_ref = ANY(%s) RETURNING 1""",
            company_id, partner_ids))

    def _query_waiting(self) -> int:
        """Marks that wait, counted no further than a cron can do in one run."""
        return self.env.execute_query(SQL(
            "SELECT COUNT(*) FROM"
            " (SELECT 1 FROM care_dirty WHERE error IS NULL LIMIT 100000) waiting"
        ))[0][0]

    def _query_settle(self, company, partner_ids, error=None):
        """The last attempt decides: old failures go, a new one is kept with its reason."""
        self.env.execute_query(SQL(
            """DELETE FROM care_dirty WHERE error IS NOT NULL AND company_ref = %s
                  AND partner_ref = ANY(%s::int[]) RETURNING 1""",
            company.id, as_array(partner_ids),
        ))
        if error:
            self.env.execute_query(SQL(
                """INSERT INTO care_dirty (partner_ref, company_ref, error)
                   SELECT p, %s, %s FROM unnest(%s) p RETURNING id""",
                company.id, error, partner_ids,
            ))

    def action_retry(self):
        """Put failed customers back into the queue."""
        self.check_access("write")
        keys = {(mark.partner_ref, mark.company_ref) for mark in self}
        self.unlink()
        self._mark(keys)
