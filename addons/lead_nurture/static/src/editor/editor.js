import {
    Component, onWillStart, onWillUpdateProps, status, useEffect, useRef, useState,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { CallbackRecorder, useSetupAction } from "@web/search/action_hook";
import { useOneDialog } from "../one_dialog/one_dialog";
import { FrameCard, StepCard } from "./card";
import { useEditorFocus } from "./focus";
import { useEditorKeys } from "./keys";
import { layoutGraph } from "./layout";
import { StepList } from "./list";
import { useLiveNumbers } from "./live_numbers";
import { PaletteDialog } from "./palette";
import { StepPanel } from "./panel";
import { KeepDialog } from "./keep_dialog";
import { useViewport } from "./viewport";

const VERSION = "nurture.scenario.version";
const LIVE_STATES = ["running", "paused"];

/**
 * The steps of a scenario as a picture to look at and to change. The server keeps the steps, checks
 * them and undoes; every change is one call that answers with the new graph.
 */
export class NurtureEditor extends Component {
    static template = "lead_nurture.Editor";
    static components = { Dropdown, DropdownItem, FrameCard, StepCard, StepList, StepPanel };
    static props = {
        scenarioId: Number,
        signature: { type: String, optional: true },
        fullPage: { type: Boolean, optional: true },
        onChanged: { type: Function, optional: true },
        onPage: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ask = useOneDialog();
        this.notification = useService("notification");
        this.root = useRef("root");
        this.canvas = useRef("canvas");
        this.recorder = new CallbackRecorder();
        this.saves = this.shownSaves = 0; // of the step's form, and how many the picture knows
        this.state = useState({
            graph: false, layout: false, selected: false, panel: false, connect: false,
            asList: false, busy: false, formKey: 0,
        });
        this.viewport = useViewport(this.canvas, () => this.state.layout || null);
        const { numbers, refresh } = useLiveNumbers(() => this.shown);
        this.numbers = numbers;
        this.refreshNumbers = refresh;
        this.focus = useEditorFocus(this);
        this.onKeydown = useEditorKeys(this);
        useSetupAction({ beforeLeave: () => this.leavePanel() });
        onWillStart(async () => {
            // both at once: the form may replace the editor before the first of them is there
            await this.load(this.props.scenarioId, loadBundle("lead_nurture.assets_dagre"));
        });
        onWillUpdateProps(async (props) => {
            if (props.scenarioId !== this.props.scenarioId) {
                Object.assign(this.state, { selected: false, panel: false, connect: false });
                await this.load(props.scenarioId);
            } else if (props.signature !== this.props.signature) {
                await this.load();
            }
        });
        // the first look: as large as fits across
        useEffect(
            () => this.viewport.fit({ whole: false, start: this.placeOf(this.graph?.start) }),
            () => [this.state.graph?.scenario?.id, this.state.asList]
        );
    }

    // ------------------------------------------------------------
    // WHAT IS SHOWN
    // ------------------------------------------------------------

    get graph() {
        return this.state.graph;
    }

    get shown() {
        const { graph } = this.state;
        return graph && { version: graph.version, live: LIVE_STATES.includes(graph.scenario.state) };
    }

    get withNumbers() {
        return Boolean(this.graph && this.graph.scenario.state !== "draft");
    }

    get selectedNode() {
        return this.nodeOf(this.state.selected);
    }

    get problems() {
        return [
            ...this.graph.problems.map((text) => ({ text, node: false })),
            ...this.graph.nodes.flatMap((node) =>
                node.problems.map((text) => ({ text, node: node.id }))
            ),
        ];
    }

    /** What ends a journey early, wherever somebody stands. */
    get ends() {
        return this.graph.frame.filter((card) => card.key !== "entry");
    }

    get caption() {
        const { number, draft } = this.graph;
        return draft ? _t("Draft of version %s", number) : _t("Version %s", number);
    }

    get publishHint() {
        const count = this.problems.length;
        return count ? this.problems.map((problem) => problem.text).join("\n") : "";
    }

    get formKey() {
        return `${this.state.selected}:${this.graph.version}:${this.state.formKey}`;
    }

    nodeOf(id) {
        return this.graph && this.graph.nodes.find((node) => node.id === id);
    }

    // ------------------------------------------------------------
    // LOAD AND CHANGE
    // ------------------------------------------------------------

    /** The form around the editor has replaced it: whatever was on its way is for nobody. */
    get isGone() {
        return status(this) === "destroyed";
    }

    async load(scenarioId = this.props.scenarioId, ready = true) {
        if (this.isGone) {
            return;
        }
        await this.read(scenarioId, ready);
        if (this.graph && !this.isGone) {
            await this.refreshNumbers();
        }
    }

    async read(scenarioId = this.props.scenarioId, ready = true) {
        const { saves } = this;
        const call = this.orm.call("nurture.scenario", "get_editor_graph", [[scenarioId]]);
        const [graph] = await Promise.all([call, ready]);
        if (!this.isGone) {
            this.show(graph, saves);
        }
    }

    show(graph, saves = this.saves) {
        const { version, revision } = this.state.graph || {};
        if (graph && graph.version === version && graph.revision < revision) {
            return; // a slower answer to an earlier question
        }
        this.shownSaves = Math.max(this.shownSaves, saves);
        this.state.graph = graph;
        this.state.layout =
            graph &&
            layoutGraph(window.dagre, graph, {
                editable: graph.editable,
                withNumbers: this.withNumbers,
            });
        if (this.state.selected && !this.selectedNode) {
            this.state.selected = false;
            this.state.panel = false;
        }
    }

    /** One change: settings that are still being typed are saved first. */
    async run(method, ...args) {
        if (this.state.busy) {
            return false;
        }
        this.state.busy = true;
        this.work = this.change(method, ...args);
        return this.work;
    }

    /** Undo and redo typed faster than the server answers are done one after the other. */
    runNext(verb) {
        this.queue = Promise.allSettled([this.queue, this.work]).then(async () => {
            if (!this.isGone && this.graph[verb] && (await this.run(verb))) {
                this.focus.toCard();  // the card that had the keyboard may have gone
            }
        });
    }

    async change(method, ...args) {
        try {
            if (!(await this.leavePanel()) || this.isGone) {
                return false;
            }
            return await this.send(method, ...args);
        } finally {
            this.state.busy = false;
        }
    }

    async send(method, ...args) {
        try {
            if (this.shownSaves < this.saves) {
                await this.load();
            }
            const graph = await this.orm.call(
                VERSION, `editor_${method}`, [[this.graph.version], this.graph.revision, ...args]
            );
            this.state.formKey++;
            this.show(graph);
            return graph;
        } catch (error) {
            await this.load();
            this.state.formKey++;
            throw error;
        } finally {
            this.state.connect = false;
        }
    }

    async leavePanel() {
        const answers = await Promise.all(this.recorder.callbacks.map((leave) => leave()));
        return !answers.includes(false);
    }

    /** The form of the chosen step has saved itself. */
    async onSaved() {
        this.saves++;
        if (!this.isGone) {
            await this.read();
        }
    }

    // ------------------------------------------------------------
    // SELECT
    // ------------------------------------------------------------

    async select(id, { panel = this.state.panel } = {}) {
        if (this.state.connect) {
            const { node, label } = this.state.connect;
            return this.run("connect", node, label, id);
        }
        if (id !== this.state.selected && !(await this.leavePanel())) {
            return;
        }
        this.state.selected = id;
        this.state.panel = panel;
        this.viewport.show(this.placeOf(id));
    }

    placeOf(id) {
        return this.state.layout?.boxes?.find((box) => box.key === `n${id}`);
    }

    open(id) {
        return this.select(id, { panel: true });
    }

    async closePanel() {
        if (await this.leavePanel()) {
            this.state.panel = false;
            this.focus.toCard();
        }
    }

    focusProblem(problem) {
        if (problem.node) {
            this.open(problem.node);
        }
    }

    // ------------------------------------------------------------
    // ACT
    // ------------------------------------------------------------

    /** Ask for a kind, then put it at the place: {after, exit}, {before} or the very beginning. */
    choosePlace(place, exit) {
        const leadsOn = place.after ? this.nodeOf(exit.target) : this.graph.nodes.length;
        // an end in the middle would cut off what comes behind it
        const fits = (kind) => !(leadsOn && kind.ends);
        this.ask(PaletteDialog, {
            title: exit && exit.name ? _t("Add a step after “%s”", exit.name) : _t("Add a step"),
            groups: this.graph.palette.map((group) => ({
                ...group, kinds: group.kinds.filter(fits),
            })),
            onChoose: (kind) => this.insert(kind, place),
            onConnect: place.after ? () => this.startConnect(place.after, exit) : false,
        });
    }

    chooseOn({ exit }) {
        this.choosePlace(exit ? { after: exit.node, exit: exit.label } : {}, exit);
    }

    async insert(kind, place) {
        await Promise.allSettled([this.work]); // what was chosen is not lost on a slow server
        const graph = await this.run("insert", kind, place);
        if (graph) {
            await this.open(graph.added);
            this.focus.toCard();
        }
    }

    insertAfter(node) {
        const exit = node.exits.find((e) => !this.nodeOf(e.target)) || node.exits[0];
        if (exit) {
            this.choosePlace({ after: node.id, exit: exit.label }, exit);
        }
    }

    startConnect(node, exit) {
        this.state.asList = false;
        this.state.connect = { node, label: exit.label, name: exit.name };
        this.focus.toCard();
    }

    remove(node) {
        const ways = node.exits.filter((exit) => this.nodeOf(exit.target));
        const isReached = this.state.layout.arrows.some((arrow) => arrow.target === `n${node.id}`);
        if (new Set(ways.map((exit) => exit.target)).size > 1 && isReached) {
            this.ask(KeepDialog, {
                node,
                ways: ways.map((exit) => ({ ...exit, step: this.nodeOf(exit.target) })),
                onKeep: (label) => this.removeKeeping(node, label),
            });
        } else {
            this.removeKeeping(node, ways.length ? ways[0].label : false);
        }
    }

    async removeKeeping(node, label) {
        const graph = await this.run("remove", node.id, label);
        if (graph) {
            const undo = () => {
                close();
                // it takes back this removal, and nothing that was done since
                if (!this.isGone && this.graph.revision === graph.revision) {
                    this.runNext("undo");
                }
            };
            const close = this.notification.add(_t("“%s” was removed.", node.name), {
                type: "info",
                buttons: [{ name: _t("Undo"), onClick: undo }],
            });
            this.focus.toCard();
        }
    }

    /** Everything the panel and the list can do with a step. */
    act(node, verb, ...args) {
        const acts = {
            after: (exit) =>
                exit ? this.choosePlace({ after: node.id, exit: exit.label }, exit) : this.insertAfter(node),
            before: () => this.choosePlace({ before: node.id }),
            kind: () => this.changeKind(node),
            connect: (label, target) => this.run("connect", node.id, label, target),
            point: (exit) => this.startConnect(node.id, exit),
            duplicate: () => this.duplicate(node),
            first: () => this.run("make_first", node.id),
            remove: () => this.remove(node),
            people: () => this.openPeople(node.id),
        };
        return acts[verb](...args);
    }

    changeKind(node) {
        this.ask(PaletteDialog, {
            title: _t("Change “%s” into", node.name),
            groups: this.graph.palette,
            onChoose: (kind) => this.run("change_kind", node.id, kind),
        });
    }

    async duplicate(node) {
        const graph = await this.run("duplicate", node.id);
        if (graph) {
            await this.open(graph.added);
            this.focus.toCard();
        }
    }

    async openPeople(id) {
        if ((await this.leavePanel()) && !this.isGone) {
            this.action.doAction(await this.orm.call("nurture.node", "action_view_standing", [[id]]));
        }
    }

    // ------------------------------------------------------------
    // THE SCENARIO
    // ------------------------------------------------------------

    /** A button of the scenario itself; some answer with a window to open. */
    async scenarioAct(method) {
        if (!(await this.leavePanel()) || this.isGone) {
            return;
        }
        const action = await this.orm.call("nurture.scenario", method, [[this.props.scenarioId]]);
        const done = async () => {
            this.state.panel = false;
            await this.load();
            await this.props.onChanged?.();
        };
        if (action && action.type) {
            await this.action.doAction(action, { onClose: done });
        } else {
            await done();
        }
    }

    start() {
        this.ask(ConfirmationDialog, {
            title: _t("Start the scenario?"),
            body: _t("From now on people who match will enter and get mails."),
            confirmLabel: _t("Start"),
            confirm: () => this.scenarioAct("action_start"),
            cancel: () => {},
        });
    }

    discardDraft() {
        this.ask(ConfirmationDialog, {
            title: _t("Discard the changes?"),
            body: _t("The draft is deleted. The published steps stay as they are."),
            confirmLabel: _t("Discard changes"),
            confirm: () => this.scenarioAct("action_discard_draft"),
            cancel: () => {},
        });
    }

    async openFullPage() {
        if (await this.leavePanel()) {
            this.action.doAction("lead_nurture.nurture_editor_action", {
                additionalContext: { active_id: this.props.scenarioId },
            });
        }
    }
}
