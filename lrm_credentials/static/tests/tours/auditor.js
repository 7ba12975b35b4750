import {registry} from "@web/core/registry";
import {
    button,
    chooseStatus,
    menu,
    openRegister,
    openRow,
    readonly,
    tick,
    withoutButtons,
} from "./steps";

const actions = ["action_preview", "action_issue", "action_cancel"];

registry.category("web_tour.tours").add("lrm_auditor", {
    steps: () => [
        ...openRegister("All"),
        {trigger: `.o_main_navbar:not(:has(${menu("lrm_client_menu")}))`},
        {trigger: ".o_list_view:not(:has(.o_list_button_add))"},
        ...tick("Ben Okafor"),
        {trigger: withoutButtons(".o_list_view:has(.o_selection_box)", ...actions)},
        ...chooseStatus("Issued"),
        openRow("Ana Lee"),
        {trigger: `.o_form_view ${button("action_open_document")}`},
        {trigger: withoutButtons(".o_form_view", ...actions)},
        {trigger: readonly("template_id", "Qualification Certificate")},
    ],
});
