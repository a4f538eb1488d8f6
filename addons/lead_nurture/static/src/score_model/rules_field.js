import { Component } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useOwnedDialogs, useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { useOneDialog } from "../one_dialog/one_dialog";

/**
 * The rules of a score model by group, each in words with its points. Rules and groups are edited
 * in a dialog that saves at once: a draft counts for nobody.
 */
export class NurtureRulesField extends Component {
    static template = "lead_nurture.RulesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.ask = useOneDialog(useOwnedDialogs());
    }

    get board() {
        return this.props.record.data[this.props.name] || { groups: [] };
    }

    get isNew() {
        return !this.props.record.resId;
    }

    signed(points) {
        const text = `${Math.round(points * 10) / 10}`;
        return points > 0 ? `+${text}` : text.replace("-", "−");
    }

    pointsClass(rule) {
        return rule.points < 0 ? "border text-body" : "text-bg-primary";
    }

    deleteLabel(entry) {
        return _t("Delete “%s”", entry.name);
    }

    switchLabel(rule) {
        return rule.active ? _t("Switch off “%s”", rule.name) : _t("Switch on “%s”", rule.name);
    }

    async openRule(group, rule) {
        await this.edit("nurture.score.rule", rule && rule.id, {
            title: rule ? rule.name : _t("New rule of “%s”", group.name),
            context: { default_group_id: group.id },
        });
    }

    async openGroup(group) {
        await this.edit("nurture.score.group", group && group.id, {
            title: group ? group.name : _t("New group"),
            context: { default_model_id: this.props.record.resId },
        });
    }

    /** What stands in the form is saved first: the dialog reloads it. */
    async edit(resModel, resId, options) {
        const editable = this.board.editable;
        if (editable && !(await this.props.record.save())) {
            return;
        }
        this.ask(FormViewDialog, {
            resModel,
            resId: resId || false,
            readonly: !editable,
            preventEdit: !editable,
            canExpand: false,
            ...options,
            onRecordSaved: () => this.props.record.load(),
        });
    }

    async switchRule(rule) {
        await this.change("write", [[rule.id], { active: !rule.active }], "nurture.score.rule");
    }

    remove(resModel, entry, body) {
        this.ask(ConfirmationDialog, {
            title: _t("Delete “%s”?", entry.name),
            body,
            confirmLabel: _t("Delete"),
            confirm: () => this.change("unlink", [[entry.id]], resModel),
            cancel: () => {},
        });
    }

    removeRule(rule) {
        this.remove("nurture.score.rule", rule, _t("The draft loses this rule."));
    }

    removeGroup(group) {
        this.remove("nurture.score.group", group, _t("The draft loses this group with its rules."));
    }

    async change(method, args, resModel) {
        if (await this.props.record.save()) {
            await this.orm.call(resModel, method, args);
            await this.props.record.load();
        }
    }
}

registry.category("fields").add("nurture_rules", {
    component: NurtureRulesField,
    supportedTypes: ["json"],
});
