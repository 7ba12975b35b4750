import {registry} from "@web/core/registry";
import {
    button,
    chooseStatus,
    click,
    field,
    openRegister,
    row,
    tick,
    type,
} from "./steps";

const confirm = {trigger: `.modal-footer ${button("action_cancel")}`, run: "click"};

registry.category("web_tour.tours").add("lrm_cancel", {
    steps: () => [
        ...openRegister(),
        ...chooseStatus("Issued"),
        ...tick("Ana Lee"),
        click("action_cancel"),
        {trigger: `.modal ${field("credential_ids")}:contains(Certificate)`},
        confirm,
        {trigger: `.modal ${field("reason")}.o_field_invalid`},
        type("reason", "Wrong name printed"),
        confirm,
        {trigger: "body:not(:has(.modal))"},
        {trigger: `.o_list_view:not(:has(${row("Ana Lee")}))`},
        ...chooseStatus("Cancelled"),
        {trigger: `${row("Ana Lee")} ${field("state")}:contains(Cancelled)`},
    ],
});
