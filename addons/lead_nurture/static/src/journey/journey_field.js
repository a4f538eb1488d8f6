import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * One step with everything that follows it: a card, then its exits side by side.
 */
export class JourneyLine extends Component {
    static template = "lead_nurture.JourneyLine";
    static props = ["line", "onOpen", "onPeople"];

    get forks() {
        return this.props.line.exits.length > 1;
    }
}

// a step contains the steps that follow it
JourneyLine.components = { JourneyLine };

/**
 * The steps of a scenario as a picture to read from top to bottom, with the people at each step.
 */
export class NurtureJourneyField extends Component {
    static template = "lead_nurture.JourneyField";
    static components = { JourneyLine };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get graph() {
        return this.props.record.data[this.props.name] || {};
    }

    get caption() {
        return this.graph.draft ? _t("Draft of version %s", this.graph.number) : _t("Version %s", this.graph.number);
    }

    async openStep(id) {
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Step"),
                res_model: "nurture.node",
                res_id: id,
                views: [[false, "form"]],
                target: "new",
            },
            { onClose: () => this.props.record.load() }
        );
    }

    async openPeople(id) {
        this.action.doAction(await this.orm.call("nurture.node", "action_view_standing", [[id]]));
    }
}

registry.category("fields").add("nurture_journey", {
    component: NurtureJourneyField,
    supportedTypes: ["json"],
});
