from odoo import api, models


class CareFew(models.AbstractModel):
    """Tables whose figures are left out of every group that rests on too little.

    `_figures` names each figure with the count it rests on; `_enough` says how many are enough.
    """

    _name = "care.few"
    _description = "Figures that rest on enough"
    _figures = {}

    @api.model
    def _enough(self) -> int:
        raise NotImplementedError

    @api.model
    def formatted_read_group(self, domain, groupby=(), aggregates=(), **options):
        """A graph would draw an empty figure as 0: such a group is not drawn at all."""
        rows = super().formatted_read_group(
            domain, groupby, self._with_counts(aggregates), **options)
        self._hide_few(rows)
        figures = [name for name in aggregates if name in self._figures]
        if not (groupby and figures):
            return rows
        return [row for row in rows if any(row[name] is not False for name in figures)]

    @api.model
    def formatted_read_grouping_sets(self, domain, grouping_sets, aggregates=(), **options):
        sets = super().formatted_read_grouping_sets(
            domain, grouping_sets, self._with_counts(aggregates), **options)
        for rows in sets:
            self._hide_few(rows)
        return sets

    def _with_counts(self, aggregates):
        """A figure is asked for together with what it rests on."""
        counts = [count for figure, count in self._figures.items() if figure in aggregates]
        return list(dict.fromkeys([*aggregates, *counts]))

    def _hide_few(self, rows):
        needed = self._enough()
        for row in rows:
            for figure, count in self._figures.items():
                if figure in row and (row[count] or 0) < needed:
                    row[figure] = False
