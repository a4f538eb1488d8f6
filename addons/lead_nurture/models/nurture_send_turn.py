from odoo import api, fields, models
from odoo.tools import SQL

# first key of the advisory locks of people; any number that nobody else uses
LOCK = 1_907_036


class NurtureSendTurn(models.Model):
    """Whose turn it is to write to one person: how many marketing mails lanes have let pass.

    What a person got lately is counted from the ledger. The counter here makes two lanes that
    write to him at the same moment notice each other: who comes second finds the lock taken, or
    a counter changed since his transaction began, and asks again.
    """

    _name = "nurture.send.turn"
    _description = "Turn to write to a person"
    _log_access = False

    person_id = fields.Many2one("nurture.person", required=True, readonly=True, ondelete="cascade")
    number = fields.Integer(required=True, readonly=True)

    _person_uniq = models.UniqueIndex("(person_id)", "This person is counted already.")

    @api.model
    def _lock(self, people):
        """Of these people, those whom no other lane is about to write to."""
        rows = self.env.execute_query(self._query_lock(people))
        return people.browse(row[0] for row in rows)

    @api.model
    def _count(self, people):
        if people:
            self.env.execute_query(self._query_count(people))

    @api.model
    def _query_lock(self, people):
        return SQL(
            """SELECT person.id FROM unnest(%s::int[]) AS person(id)
                WHERE pg_try_advisory_xact_lock(%s, person.id)""",
            sorted(people.ids),
            LOCK,
        )

    @api.model
    def _query_count(self, people):
        # index nurture_send_turn_person_uniq
        return SQL(
            """INSERT INTO nurture_send_turn AS t (person_id, number)
               SELECT person.id, 1 FROM unnest(%s::int[]) AS person(id)
          ON CONFLICT (person_id) DO UPDATE SET number = t.number + 1
            RETURNING t.id""",
            sorted(people.ids),
        )
