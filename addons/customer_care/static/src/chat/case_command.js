import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

// the list of commands is asked for at once, the group is known a moment later
let isAgent = false;
user.hasGroup("customer_care.group_customer_care_user").then((has) => (isAgent = has));

registry.category("discuss.channel_commands").add("case", {
    condition: () => isAgent,
    help: _t("Make a case of this chat (/case what it is about)"),
    methodName: "execute_command_case",
});
