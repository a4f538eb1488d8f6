"""Figures in sentences, as fields show them: by the reader's language."""

from odoo.tools import formatLang


def tell_figure(env, value, digits=0, *, signed=False):
    """Return "1,234.5", or of a difference "+0.5"."""
    return ("+" if signed and value >= 0 else "") + formatLang(env, value, digits=digits)


def tell_percent(env, rate, digits=1, *, signed=False):
    """Return "12.3 %", or of a difference "+12.3 %".

    :param rate: in percent
    """
    return f"{tell_figure(env, rate, digits, signed=signed)} %"
