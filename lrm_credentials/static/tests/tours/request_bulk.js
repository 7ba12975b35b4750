import {registry} from "@web/core/registry";
import {
    button,
    choose,
    click,
    field,
    openMenu,
    row,
    status,
    title,
    type,
    withoutButtons,
} from "./steps";

const selected = (...texts) => ({trigger: `${row(...texts)}.o_data_row_selected`});
const notSelected = (...texts) => ({
    trigger: `${row(...texts)}:not(.o_data_row_selected)`,
});

registry.category("web_tour.tours").add("lrm_request_bulk", {
    steps: () => [
        ...openMenu("Course Offers", "lrm_course_offer_menu"),
        {
            trigger: `${row("DIP-2025")} ${button("action_view_enrolments")}`,
            run: "click",
        },
        {trigger: title("Enrolments of DIP-2025")},
        {trigger: "thead .o_list_record_selector input", run: "click"},
        {trigger: '.o_selection_box:contains("3 selected")'},
        click("action_request_credential"),
        ...choose("template_ids", "Qualification Certificate"),
        ...choose("template_ids", "Statement of Attainment"),
        type("request_reason", "End of the course"),
        {
            content: "What will prevent issue is said before",
            trigger: `.modal ${field("problems")} tr:contains("Dan Murphy"):contains("Nothing competent to print")`,
        },
        {trigger: `${field("open_register")} input`, run: "check"},
        {trigger: `.modal-footer ${button("action_request")}`, run: "click"},
        {
            trigger:
                '.o_notification:contains("Requested credentials: 5"):contains("Already requested: Ana Lee (Qualification Certificate)")',
        },
        {trigger: title("Credentials Register")},
        status("Requested"),
        {trigger: '.o_selection_box:contains("5 selected")'},
        selected("Ana Lee", "Statement of Attainment"),
        selected("Ben Okafor", "Qualification Certificate"),
        selected("Ben Okafor", "Statement of Attainment"),
        selected("Dan Murphy", "Qualification Certificate"),
        selected("Dan Murphy", "Statement of Attainment"),
        notSelected("Ana Lee", "Qualification Certificate"),
        notSelected("Eve Brown"),
        {
            trigger: withoutButtons(
                ".o_list_view:has(.o_selection_box)",
                "action_preview",
                "action_issue",
                "action_cancel"
            ),
        },
    ],
});
