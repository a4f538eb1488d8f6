import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { CareChart } from "../pictures/chart";

const KEPT_AS = "customer_care.value_curve.by";
const MONTH_DAYS = 30.44;

/** Lines of cohorts; each with its dashed forecast in its own colour, a point opens its cohort. */
class CareCurve extends CareChart {
    get config() {
        const config = super.config;
        config.options.interaction = { mode: "nearest", intersect: true };
        config.options.plugins.legend.labels.filter = ({ datasetIndex }) =>
            !this.props.chart.series[datasetIndex].dashed;
        return config;
    }

    draw(series, index) {
        const color = getColor(series.color, cookie.get("color_scheme"), "sm");
        return {
            ...super.draw(series, index),
            backgroundColor: color,
            borderColor: color,
            pointRadius: 3,
            spanGaps: true,
        };
    }

    actionOf(found) {
        return found && this.props.chart.series[found.datasetIndex].action;
    }
}

/** What customers spend in the months after their first purchase, by when they were won. */
export class CareValueCurve extends Component {
    static template = "customer_care.ValueCurve";
    static components = { Layout, CareCurve };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ by: browser.sessionStorage.getItem(KEPT_AS) || "year", page: false });
        onWillStart(() => this.load(this.state.by));
    }

    async load(by) {
        browser.sessionStorage.setItem(KEPT_AS, by);
        const page = await this.last.add(
            this.orm.call("care.value.cohort", "get_curve", [], { by })
        );
        Object.assign(this.state, { by, page });
    }

    get ahead() {
        return Math.round(this.state.page.horizon / MONTH_DAYS);
    }

    get chart() {
        const cohorts = this.state.page.cohorts;
        const shown = (cohort) => cohort.points.length + (cohort.predicted === null ? 0 : this.ahead);
        const length = Math.max(...cohorts.map(shown)) + 1;
        return {
            type: "line",
            kind: "money",
            labels: [...Array(length).keys()],
            series: cohorts.flatMap((cohort, color) => this.lines(cohort, color, length)),
        };
    }

    /** The past of a cohort, from 0 at its first purchase, and the dashed line that goes on. */
    lines(cohort, color, length) {
        const { label, action, points, predicted } = cohort;
        const spent = [0, ...points];
        const past = { label, color, action, values: spent };
        if (predicted === null || !this.ahead) {
            return [past];
        }
        const ahead = Array(length).fill(null);
        ahead[points.length] = spent.at(-1);
        ahead[points.length + this.ahead] = spent.at(-1) + predicted;
        const name = _t("%s, forecast", label);
        return [past, { label: name, color, action, values: ahead, dashed: true }];
    }

    count(value) {
        return formatInteger(value);
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.state.page.currency_id });
    }

    open(cohort) {
        return this.action.doAction(cohort.action);
    }

    openModel() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "care.model",
            res_id: this.state.page.model_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("customer_care.value_curve", CareValueCurve);
