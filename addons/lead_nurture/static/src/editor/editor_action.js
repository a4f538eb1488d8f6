import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { NurtureEditor } from "./editor";

/** The editor on a page of its own. */
export class NurtureEditorAction extends Component {
    static template = "lead_nurture.EditorAction";
    static components = { Layout, NurtureEditor };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.scenarioId = this.props.action.context.active_id || false;
        this.env.config.setDisplayName(_t("Steps"));
    }

    openPage() {
        this.openScenario();
    }

    openScenario() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "nurture.scenario",
            res_id: this.scenarioId,
            views: [[false, "form"]],
        });
    }

    openScenarios() {
        return this.action.doAction("lead_nurture.nurture_scenario_action");
    }
}

registry.category("actions").add("lead_nurture.editor", NurtureEditorAction);
