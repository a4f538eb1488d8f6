import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { BacktestChart } from "./backtest_chart";

const BAND_CLASSES = { hot: "text-bg-danger", warm: "text-bg-warning", cold: "text-bg-secondary" };

/**
 * What a backtest found: AUC side by side, lift by decile, bands, precision and recall.
 */
export class NurtureBacktestField extends Component {
    static template = "lead_nurture.BacktestField";
    static components = { BacktestChart };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ key: "tested" });
        this.bandClasses = BAND_CLASSES;
        this.bandLabels = { hot: _t("Hot"), warm: _t("Warm"), cold: _t("Cold") };
    }

    get report() {
        return this.props.record.data[this.props.name];
    }

    get models() {
        return this.report.models;
    }

    /** Models that could be judged; each has deciles. */
    get judged() {
        return this.models.filter((model) => !model.refusal);
    }

    /** Judged models that have thresholds: all but core's prediction. */
    get choices() {
        return this.judged.filter((model) => model.bands);
    }

    get chosen() {
        return this.choices.find((model) => model.key === this.state.key) || this.choices[0];
    }

    get core() {
        return this.judged.find((model) => model.calibration);
    }

    /** Changes whenever a chart has to be drawn anew. */
    get signature() {
        return JSON.stringify([this.report, this.state.key]);
    }

    number(value, digits = 2) {
        return value === null || value === undefined
            ? _t("n/a")
            : formatFloat(value, { digits: [16, digits] });
    }

    percent(share, digits = 0) {
        return share === null || share === undefined
            ? _t("n/a")
            : `${formatFloat(100 * share, { digits: [16, digits] })}%`;
    }

    range(slice) {
        if (slice.low === slice.high) {
            return this.plain(slice.low);
        }
        return `${this.plain(slice.low)} – ${this.plain(slice.high)}`;
    }

    plain(value) {
        return Number.isInteger(value) ? `${value}` : formatFloat(value, { digits: [16, 1] });
    }

    bandRange(band) {
        if (band.high === null) {
            return _t("from %s", band.low);
        }
        return band.low ? _t("%(low)s to %(high)s", { low: band.low, high: band.high - 1 })
            : _t("under %s", band.high);
    }

    liftOf(model, index) {
        const decile = model.deciles[index];
        return decile.lift === null ? null : decile.lift;
    }

    async onOpen(outcome, low, high) {
        const action = await this.orm.call("nurture.backtest", "action_open_leads", [
            [this.props.record.resId],
            outcome,
            low,
            high,
            this.chosen.key,
        ]);
        this.action.doAction(action);
    }

    axis(palette, title, extra = {}) {
        return {
            title: { display: true, text: title, color: palette.text },
            ticks: { color: palette.text },
            grid: { color: palette.grid },
            ...extra,
        };
    }

    options(palette, x, y) {
        return {
            maintainAspectRatio: false,
            animation: false,
            interaction: { mode: "index", intersect: false },
            plugins: { legend: { labels: { color: palette.text } } },
            scales: { x, y },
        };
    }

    get buildLift() {
        return (palette) => ({
            type: "bar",
            data: {
                labels: this.judged[0].deciles.map((_decile, index) => `${index + 1}`),
                datasets: [
                    ...this.judged.map((model, index) => ({
                        label: model.label,
                        data: model.deciles.map((decile) => decile.lift),
                        backgroundColor: palette.series(index),
                    })),
                    {
                        type: "line",
                        label: _t("All leads"),
                        data: this.judged[0].deciles.map(() => 1),
                        borderColor: palette.text,
                        borderDash: [6, 4],
                        borderWidth: 1,
                        pointRadius: 0,
                    },
                ],
            },
            options: this.options(
                palette,
                this.axis(palette, _t("Tenth of the leads, best scores first")),
                this.axis(palette, _t("Won, times the average"), { beginAtZero: true })
            ),
        });
    }

    get buildCurve() {
        const points = this.chosen.curve;
        const line = (index, pick) => points.map((point) => ({ x: point[0], y: 100 * point[pick] }));
        const threshold = this.chosen.confusion.threshold;
        return (palette) => ({
            type: "line",
            data: {
                datasets: [
                    {
                        label: _t("Precision: won among those at or above"),
                        data: line(0, 1),
                        borderColor: palette.series(0),
                        backgroundColor: palette.series(0),
                        pointRadius: 2,
                    },
                    {
                        label: _t("Recall: won leads that are found"),
                        data: line(1, 2),
                        borderColor: palette.series(1),
                        backgroundColor: palette.series(1),
                        pointStyle: "rect",
                        borderDash: [6, 4],
                        pointRadius: 3,
                    },
                    {
                        label: _t("Hot from %s", threshold),
                        data: [
                            { x: threshold, y: 0 },
                            { x: threshold, y: 100 },
                        ],
                        borderColor: palette.text,
                        backgroundColor: palette.text,
                        borderWidth: 2,
                        pointRadius: 0,
                    },
                ],
            },
            options: this.options(
                palette,
                this.axis(palette, _t("Score from which leads go to sales"), {
                    type: "linear",
                    beginAtZero: true,
                }),
                this.axis(palette, _t("Percent"), { min: 0, max: 100 })
            ),
        });
    }
}

registry.category("fields").add("nurture_backtest", {
    component: NurtureBacktestField,
    supportedTypes: ["json"],
});
