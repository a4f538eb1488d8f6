import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What came of a scenario. The field brings the figures of all versions; those of one are asked for.
 * Every figure that counts records opens them.
 */
export class NurtureResultsField extends Component {
    static template = "lead_nurture.ResultsField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.state = useState({ results: this.props.record.data[this.props.name] });
    }

    get results() {
        return this.state.results;
    }

    get people() {
        return this.results.people;
    }

    get names() {
        return {
            entered: _t("Entered"),
            inside: _t("In progress"),
            reached: _t("Reached the goal"),
        };
    }

    /** Versions beside each other, once there is something to compare. */
    get compared() {
        return this.results.versions.filter((version) => version.entered);
    }

    async chooseVersion(ev) {
        const id = Number(ev.target.value) || false;
        this.state.results = await this.last.add(
            this.orm.call("nurture.scenario", "read_results", [[this.results.id]], {
                version_id: id,
            })
        );
    }

    // ------------------------------------------------------------
    // Words and numbers
    // ------------------------------------------------------------

    percent(value) {
        return `${formatFloat(value, { digits: [16, 1] })} %`;
    }

    share(part, whole) {
        return whole ? this.percent((100 * part) / whole) : "–";
    }

    width(part, whole) {
        return `width: ${whole ? Math.min(100, (100 * part) / whole) : 0}%`;
    }

    days(value) {
        return formatFloat(value, { digits: [16, 1] });
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.results.currency });
    }

    worth(value) {
        return _t("worth %s", this.money(value));
    }

    reach(row) {
        return _t("95% range: %(low)s to %(high)s", {
            low: this.percent(row.low),
            high: this.percent(row.high),
        });
    }

    // ------------------------------------------------------------
    // The records behind a figure
    // ------------------------------------------------------------

    openPeople(name, ...domain) {
        if (this.results.version) {
            domain.push(["version_id", "=", this.results.version]);
        }
        this.open("nurture.enrolment", name, domain, [
            [false, "list"],
            [false, "form"],
        ]);
    }

    openSteps(step, ...domain) {
        this.open("nurture.step.log", step.name, this.ofStep(step, domain), [[false, "list"]]);
    }

    openMails(row, ...domain) {
        this.open("nurture.send", row.name, this.ofStep(row, domain), [[false, "list"]]);
    }

    ofStep(step, domain) {
        if (this.results.version) {
            domain.push(["node_id.version_id", "=", this.results.version]);
        }
        return step.uid ? [["node_uid", "=", step.uid], ...domain] : domain;
    }

    open(model, name, domain, views) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            views,
            domain: [["scenario_id", "=", this.results.id], ...domain],
            context: { create: false },
        });
    }

    async openDeals() {
        this.action.doAction(
            await this.orm.call("nurture.scenario", "action_view_deals", [[this.results.id]], {
                version_id: this.results.version,
            })
        );
    }
}

registry.category("fields").add("nurture_results", {
    component: NurtureResultsField,
    supportedTypes: ["json"],
});
