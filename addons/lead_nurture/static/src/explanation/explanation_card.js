import { Component, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";

const BAND_CLASSES = {
    hot: "text-bg-danger",
    warm: "text-bg-warning",
    cold: "text-bg-secondary",
};
const BAR_CLASSES = { hot: "bg-danger", warm: "bg-warning", cold: "bg-secondary" };
const CHART = { width: 320, height: 80, pad: 4 };

/**
 * Rule → points → when, with a sum that is the score; how it came about; what other models say.
 */
export class NurtureExplanation extends Component {
    static template = "lead_nurture.Explanation";
    static props = { told: { type: [Object, Boolean], optional: true } };

    setup() {
        this.state = useState({ shown: 0 });
        this.chart = CHART;
    }

    /** The model shown first, then the other active ones. */
    get all() {
        const told = this.props.told;
        return told ? [told, ...(told.others || [])] : [];
    }

    get told() {
        return this.all[Math.min(this.state.shown, this.all.length - 1)];
    }

    get groups() {
        return this.told.groups.filter((group) => group.rows.length);
    }

    get bandClass() {
        return BAND_CLASSES[this.told.band];
    }

    get barClass() {
        return BAR_CLASSES[this.told.band];
    }

    get history() {
        return this.told.history || [];
    }

    /** The moves as corners of a staircase from the first row to the present score. */
    get line() {
        const moves = this.history.map((row) => ({ ...row, ms: deserializeDateTime(row.at).toMillis() }));
        const last = deserializeDateTime(this.told.computed_at).toMillis();
        const first = moves[0].ms;
        const span = Math.max(last - first, 1);
        const x = (ms) => CHART.pad + ((CHART.width - 2 * CHART.pad) * Math.max(ms - first, 0)) / span;
        const corners = [`${x(first)},${this.level(moves[0].before)}`];
        let points = moves[0].before;
        for (const move of moves) {
            corners.push(`${x(move.ms)},${this.level(points)}`, `${x(move.ms)},${this.level(move.total)}`);
            points = move.total;
        }
        corners.push(`${x(last)},${this.level(points)}`, `${x(last)},${this.level(this.told.total)}`);
        return corners.join(" ");
    }

    /** Height of so many points in the chart. */
    level(points) {
        const inner = CHART.height - 2 * CHART.pad;
        return CHART.height - CHART.pad - (inner * Math.min(points, this.told.top)) / (this.told.top || 100);
    }

    /** Share of the whole bar, in percent. */
    share(points) {
        return Math.max(0, Math.min(100, (100 * points) / (this.told.top || 100)));
    }

    signed(points) {
        return points > 0 ? `+${points}` : `${points}`.replace("-", "−");
    }

    day(moment) {
        return toLocaleDateString(deserializeDateTime(moment));
    }

    ago(moment) {
        return deserializeDateTime(moment).toRelative();
    }

    show(index) {
        this.state.shown = index;
    }
}
