import {registry} from "@web/core/registry";
import {button, chooseStatus, click, field, openRegister, openRow, type} from "./steps";

const cause = (value) => ({
    trigger: `.modal ${field("cause")} input[data-value="${value}"]`,
    run: "click",
});
const cancelsOld = (value) => ({
    trigger: `.modal ${field("cancel")} input[data-value="${value}"]:checked`,
});

registry.category("web_tour.tours").add("lrm_replace", {
    steps: () => [
        ...openRegister(),
        ...chooseStatus("Issued"),
        openRow("Ana Lee"),
        click("action_replace"),
        cause("wrong"),
        cancelsOld("now"),
        {trigger: `.modal .o_form_view:not(:has(${button("action_reprint")}))`},
        cause("lost"),
        cancelsOld("on_issue"),
        {
            content: "A reprint is offered first",
            trigger: `.modal ${button("action_reprint")}`,
        },
        {trigger: `.modal ${button("action_replace")}`, run: "click"},
        {trigger: `.modal ${field("reason")}.o_field_invalid`},
        type("reason", "Lost in the post"),
        {trigger: `.modal ${button("action_replace")}`, run: "click"},
        {
            content: "The new request names the old one, and leads to it",
            trigger: `body:not(:has(.modal)) ${field("replaces_id")} a`,
            run: "click",
        },
        {
            content: "The old one names the new one",
            trigger: `${field("replaced_by_ids")} .o_tag`,
        },
        {trigger: ".o_statusbar_status .o_arrow_button_current:contains(Issued)"},
    ],
});
