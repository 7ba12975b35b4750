import {registry} from "@web/core/registry";
import {
    button,
    click,
    field,
    openRegister,
    openRow,
    row,
    switchMenu,
    title,
    type,
} from "./steps";

registry.category("web_tour.tours").add("lrm_issue_not_final", {
    steps: () => [
        ...openRegister(),
        openRow("Ana Lee", "Statement of Attainment"),
        click("action_issue"),
        {
            trigger: `.modal ${field("final")} input[data-value="no"]`,
            run: "click",
        },
        type("status_reason", "Left the course"),
        {trigger: `.modal-footer ${button("action_issue")}`, run: "click"},
        {trigger: title("Issue")},
        {trigger: row("Ana Lee", "Statement of Attainment", "Done")},
        ...switchMenu("Clients", "lrm_client_menu"),
        openRow("Ana Lee"),
        click("action_lrm_view_credentials"),
        openRow("Ana Lee", "Issued"),
        {trigger: '.o_arrow_button_current[data-value="issued"]'},
        {trigger: `${field("document")} iframe:iframe .page`},
        ...switchMenu("Course Enrolments", "lrm_course_enrolment_menu"),
        openRow("Ana Lee"),
        {trigger: `${field("qual_issued")} input:not(:checked)`},
    ],
});
