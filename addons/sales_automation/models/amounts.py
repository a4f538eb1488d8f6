"""Amounts told as people tell them."""

from odoo.tools import format_amount


def tell_amount(env, amount, currency):
    """Return an amount without the decimals that say nothing: "$ 1,200", "1,200,000 ₫".

    Core drops trailing zeros even where they are not decimals, in currencies that have none.
    """
    return format_amount(env, amount, currency, trailing_zeroes=not currency.decimal_places)
