"""The demo job: what a requester and an LRM admin would click, on the demo data.

Run by dev/demo inside `odoo shell` (which provides `env`), through the same public
actions as the browser. Writes to the folder OUT and, what there is to look at, to the
file SUMMARY; QR codes lead to URL.
"""

import base64
import csv
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from odoo.addons.lrm_credentials.report.pdf import merge
from odoo.addons.lrm_credentials.report.workbook import STANDARD, mail_merge

OUT = Path(os.environ["OUT"])
REQUESTER, ADMIN = "requester", "lrmadmin"
# Where the day begins last: whoever looks at the demo has it, or has had it.
TODAY = datetime.now(timezone(timedelta(hours=-12))).date()


def user(login):
    return env["res.users"].search([("login", "=", login)])  # noqa: F821


def open_wizard(action, login, **values):
    """Create the wizard that `action` opens, as the user who filled in `values`."""
    model = env[action["res_model"]].with_user(user(login))  # noqa: F821
    return model.with_context(**action["context"]).create(values)


def request(offer, templates, reason):
    """Request `templates` for all enrolments of `offer`, as the requester."""
    enrolments = offer.enrolment_ids.with_user(user(REQUESTER))
    wizard = open_wizard(
        enrolments.action_request_credential(),
        REQUESTER,
        template_ids=templates.ids,
        credential_date=TODAY,
        request_reason=reason,
        open_register=True,
    )
    register = wizard.action_request()["params"]["next"]
    return env["lrm.credential"].browse(register["context"]["lrm_selected_ids"])  # noqa: F821


def preview(credentials):
    """Preview `credentials` as the LRM admin; return the run in Log History."""
    return opened(credentials.with_user(user(ADMIN)).action_preview())


def issue(preview_run, final, reason):
    """Issue what a preview made, as the LRM admin; return the run in Log History."""
    wizard = open_wizard(
        preview_run.action_issue_selected(),
        ADMIN,
        final=final,
        status_reason=reason,
        with_mail_merge=True,
    )
    return opened(wizard.action_issue())


def opened(action):
    """Return the record that `action` opens, as the LRM admin."""
    return env[action["res_model"]].with_user(user(ADMIN)).browse(action["res_id"])  # noqa: F821


def file_of(record, field_name):
    """Return the bytes of a file, read by the LRM admin."""
    record = record.with_user(user(ADMIN)).with_context(bin_size=False)
    return base64.b64decode(record[field_name])


def write_files(runs):
    """Write the documents of `runs`, one by one and all in one, and their workbook."""
    folder = OUT / "credentials"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.pdf"):
        old.unlink()
    credentials = [
        line.credential_id
        for run in runs
        for line in run.line_ids
        if line.state == "done"
    ]
    for credential in credentials:
        path = folder / credential.document_filename
        path.write_bytes(file_of(credential, "document"))
    combined = merge(file_of(run, "combined_pdf") for run in runs)
    (OUT / "combined.pdf").write_bytes(combined)
    workbook = mail_merge(
        (
            credential.document_data
            | {
                "address": credential.partner_id._lrm_postal_address(),
                "file": credential.document_filename,
            },
            STANDARD,
        )
        for credential in credentials
    )
    (OUT / "mail-merge.xlsx").write_bytes(workbook)


def write_samples():
    """Write one document of each template, of a learner who does not exist."""
    folder = OUT / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    templates = env["lrm.credential.template"].with_user(user(ADMIN)).search([])  # noqa: F821
    for template in templates:
        path = folder / f"{template.name}.pdf"
        path.write_bytes(file_of(opened(template.action_preview()), "preview"))


def write_log(runs):
    """Write what happened to each credential, as Log History shows it."""
    with open(OUT / "log-history.csv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["Log", "Number", "Learner", "Credential", "Result", "Message"])
        for run in runs:
            for line in run.line_ids:
                writer.writerow(
                    [
                        run.display_name,
                        line.number,
                        line.partner_id.name,
                        line.template_id.name,
                        line.state,
                        line.message or "",
                    ]
                )


def main():
    ref = env.ref  # noqa: F821
    template = {
        name: ref(f"lrm_credentials.template_{name}")
        for name in ("certificate", "record", "statement", "attendance", "letter")
    }
    # What is requested of each offer, and whether it is the final qualification.
    jobs = [
        ("bsb50420", template["certificate"] | template["record"], "yes"),
        ("hltaid011", template["statement"], "no"),
        ("taess00019", template["statement"], "yes"),
        ("ws_excel", template["attendance"] | template["letter"], "no"),
    ]
    parameters = env["ir.config_parameter"]  # noqa: F821
    parameters.set_param("web.base.url", os.environ["URL"])
    parameters.set_param("web.base.url.freeze", True)
    previews, issued = [], []
    for offer, templates, final in jobs:
        offer = ref(f"lrm_credentials.offer_{offer}")
        previews.append(preview(request(offer, templates, "Course completed")))
        issued.append(issue(previews[-1], final, "Course completed"))
    env.cr.commit()  # noqa: F821

    OUT.mkdir(exist_ok=True)
    write_files(issued)
    write_samples()
    write_log([run for pair in zip(previews, issued, strict=True) for run in pair])
    write_summary(
        sum(run.done_count for run in issued),
        sum(run.refused_count for run in issued),
    )


def write_summary(done, refused):
    """Tell whoever ran `make demo` what there is to look at."""
    Path(os.environ["SUMMARY"]).write_text(
        f"""
issued {done}, refused {refused} (on purpose: some sample records have mistakes)
  out/combined.pdf     the print file: all that was issued
  out/credentials/     the same, one PDF for each credential
  out/mail-merge.xlsx  the workbook for a mail merge
  out/log-history.csv  what became of each request, and why some were refused
  out/templates/       one sample of each credential template
""",
        encoding="utf-8",
    )


main()
