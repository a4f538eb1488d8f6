/* global Chart */
import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * How many people a segment had, day by day, with those who came and went.
 */
export class NurtureGrowthField extends Component {
    static template = "lead_nurture.GrowthField";
    static props = { ...standardFieldProps };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                if (!this.canvas.el) {
                    return;
                }
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [JSON.stringify(this.days)]
        );
    }

    get days() {
        return (this.props.record.data[this.props.name] || {}).days || [];
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const [line, came, went] = [3, 1, 2].map((place) => getColor(place, scheme, "odoo"));
        // whatever the theme writes in, also where it is dark
        const text = getComputedStyle(this.canvas.el.parentElement).color;
        const grid = text.replace("rgb(", "rgba(").replace(")", ", 0.12)");
        const bar = (label, color, pick) => ({
            type: "bar",
            label,
            data: this.days.map(pick),
            backgroundColor: color,
            yAxisID: "moves",
        });
        return {
            data: {
                labels: this.days.map((day) => toLocaleDateString(deserializeDate(day.day))),
                datasets: [
                    {
                        type: "line",
                        label: _t("In it"),
                        data: this.days.map((day) => day.inside),
                        borderColor: line,
                        backgroundColor: `${line}26`,
                        fill: true,
                        pointRadius: 0,
                        stepped: "middle",
                    },
                    bar(_t("Entered"), came, (day) => day.in),
                    bar(_t("Left"), went, (day) => day.out),
                ],
            },
            options: {
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: { legend: { position: "bottom", labels: { color: text, boxWidth: 12 } } },
                scales: {
                    x: { ticks: { color: text, maxTicksLimit: 6, maxRotation: 0 }, grid: { display: false } },
                    y: { beginAtZero: true, ticks: { color: text, precision: 0 }, grid: { color: grid } },
                    moves: {
                        position: "right",
                        beginAtZero: true,
                        // bars stay below the line
                        suggestedMax: 3 * Math.max(...this.days.map((day) => Math.max(day.in, day.out))),
                        ticks: { color: text, precision: 0, maxTicksLimit: 5 },
                        grid: { display: false },
                    },
                },
            },
        };
    }
}

registry.category("fields").add("nurture_growth", {
    component: NurtureGrowthField,
    supportedTypes: ["json"],
});
