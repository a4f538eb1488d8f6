from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope

#: Days for which a bad rating holds back what would sell.
UPSET_DAYS = 90


class CareRatings(models.AbstractModel):
    """What a company's customers said of it: the one place that reads ratings.

    A rating belongs to the company of the record that was rated; one of a record that all
    companies share says something to each of them. A rating of 0 is none.
    """

    _name = "care.ratings"
    _description = "Ratings of customers"

    def _query_ratings(self, company, scope: Scope, since: date) -> SQL:
        """Rows (partner_id, rating) from a day on. Ratings are few beside customers."""
        return SQL(
            """SELECT c.commercial_partner_id AS partner_id, r.rating
                 FROM rating_rating r JOIN res_partner c ON c.id = r.partner_id
                WHERE r.consumed AND r.rating > 0 AND COALESCE(r.rated_on, r.write_date) >= %s
                  AND %s AND %s""",
            since,
            self.env["care.purchases"]._query_scope(scope, SQL("c.commercial_partner_id")),
            self._query_of_company(company))

    def _query_upset(self, company, scope: Scope, today: date) -> SQL:
        """Rows (partner_id): whom nobody wants to sell to now; other complaints may be added."""
        return SQL(
            "SELECT partner_id FROM (%s) said WHERE rating <= 2",
            self._query_ratings(company, scope, today - timedelta(days=UPSET_DAYS)))

    def _query_of_company(self, company) -> SQL:
        """A condition on a rating r: its record is of the company, or of none."""
        return SQL(" AND ").join([SQL("TRUE"), *(
            SQL("(r.res_model <> %s OR r.res_id IN %s)", name, records)
            for name, records in self._query_records(company))])

    def _query_records(self, company) -> list[tuple[str, SQL]]:
        """Of each model that was rated and has a company: the records of this one, or of none."""
        # Whatever records the reader may see: their ratings count.
        models_rated = self.env["rating.rating"].sudo()._read_group([], ["res_model"])
        found = []
        for [name] in models_rated:
            model = self.env.get(name)
            field = model is not None and model._fields.get("company_id")
            if field and field._description_searchable:
                found.append((name, model.with_context(active_test=False)._search(
                    [("company_id", "in", [company.id, False])], bypass_access=True).subselect()))
        return found
