"""One training organisation, one course, a few learners: where tests start."""

import io
import select
import socket
import subprocess
from contextlib import contextmanager

from PIL import Image

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.pdf import PdfReader

from odoo.addons.base.tests.common import BaseCommon

# 1x1 PNG
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    b"WjR9awAAAABJRU5ErkJggg=="
)


def pdf_pages(content):
    """Return the text of each page of a PDF (bytes), white space folded."""
    reader = PdfReader(io.BytesIO(content))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def page_images(content):
    """Return each page of a PDF (bytes) as a small picture in shades of grey."""
    pictures = subprocess.run(
        ["pdftoppm", "-r", "36", "-gray", "-"],
        check=True,
        input=content,
        stdout=subprocess.PIPE,
    ).stdout
    size = len(pictures) // len(pdf_pages(content))
    return [
        Image.open(io.BytesIO(pictures[start : start + size]))
        for start in range(0, len(pictures), size)
    ]


@contextmanager
def nobody_calls():
    """An address on this computer that must not be asked for anything meanwhile."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield address
        if select.select([listener], [], [], 0)[0]:
            raise AssertionError(f"Something was fetched from {address}")


@tagged("standard", "post_install", "-at_install")
class CredentialCommon(BaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write(
            {
                "country_id": cls.env.ref("base.au").id,
                "lrm_profile": "au_vet",
                "lrm_outcome_list": "national",
                "lrm_legal_name": "Wattle Institute of Training Pty Ltd",
                "lrm_trading_name": "Wattle Institute",
                "lrm_rto_code": "45999",
            }
        )
        cls.requester = new_test_user(
            cls.env, "requester", groups="lrm_credentials.group_lrm_user"
        )
        cls.admin = new_test_user(
            cls.env, "lrmadmin", groups="lrm_credentials.group_lrm_admin"
        )
        cls.auditor = new_test_user(
            cls.env, "auditor", groups="lrm_credentials.group_lrm_auditor"
        )
        cls.officer = cls.env["lrm.issuing.officer"].create(
            {"name": "Margaret Chen", "title": "Director", "signature": PIXEL}
        )
        cls.company.lrm_default_officer_id = cls.officer
        cls.units = cls.env["lrm.unit"].create(
            [
                {"code": "BSBCMM511", "name": "Communicate with influence"},
                {"code": "BSBLDR523", "name": "Lead effective workplace relationships"},
                {"code": "BSBTWK502", "name": "Manage team effectiveness"},
            ]
        )
        cls.course = cls.env["lrm.course"].create(
            {
                "code": "BSB50420",
                "name": "Diploma of Leadership and Management",
                "kind": "qualification",
                "unit_ids": [Command.set(cls.units.ids)],
                "packaging_count": 3,
            }
        )
        cls.offer = cls.env["lrm.course.offer"].create(
            {
                "code": "DIP-2025",
                "course_id": cls.course.id,
                "date_start": "2025-02-03",
                "date_end": "2025-11-28",
            }
        )
        cls.competent = cls.env.ref("lrm_credentials.outcome_national_20")
        cls.not_competent = cls.env.ref("lrm_credentials.outcome_national_30")
        cls.certificate = cls.env.ref("lrm_credentials.template_certificate")
        cls.statement = cls.env.ref("lrm_credentials.template_statement")

    @classmethod
    def _create_learner(cls, first="Ana", family="Lee", **values):
        return cls.env["res.partner"].create(
            {
                "is_lrm_client": True,
                "lrm_first_name": first,
                "lrm_family_name": family,
                "lrm_usi": "ABCDEFGH23",
                "lrm_usi_status": "verified",
                "lrm_birth_date": "1994-05-17",
                **values,
            }
        )

    @classmethod
    def _create_enrolment(cls, learner=None, outcomes=None, offer=None, **values):
        """A completed enrolment; `outcomes` are those of its units, all competent."""
        enrolment = cls.env["lrm.course.enrolment"].create(
            {
                "partner_id": (learner or cls._create_learner()).id,
                "offer_id": (offer or cls.offer).id,
                "state": "completed",
                "date_completed": "2025-11-20",
                **values,
            }
        )
        units = enrolment.unit_enrolment_ids
        for unit, outcome in zip(
            units, outcomes or [cls.competent] * len(units), strict=True
        ):
            unit.write({"outcome_id": outcome.id, "date_end": "2025-11-14"})
        return enrolment

    @classmethod
    def _request(cls, enrolments, template=None, user=None, **values):
        """Credentials requested by `user`, in that user's environment."""
        return (
            cls.env["lrm.credential"]
            .with_user(user or cls.requester)
            .create(
                [
                    {
                        "enrolment_id": enrolment.id,
                        "template_id": (template or cls.certificate).id,
                        "credential_date": "2025-12-01",
                        **values,
                    }
                    for enrolment in enrolments
                ]
            )
        )

    @classmethod
    def _create_template(cls, name, credential_type="other", **values):
        """An approved template, whatever its layout is like."""
        template = cls.env["lrm.credential.template"].create(
            {
                "name": name,
                "title": name,
                "credential_type": credential_type,
                "units_printed": "none",
                "report_id": cls.statement.report_id.id,
                **values,
            }
        )
        template._approve()
        return template

    @classmethod
    def _change_template(cls, template, **values):
        """Change a template and approve what it has become."""
        template.with_user(cls.admin).write(values)
        template._approve()

    @classmethod
    def _create_transcript_template(cls, **values):
        """A record of results: all units, with whatever outcome."""
        values = {"units_printed": "all"} | values
        return cls._create_template("Record of Results", "transcript", **values)

    @classmethod
    def _set_address(cls, address="https://learn.example.edu"):
        """Where QR codes lead: by itself, Odoo only knows that of this computer."""
        cls.env["ir.config_parameter"].set_param("web.base.url", address)

    @classmethod
    def _preview(cls, credentials, user=None):
        action = credentials.with_user(user or cls.admin).action_preview()
        return cls.env[action["res_model"]].browse(action["res_id"])

    @classmethod
    def _issue(cls, credentials, final="no", user=None, **values):
        """The run that the issue wizard made, as an LRM admin would."""
        user = user or cls.admin
        action = credentials.with_user(user).action_issue()
        wizard = (
            cls.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"final": final, "status_reason": "Course completed", **values})
        )
        cls.env.invalidate_all()  # the button is a request of its own
        action = wizard.action_issue()
        return cls.env[action["res_model"]].browse(action["res_id"])

    @classmethod
    def _cancel(cls, credentials, reason="Wrong name printed", user=None):
        user = user or cls.admin
        action = credentials.with_user(user).action_cancel()
        wizard = (
            cls.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        cls.env.invalidate_all()
        return wizard.action_cancel()

    @classmethod
    def _results(cls, run):
        """{credential: result} of a run."""
        return {line.credential_id: line.state for line in run.line_ids}

    @classmethod
    def _message(cls, run, credential):
        """What a run says about one credential."""
        line = run.line_ids.filtered(lambda line: line.credential_id == credential)
        return line.message

    @classmethod
    def _attachment(cls, records, field_name="document"):
        """The attachments of a binary field."""
        return cls.env["ir.attachment"].search(
            [
                ("res_model", "=", records._name),
                ("res_field", "=", field_name),
                ("res_id", "in", records.ids),
            ]
        )

    @classmethod
    def _bytes(cls, records, field_name="document"):
        """The content of a binary field, as stored."""
        return cls._attachment(records, field_name).raw

    @classmethod
    def _in_own_company(cls, code="OTHER"):
        """A second organisation with an enrolment of its own."""
        company = cls.env["res.company"].create(
            {
                "name": code,
                "country_id": cls.env.ref("base.nz").id,
                "lrm_outcome_list": "national",
            }
        )
        offer = cls.env["lrm.course.offer"].create(
            {"code": code, "course_id": cls.course.id, "company_id": company.id}
        )
        return cls._create_enrolment(offer=offer)
