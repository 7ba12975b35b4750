import {
    button,
    click,
    field,
    openRegister,
    page,
    row,
    tick,
    title,
    type,
} from "./steps";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

const learners = ["Ana Lee", "Ben Okafor", "Eve Brown"];
const status = (label) =>
    `.o_statusbar_status .o_arrow_button_current:contains("${label}")`;
const progress = field("progress");

registry.category("web_tour.tours").add("lrm_background", {
    steps: () => [
        ...openRegister(),
        ...learners.flatMap((learner) => tick(learner, "Qualification Certificate")),
        click("action_issue"),
        {trigger: `.modal ${field("final")} input[data-value="no"]`, run: "click"},
        type("status_reason", "Graduation"),
        {trigger: `.modal-footer ${button("action_issue")}`, run: "click"},
        {trigger: title("Issue")},
        {trigger: status("Queued")},
        {trigger: `.alert:contains("You may leave") ${progress} .o_progressbar`},
        {trigger: `${progress} span:contains(/^0$/)`},
        {trigger: `.o_form_view ${button("action_stop")}`},
        {trigger: `.o_form_view:not(:has(${page("combined")}))`},
        ...learners.map((learner) => ({trigger: row(learner, "Pending")})),
        {
            content: "The scheduler gets round to it: the page is not told",
            trigger: title("Issue"),
            run: () =>
                rpc("/web/dataset/call_kw/lrm.credential.run/lrm_test_schedule", {
                    model: "lrm.credential.run",
                    method: "lrm_test_schedule",
                    args: [],
                    kwargs: {},
                }),
        },
        {content: "It looks by itself", trigger: status("Done")},
        {trigger: `.o_form_view:not(:has(${progress}))`},
        {trigger: `.o_form_view:not(:has(${button("action_stop")}))`},
        ...learners.map((learner) => ({trigger: row(learner, "Done")})),
        {trigger: `${field("done_count")}:contains(3)`},
        {trigger: page("combined"), run: "click"},
        {
            content: "All three in one file",
            trigger: `${field("combined_pdf")} iframe:iframe .page:eq(2)`,
        },
    ],
});
