import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { CareChart } from "../pictures/chart";
import { CareHeat } from "../pictures/heat";

/**
 * One report: a few choices, a picture and the table of its figures.
 *
 * The action's params name the method of care.churn.report that tells the page: {title, choices:
 * [{key, label, value, options: [[value, label]]}], lead, warnings: [text],
 * notes: [text], few, chart, heat, table, parts: {title, note, table}}.
 * Choices are kept while the browser's tab is open.
 */
export class CareReport extends Component {
    static template = "customer_care.Report";
    static components = { Layout, CareChart, CareHeat };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ page: false, loading: false });
        this.method = this.props.action.params.method;
        this.keptAs = `customer_care.report.${this.method}`;
        onWillStart(() => this.load(JSON.parse(browser.sessionStorage.getItem(this.keptAs) || "{}")));
    }

    async load(choices) {
        this.choices = choices;
        this.state.loading = true;
        const page = await this.orm.call("care.churn.report", this.method, [], { choices });
        // a slower answer to an earlier choice does not replace the later one
        if (this.choices === choices) {
            Object.assign(this.state, { page, loading: false });
        }
    }

    choose(key, value) {
        const choices = { ...this.choices, [key]: value };
        browser.sessionStorage.setItem(this.keptAs, JSON.stringify(choices));
        return this.load(choices);
    }

    open(action) {
        return this.action.doAction(action);
    }

    get pictureLabel() {
        return _t("Picture: %s", this.state.page.title);
    }
}

registry.category("actions").add("customer_care.report", CareReport);
