"""Pure Python: numbers, dates and dataclasses in and out. Nothing here imports odoo."""
