/**
 * The article "How To Generate a Credential", as two users do it: from login to the combined PDF, downloaded.
 *
 * Told by the test in an environment variable, as JSON: url, cookies, size, folder for the downloads, and the names of
 * the records to look for. Prints as JSON what was seen.
 */
const {Person, button, field, withBrowser} = require("./browser");

const plan = JSON.parse(process.env.PLAN);
const REGISTER = ["lrm-register", "lrm_report_menu", "lrm_credential_menu"];

/** From LRM > Clients, one credential of one learner. */
async function requestOne(requester) {
    await requester.menu("lrm-clients", "lrm_client_menu");
    await requester.search(plan.learner);
    await requester.row(plan.learner).getByText(plan.learner).first().click();
    await requester.click('.o_notebook_headers a[name="enrolments"]');
    await requester.row(plan.offer).locator(button("action_view_credentials")).click();
    await requester.click(".o_list_button_add, .o-kanban-button-new");
    await requester.choose("template_id", plan.statement);
    await requester.type("request_reason", "Wanted by an employer");
    await requester.click(".o_form_button_save");
    await requester.find(`${field("number")}:not(.o_field_empty)`).waitFor();
}

/** From LRM > Course Offers, one for everybody who is ticked. */
async function requestMany(requester) {
    await requester.menu("lrm-offers", "lrm_course_offer_menu");
    await requester.search(plan.offer);
    await requester.row(plan.offer).locator(button("action_view_enrolments")).click();
    for (const learner of plan.learners) {
        await requester.tick(learner);
    }
    await requester.press("action_request_credential");
    await requester.choose("template_ids", plan.certificate);
    await requester.type("request_reason", "End of the course");
    await requester.find(`${field("open_register")} input`).check();
    await requester.answered();
    await requester.click(`.modal-footer ${button("action_request")}`);
    await requester.page.waitForURL("**/lrm-register*");
    // Just requested, they are selected.
    await requester
        .find(".o_data_row_selected, .o_record_selected")
        .nth(plan.learners.length - 1)
        .waitFor();
}

async function preview(admin) {
    await admin.menu(...REGISTER);
    for (const learner of plan.learners) {
        await admin.tick(learner, plan.certificate);
    }
    await admin.press("action_preview");
    await admin.find(field("combined_pdf")).first().waitFor();
}

async function issue(admin) {
    await admin.press("action_issue_selected");
    await admin.click(`.modal ${field("final")} input[data-value="yes"]`);
    await admin.type("status_reason", "Course completed");
    await admin.find(`.modal ${field("with_mail_merge")} input`).check();
    await admin.answered();
    await admin.click(`.modal-footer ${button("action_issue")}`);
    await admin.find(field("mail_merge_xlsx")).waitFor();
}

/** From Log History, the credential of one learner; returns the address of its PDF. */
async function openDocument(admin) {
    const [request] = await Promise.all([
        admin.window.waitForEvent("request", (asked) =>
            asked.url().includes("/web/content/")
        ),
        admin.row(plan.learner).locator(button("action_open_document")).click(),
    ]);
    const answer = await admin.window.request.get(request.url());
    return answer.headers()["content-type"];
}

async function main() {
    const {size, cookies, url, folder} = plan;
    const seen = await withBrowser(async (browser) => {
        const requester = await Person.at(browser, {url, size, cookies});
        await requester.login("requester", "requester");
        await requestOne(requester);
        await requestMany(requester);
        const admin = await Person.at(browser, {url, size, cookies});
        await admin.login("lrmadmin", "lrmadmin");
        await preview(admin);
        await issue(admin);
        const download = (name) =>
            admin.download(`${field(name)} .fa-download`, folder);
        return {
            print: await download("combined_pdf"),
            workbook: await download("mail_merge_xlsx"),
            document: await openDocument(admin),
            errors: [...requester.errors, ...admin.errors],
        };
    });
    console.log(JSON.stringify(seen));
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
