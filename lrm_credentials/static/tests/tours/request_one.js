import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";
import {
    button,
    choose,
    field,
    openMenu,
    openRow,
    page,
    readonly,
    row,
    title,
    type,
} from "./steps";

registry.category("web_tour.tours").add("lrm_request_one", {
    steps: () => [
        ...openMenu("Clients", "lrm_client_menu"),
        openRow("Ana Lee"),
        {trigger: page("enrolments"), run: "click"},
        {
            trigger: `${row("DIP-2025")} ${button("action_view_credentials")}`,
            run: "click",
        },
        {trigger: title("Credentials of Ana Lee")},
        {trigger: ".o_list_button_add", run: "click"},
        {trigger: readonly("partner_id", "Ana Lee")},
        {trigger: readonly("offer_id", "DIP-2025")},
        {trigger: readonly("course_id", "BSB50420")},
        {trigger: readonly("requested_by_id", "requester")},
        ...choose("template_id", "Qualification Certificate"),
        ...choose("issuing_officer_id", "Priya Nair"),
        type("request_reason", "Completed the course"),
        ...stepUtils.saveForm(),
        {trigger: `${field("number")} span:contains(/^\\d{10}$/)`},
        {trigger: '.o_arrow_button_current[data-value="requested"]'},
    ],
});
