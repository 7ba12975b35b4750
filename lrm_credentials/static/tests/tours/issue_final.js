import {registry} from "@web/core/registry";
import {
    button,
    click,
    field,
    openRegister,
    openRow,
    switchMenu,
    tick,
    title,
    type,
} from "./steps";

const issue = {trigger: `.modal-footer ${button("action_issue")}`, run: "click"};
const answer = (value) => ({
    trigger: `.modal ${field("final")} input[data-value="${value}"]`,
    run: "click",
});
const issuedDate = field("qual_issued_date");

registry.category("web_tour.tours").add("lrm_issue_final", {
    steps: () => [
        ...openRegister(),
        ...tick("Ana Lee", "Qualification Certificate"),
        ...tick("Ben Okafor", "Qualification Certificate"),
        click("action_issue"),
        {
            content: "Nothing is answered beforehand",
            trigger: `.modal ${field("final")}:not(:has(input:checked))`,
        },
        {trigger: `.modal .o_form_view:not(:has(${issuedDate}))`},
        issue,
        {trigger: `.modal ${field("final")}.o_field_invalid`},
        {trigger: `.modal ${field("status_reason")}.o_field_invalid`},
        answer("no"),
        {trigger: `.modal ${field("final")} input[data-value="no"]:checked`},
        {trigger: `.modal .o_form_view:not(:has(${issuedDate}))`},
        answer("yes"),
        type("qual_issued_date", "12/15/2025"),
        issue,
        {
            content: "The reason is required still",
            trigger: `.modal ${field("status_reason")}.o_field_invalid`,
        },
        type("status_reason", "Course completed"),
        {trigger: `.modal ${field("with_mail_merge")} input`, run: "check"},
        issue,
        {trigger: title("Issue")},
        {trigger: `${field("done_count")}:contains(2)`},
        {trigger: `${field("combined_pdf")}:contains(.pdf)`},
        {trigger: `${field("mail_merge_xlsx")}:contains(.xlsx)`},
        ...switchMenu("Course Enrolments", "lrm_course_enrolment_menu"),
        openRow("Ana Lee"),
        {trigger: `${field("qual_issued")} input:checked`},
        {trigger: `${field("parchment_number")} span:contains(/^\\d{10}$/)`},
        {trigger: `${field("qual_issued_date")}:contains("Dec 15")`},
    ],
});
