"""Many customers and invoices at once: copies of one that the ORM made, written by SQL."""
from odoo.tools import SQL

#: What a copied invoice says differently; everything else is the template's.
MOVE = {
    "name": "'COPY/' || n", "partner_id": "partner", "commercial_partner_id": "partner",
    "partner_shipping_id": "partner", "date": "day", "invoice_date": "day",
    "invoice_date_due": "day", "amount_untaxed": "amount", "amount_total": "amount",
    "amount_residual": "amount", "amount_untaxed_signed": "amount",
    "amount_untaxed_in_currency_signed": "amount", "amount_total_signed": "amount",
    "amount_total_in_currency_signed": "amount", "amount_residual_signed": "amount",
    "sequence_number": "n", "access_token": "NULL", "payment_reference": "'COPY/' || n",
}
LINE = {
    "move_id": "moved.id", "move_name": "moved.name", "partner_id": "moved.partner_id",
    "date": "moved.date", "invoice_date": "moved.date",
    "balance": "sign(t.balance) * moved.amount_untaxed",
    "amount_currency": "sign(t.balance) * moved.amount_untaxed",
    "debit": "sign(t.debit) * moved.amount_untaxed",
    "credit": "sign(t.credit) * moved.amount_untaxed",
    "price_unit": "moved.amount_untaxed", "price_subtotal": "moved.amount_untaxed",
    "price_total": "moved.amount_untaxed", "amount_residual": "0",
    "amount_residual_currency": "0", "date_maturity": "NULL",
}


def create_partners(env, names) -> list[int]:
    """Companies of these names, in their order."""
    partners = env["res.partner"].create({"name": "Template of many", "is_company": True})
    env.flush_all()
    named = {"id", "name", "complete_name", "commercial_partner_id"}
    columns = _columns(env, "res_partner") - named
    listed = SQL(", ").join(map(SQL.identifier, sorted(columns)))
    rows = env.execute_query(SQL(
        """INSERT INTO res_partner (name, complete_name, %s)
           SELECT u.name, u.name, %s FROM res_partner t
             JOIN unnest(%s) WITH ORDINALITY u (name, n) ON TRUE
            WHERE t.id = %s ORDER BY u.n RETURNING id""",
        listed, SQL(", ").join(SQL("t.%s", SQL.identifier(name)) for name in sorted(columns)),
        list(names), partners.id))
    ids = [row[0] for row in rows]
    env.execute_query(SQL(
        "UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s) RETURNING 1", ids))
    return ids


def copy_invoices(env, template, purchases) -> None:
    """A posted invoice with its items like `template` per (partner id, day, amount)."""
    env.flush_all()
    partners, days, amounts = map(list, zip(*purchases, strict=True))
    ids = [row[0] for row in env.execute_query(SQL(
        """INSERT INTO account_move (%s)
           SELECT %s FROM account_move t
             JOIN unnest(%s, %s::date[], %s::numeric[]) WITH ORDINALITY
                  u (partner, day, amount, n) ON TRUE
            WHERE t.id = %s RETURNING id""",
        *_copied(env, "account_move", MOVE), partners, days, amounts, template.id))]
    env.execute_query(SQL(
        """INSERT INTO account_move_line (%s)
           SELECT %s FROM account_move_line t
             JOIN account_move moved ON moved.id = ANY(%s)
            WHERE t.move_id = %s AND t.display_type IN ('product', 'payment_term')
           RETURNING 1""",
        *_copied(env, "account_move_line", LINE), ids, template.id))
    env.execute_query(SQL("ANALYZE account_move"))
    env.invalidate_all()


def _copied(env, table, changed) -> tuple[SQL, SQL]:
    """Columns of a table, and what a copy holds in them."""
    columns = sorted(_columns(env, table) - {"id"})
    return (
        SQL(", ").join(map(SQL.identifier, columns)),
        SQL(", ").join(
            SQL(changed[name]) if name in changed else SQL("t.%s", SQL.identifier(name))
            for name in columns))


def _columns(env, table) -> set[str]:
    return {row[0] for row in env.execute_query(SQL(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        " AND table_schema = current_schema()", table))}
