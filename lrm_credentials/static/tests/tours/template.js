import {registry} from "@web/core/registry";
import {button, click, field, openMenu, openRow, page, title, type} from "./steps";

const previewed = [
    {trigger: `.modal ${field("preview")} iframe:iframe .page:eq(0)`},
    {trigger: ".modal-footer button:contains(Close)", run: "click"},
    {trigger: `body:not(:has(.modal)) ${button("action_preview")}`},
];

registry.category("web_tour.tours").add("lrm_template", {
    steps: () => [
        ...openMenu(
            "Credential Templates",
            "lrm_configuration_menu",
            "lrm_credential_template_menu"
        ),
        openRow("Statement of Attainment", "Approved"),
        click("action_customise"),
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: title("Statement of Attainment (customised)")},
        {trigger: '.o_arrow_button_current:contains("Draft")'},
        type("accent_color", "#7a1f2b"),
        {trigger: page("paragraphs"), run: "click"},
        {
            trigger: `${field("opening")} textarea`,
            run: "edit Well done, {learner.first_name}.",
        },
        click("action_preview"),
        ...previewed,
        {
            content: "Change it and look again",
            trigger: `${field("opening")} textarea`,
            run: "edit Congratulations, {learner.first_name}.",
        },
        click("action_preview"),
        ...previewed,
        {trigger: page("fields"), run: "click"},
        {trigger: `${field("field_list")} code:contains("{learner.name}")`},
        click("action_approve"),
        {trigger: '.o_arrow_button_current:contains("Approved")'},
        {trigger: page("versions"), run: "click"},
        {trigger: `${field("version_ids")} .o_data_row`},
    ],
});
