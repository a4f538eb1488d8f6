import { Component, onWillStart, useState } from "@odoo/owl";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dialog } from "@web/core/dialog/dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useOneDialog } from "../one_dialog/one_dialog";
import { NurtureSimulatorStory } from "./story";

const { DateTime } = luxon;

/**
 * The mail of a step as one lead would read it; its scripts and links are dead.
 */
export class NurtureMailPreview extends Component {
    static template = "lead_nurture.MailPreview";
    static components = { Dialog };
    static props = { mail: Object, close: Function };
}

/**
 * Try a scenario: choose people, a start and what they answer, and see what would happen when.
 */
export class NurtureSimulator extends Component {
    static template = "lead_nurture.Simulator";
    static components = { Layout, RecordSelector, DateTimeInput, NurtureSimulatorStory };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.show = useOneDialog();
        this.display = { controlPanel: {} };
        this.mailAnswers = [
            ["none", _t("Nobody reacts")],
            ["open", _t("They open it")],
            ["click", _t("They click a link")],
            ["reply", _t("They answer")],
            ["history", _t("As people did so far (drawn)")],
        ];
        this.state = useState({
            scenarioId: this.props.action.context?.active_id || false,
            scenario: false,
            mode: "lead",
            leadId: false,
            sample: 10,
            start: DateTime.now().startOf("minute"),
            what: "click",
            hours: 4,
            published: false,
            answers: {},
            seed: 1,
            story: false,
            running: false,
        });
        onWillStart(() => this.loadScenario(this.state.scenarioId));
    }

    async loadScenario(scenarioId) {
        Object.assign(this.state, { scenarioId, scenario: false, story: false, answers: {} });
        if (scenarioId) {
            const [scenario] = await this.orm.read(
                "nurture.scenario",
                [scenarioId],
                ["name", "draft_id", "version_id", "company_id"]
            );
            if (scenarioId !== this.state.scenarioId) {
                return; // another one was chosen meanwhile
            }
            this.state.scenario = scenario;
            this.env.config.setDisplayName(_t("Try “%s”", scenario.name));
        }
    }

    setLead(leadId) {
        this.state.leadId = leadId;
    }

    setStart(start) {
        if (start) {
            this.state.start = start;
        }
    }

    setPublished(ev) {
        this.state.published = ev.target.value === "published";
    }

    /** Another usual answer goes for all steps again. */
    setWhat(ev) {
        this.state.what = ev.target.value;
        this.state.answers = {};
    }

    get chosenCount() {
        return Object.keys(this.state.answers).length;
    }

    async forgetAnswers() {
        this.state.answers = {};
        await this.run();
    }

    get leadDomain() {
        return [["company_id", "in", [false, this.state.scenario.company_id[0]]]];
    }

    get canRun() {
        const { mode, leadId, sample } = this.state;
        return !this.state.running && (mode === "lead" ? Boolean(leadId) : sample > 0);
    }

    get options() {
        const { mode, leadId, sample, start, what, hours, published, answers, seed } = this.state;
        return {
            ...(mode === "lead" ? { lead_id: leadId } : { sample: Number(sample) }),
            start: serializeDateTime(start),
            usual: { what, hours: Number(hours) },
            published,
            answers,
            seed,
        };
    }

    async run() {
        const asked = (this.asked = {});
        const { scenarioId } = this.state;
        this.state.running = true;
        try {
            const story = await this.orm.call("nurture.scenario", "simulate", [
                [scenarioId],
                this.options,
            ]);
            // a slower answer to earlier choices does not replace the later one
            if (asked === this.asked && scenarioId === this.state.scenarioId) {
                this.state.story = story;
            }
        } finally {
            if (asked === this.asked) {
                this.state.running = false;
            }
        }
    }

    /** Another draw of the same chances. */
    async runAgain() {
        this.state.seed += 1;
        await this.run();
    }

    /** Choose what somebody does at one step, and see at once what follows from it. */
    async onAnswer(uid, answer) {
        if (answer) {
            this.state.answers[uid] = answer;
        } else {
            delete this.state.answers[uid];
        }
        await this.run();
    }

    async onPreview(nodeId, leadId) {
        const mail = await this.orm.call("nurture.scenario", "simulated_mail", [
            [this.state.scenarioId],
            nodeId,
            leadId,
        ]);
        this.show(NurtureMailPreview, { mail });
    }
}

registry.category("actions").add("nurture_simulator", NurtureSimulator);
