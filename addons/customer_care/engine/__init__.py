"""Figures and rules of customer care: pure Python, no Odoo, no database."""
