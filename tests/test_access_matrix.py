"""Who may do what, as one table: every public method and every address of the addon.

A new method, model or address that the table does not name makes these tests fail.
"""

import base64
import inspect

from odoo import Command, http
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.history.sheet import HEADINGS, write_rows

from .common import CredentialCommon

PACKAGE = "odoo.addons.lrm_credentials."
CRUD = (
    "create",
    "read",
    "web_save",
    "write",
    "copy",
    "name_create",
    "unlink",
)
# Who is tried, in the order of the columns below. Everything happens in the company of
# all but the last.
USERS = {
    "n": "public",  # nobody: a visitor who is not logged in
    "p": "portal",  # a learner, asking for a colleague's
    "a": "auditor",
    "r": "requester",
    "l": "lrmadmin",
    "s": "stranger",  # an LRM admin of another company
}
# {model: {method: who may}}; `-` is nobody. Methods of wizards are tried on a wizard of
# the user's own, CRUD of wizards and of all else on what the company has.
METHODS = {
    "ir.attachment": {"create": "-", "write": "-", "unlink": "-"},
    "ir.module.module": {"button_uninstall": "-", "module_uninstall": "-"},
    # Shared by all companies, as units and outcomes are.
    "lrm.course": {
        "create": "ls",
        "read": "arls",
        "web_save": "ls",
        "write": "ls",
        "copy": "-",
        "name_create": "-",
        "unlink": "ls",
        "get_import_templates": "nparls",
        "action_view_credentials": "arls",
    },
    "lrm.course.enrolment": {
        "create": "rl",
        "read": "arl",
        "web_save": "rl",
        "write": "rl",
        "copy": "-",
        "name_create": "-",
        "unlink": "l",
        "get_import_templates": "nparls",
        "action_complete": "rl",
        "action_request_credential": "arl",
        "action_view_credentials": "arl",
    },
    "lrm.course.offer": {
        "create": "rl",
        "read": "arl",
        "web_save": "rl",
        "write": "rl",
        "copy": "-",
        "name_create": "-",
        "unlink": "l",
        "get_import_templates": "nparls",
        "action_enrol": "arl",
        "action_view_credentials": "arl",
        "action_view_enrolments": "arl",
        "action_view_unit_enrolments": "arl",
    },
    # Wizards: what is under way is for who has begun it (here an LRM admin).
    "lrm.unit.enrolment.assess": {
        "create": "rl",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_assess": "rl",
    },
    "lrm.course.offer.enrol": {
        "create": "rls",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_enrol": "rl",
    },
    "lrm.credential": {
        "create": "rl",
        "read": "arl",
        "web_save": "rl",
        "write": "rl",
        "copy": "rl",
        "name_create": "-",
        "unlink": "rl",
        "action_cancel": "l",
        "action_correct_final": "l",
        "action_erase": "l",
        "action_issue": "l",
        "action_open_document": "arl",
        "action_open_verification": "arl",
        "action_preview": "l",
        "action_replace": "l",
        "action_send_email": "rl",
        "action_view_entries": "al",
        "action_view_runs": "l",
        "mail_allowed_qweb_expressions": "nparls",
    },
    # The same once it is issued: nothing can be changed.
    "lrm.credential#issued": {
        "create": "rl",
        "read": "arl",
        "web_save": "-",
        "write": "-",
        "copy": "rl",
        "name_create": "-",
        "unlink": "-",
    },
    "lrm.credential.cancel": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_cancel": "l",
    },
    "lrm.credential.erase": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_erase": "l",
    },
    "lrm.credential.final": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_correct": "l",
    },
    "lrm.credential.issue": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_issue": "l",
    },
    "lrm.credential.issue.line": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "l",
    },
    "lrm.credential.replace": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_replace": "l",
        "action_reprint": "l",
    },
    "lrm.credential.request": {
        "create": "rl",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_request": "rl",
    },
    "lrm.credential.run": {
        "create": "-",
        "read": "l",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
        "action_download_zip": "l",
        "action_issue_selected": "l",
        "action_preview_again": "l",
        "action_resume": "l",
        "action_retry_failed": "l",
        "action_stop": "l",
        "action_view_refused": "l",
    },
    "lrm.credential.run.line": {
        "create": "-",
        "read": "l",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
        "action_open_document": "l",
        "action_view_credential": "l",
    },
    "lrm.credential.send": {
        "create": "rl",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_send": "rl",
    },
    "lrm.credential.template": {
        "create": "ls",
        "read": "arl",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "l",
        "action_approve": "l",
        "action_customise": "l",
        "action_edit_layout": "-",  # Odoo's own right to change views
        "action_preview": "l",
        "action_withdraw": "l",
    },
    "lrm.credential.template.check": {
        "create": "l",
        "read": "arl",
        "web_save": "l",
        "write": "l",
        "copy": "-",
        "name_create": "-",
        "unlink": "l",
    },
    "lrm.credential.template.column": {
        "create": "l",
        "read": "arl",
        "web_save": "l",
        "write": "l",
        "copy": "-",
        "name_create": "-",
        "unlink": "l",
    },
    "lrm.credential.template.preview": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_print": "l",
    },
    "lrm.credential.template.version": {
        "create": "-",
        "read": "arl",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
    },
    "lrm.history.import": {
        "create": "ls",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_check": "l",
        "action_import": "l",
        "action_open_imported": "ls",
        "action_rejected": "ls",
        "action_template": "ls",
    },
    "lrm.history.import.problem": {
        "create": "l",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "l",
    },
    "lrm.dashboard": {"get_content": "arls"},
    "lrm.integrity.check": {
        "create": "-",
        "read": "al",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
    },
    "lrm.integrity.check.start": {
        "create": "als",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_check": "al",
    },
    "lrm.issuing.officer": {
        "create": "l",
        "read": "arl",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "ls",
        "unlink": "l",
    },
    "lrm.outcome": {
        "create": "ls",
        "read": "arls",
        "web_save": "ls",
        "write": "ls",
        "copy": "-",
        "name_create": "-",
        "unlink": "ls",
    },
    # The sealed register: read, never written.
    "lrm.register.entry": {
        "create": "-",
        "read": "al",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
    },
    "lrm.register.head": {
        "create": "-",
        "read": "al",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
    },
    "lrm.register.report": {
        "create": "arls",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_download": "arls",
        "action_open": "arls",
        "action_print": "arls",
    },
    # Saving writes to the company, so that the company is checked then.
    "lrm.settings": {
        "create": "ls",
        "read": "l",
        "web_save": "l",
        "write": "l",
        "copy": "l",
        "name_create": "-",
        "unlink": "-",
        "action_save": "l",
        "default_get": "ls",
    },
    "lrm.unit": {
        "create": "ls",
        "read": "arls",
        "web_save": "ls",
        "write": "ls",
        "copy": "-",
        "name_create": "-",
        "unlink": "ls",
        "get_import_templates": "nparls",
    },
    "lrm.unit.enrolment": {
        "create": "rl",
        "read": "arl",
        "web_save": "rl",
        "write": "rl",
        "copy": "-",
        "name_create": "-",
        "unlink": "rl",
        "get_import_templates": "nparls",
        "action_assess": "arl",
    },
    "lrm.verification.attempt": {
        "create": "-",
        "read": "-",
        "web_save": "-",
        "write": "-",
        "copy": "-",
        "name_create": "-",
        "unlink": "-",
    },
    # Contacts are shared by all companies, as Odoo's are.
    "res.partner": {
        "create": "rls",
        "write": "rls",
        "action_lrm_enrol": "rls",
        "action_lrm_view_credentials": "arls",
        "get_import_templates": "nparls",
    },
}
# {address: {HTTP method: who gets it}}
ROUTES = {
    # To be posted, the form needs its own token against forged requests.
    "/credential": {"GET": "nparls", "POST": "-"},
    "/credential/<string:token>": {"GET": "nparls"},
    "/lrm_credentials/run/<int:run_id>/documents.zip": {"GET": "l"},
    "/my/credentials": {"GET": "parls"},
    "/my/credentials/page/<int:page>": {"GET": "parls"},
    "/my/credentials/<int:credential_id>": {"GET": "p"},
    "/my/credentials/<int:credential_id>/document": {"GET": "p"},
}


class _Undo(Exception):
    """Takes back what a call that was allowed has done."""


class MatrixCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.lrm_default_officer_id = cls.officer
        other = cls.env["res.company"].create({"name": "Other College"})
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        cls.portal = new_test_user(cls.env, "portal", groups="base.group_portal")
        cls.users = {
            "n": cls.env.ref("base.public_user"),
            "p": cls.portal,
            "a": cls.auditor,
            "r": cls.requester,
            "l": cls.admin,
            "s": cls.stranger,
        }
        employer = cls.env["res.partner"].create({"name": "Acme", "is_company": True})
        cls.portal.partner_id.parent_id = employer
        cls.learner = cls._create_learner(
            "Ana", "Lee", email="ana@example.com", parent_id=employer.id
        )
        cls.learner.is_lrm_client = True
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.requested = cls._request(cls.enrolment, cls.statement).sudo()
        cls.preview = cls._preview(cls.requested).sudo()
        cls.issued = cls._request(cls.enrolment).sudo()
        cls.issue = cls._issue(cls.issued, with_mail_merge=True).sudo()
        cls.stopped = cls.preview.copy({"state": "stopped"})
        cls.failed = cls.env["lrm.credential.run.line"].create(
            {
                "run_id": cls.stopped.id,
                "credential_id": cls.requested.id,
                "state": "failed",
            }
        )
        cls.queued = cls.preview.copy({"state": "queued"})
        cls.old = cls._request(cls.enrolment, cls.statement).sudo()
        cls._issue(cls.old)
        cls.env.cr.execute(
            "UPDATE lrm_credential SET issued_at = '1990-01-01' WHERE id = %s",
            cls.old.ids,
        )
        cls.check = (
            cls.env["lrm.integrity.check"].with_user(cls.admin)._check(cls.company)
        )
        cls._create_spares()
        cls._collect_arguments()
        cls.env.invalidate_all()

    @classmethod
    def _create_spares(cls):
        """Records that nothing refers to, so that only rights can prevent a change."""
        env = cls.env
        cls.spare_learner = cls._create_learner("Ben", "Okafor")
        cls.spare_unit = env["lrm.unit"].create({"code": "X1", "name": "Spare"})
        cls.spare_course = env["lrm.course"].create({"code": "X1", "name": "Spare"})
        cls.spare_offer = cls.offer.copy({"code": "X1"})
        cls.spare_enrolment = cls._create_enrolment(cls.spare_learner)
        cls.under_way = cls._create_enrolment(state="enrolled", date_completed=False)
        cls.spare_officer = cls.officer.copy()
        cls.spare_template = cls._create_template("Spare", company_id=cls.company.id)
        cls.spare_outcome = cls.competent.copy({"code": "X1"})
        cls.column = env["lrm.credential.template.column"].create(
            {"template_id": cls.spare_template.id, "source": "number"}
        )
        cls.spare_template._approve()
        cls.template_version = cls.spare_template.version_ids
        checks = env["lrm.credential"]._pre_issue_checks()
        code, cls.check_code = [c.code for c in checks if c.is_overridable][:2]
        cls.template_check = env["lrm.credential.template.check"].create(
            {"template_id": cls.spare_template.id, "code": code, "severity": "warn"}
        )
        wizard = (
            env["lrm.credential.issue"]
            .with_user(cls.admin)
            .create(
                {
                    "credential_ids": [Command.set(cls.requested.ids)],
                    "final": "no",
                    "status_reason": "X",
                }
            )
        )
        env.flush_all()  # the wizard's own lines are made by now
        lines = env["lrm.credential.issue.line"].with_user(cls.admin)
        cls.issue_line = lines.create(
            {"wizard_id": wizard.id, "credential_id": cls.requested.id}
        ).sudo()
        imports = env["lrm.history.import"].with_user(cls.admin)
        cls.history = {
            "company_id": cls.company.id,
            "workbook": base64.b64encode(
                write_rows([(dict.fromkeys(HEADINGS, "X"), [])])
            ),
        }
        wizard = imports.create(cls.history)
        problems = env["lrm.history.import.problem"].with_user(cls.admin)
        cls.import_problem = problems.create({"import_id": wizard.id}).sudo()
        cls.attempt = env["lrm.verification.attempt"].create(
            {"address": "x", "since": "2025-01-01", "attempts": 1}
        )

    @classmethod
    def _collect_arguments(cls):
        """What the calls are made on, and with."""
        env = cls.env
        own = {"company_id": cls.company.id}
        entry = env["lrm.register.entry"].search([], limit=1)
        # {model: (a record, values to create one, values to write)}
        cls.samples = {
            "ir.attachment": (
                cls._attachment(cls.issued),
                {"name": "x", "res_model": "lrm.credential", "res_field": "document"},
                {"name": "x"},
            ),
            "lrm.course": (
                cls.spare_course,
                {"code": "X2", "name": "X"},
                {"name": "X"},
            ),
            "lrm.course.enrolment": (
                cls.spare_enrolment,
                {"partner_id": cls.learner.id, "offer_id": cls.spare_offer.id},
                {"hold_reason": "X"},
            ),
            "lrm.course.offer": (
                cls.spare_offer,
                {"code": "X2", "course_id": cls.course.id, **own},
                {"name": "X"},
            ),
            "lrm.credential": (
                cls.requested,
                {
                    "enrolment_id": cls.spare_enrolment.id,
                    "template_id": cls.statement.id,
                    "credential_date": "2025-12-01",
                },
                {"request_reason": "X"},
            ),
            "lrm.credential.run": (
                cls.preview,
                {"kind": "preview", "user_id": cls.admin.id, **own},
                {"state": "stopped"},
            ),
            "lrm.credential.run.line": (
                cls.failed,
                {"run_id": cls.preview.id, "credential_id": cls.requested.id},
                {"message": "X"},
            ),
            "lrm.credential.issue.line": (
                cls.issue_line,
                {
                    "wizard_id": cls.issue_line.wizard_id.id,
                    "credential_id": cls.requested.id,
                },
                {"override_reason": "X"},
            ),
            "lrm.credential.template": (
                cls.spare_template,
                {
                    "name": "X",
                    "title": "X",
                    "report_id": cls.statement.report_id.id,
                },
                {"title": "X"},
            ),
            "lrm.credential.template.version": (
                cls.template_version,
                {"template_id": cls.spare_template.id, "version": "X"},
                {"version": "X"},
            ),
            "lrm.credential.template.column": (
                cls.column,
                {"template_id": cls.spare_template.id, "source": "title"},
                {"heading": "X"},
            ),
            "lrm.credential.template.check": (
                cls.template_check,
                {
                    "template_id": cls.spare_template.id,
                    "code": cls.check_code,
                    "severity": "warn",
                },
                {"severity": "off"},
            ),
            "lrm.history.import.problem": (
                cls.import_problem,
                {"import_id": cls.import_problem.import_id.id},
                {"message": "X"},
            ),
            "lrm.integrity.check": (
                cls.check,
                {
                    "user_id": cls.admin.id,
                    "date": "2025-01-01",
                    "state": "passed",
                    **own,
                },
                {"state": "failed"},
            ),
            "lrm.issuing.officer": (
                cls.spare_officer,
                {"name": "X", **own},
                {"title": "X"},
            ),
            "lrm.outcome": (
                cls.spare_outcome,
                {"code": "X2", "name": "X", "code_list": "generic"},
                {"name": "X"},
            ),
            "lrm.register.entry": (entry, {"event": "issued", **own}, {"event": "x"}),
            "lrm.register.head": (
                env["lrm.register.head"].search([], limit=1),
                own,
                {"sequence": 0},
            ),
            "lrm.unit": (cls.spare_unit, {"code": "X2", "name": "X"}, {"name": "X"}),
            "lrm.unit.enrolment": (
                cls.spare_enrolment.unit_enrolment_ids[0],
                {
                    "enrolment_id": cls.spare_enrolment.id,
                    "unit_id": cls.spare_unit.id,
                },
                {"date_end": "2025-11-15"},
            ),
            "lrm.verification.attempt": (
                cls.attempt,
                {"address": "y", "since": "2025-01-01", "attempts": 1},
                {"attempts": 0},
            ),
            "res.partner": (
                cls.spare_learner,
                {"name": "X", "is_lrm_client": True},
                {"lrm_usi": "ABCDEFGH25"},
            ),
        }
        issued = {"credential_ids": [Command.set(cls.issued.ids)]}
        # {wizard: values to create one}
        cls.wizards = {
            "lrm.course.offer.enrol": {
                "offer_id": cls.spare_offer.id,
                "partner_ids": [Command.set(cls.learner.ids)],
            },
            "lrm.unit.enrolment.assess": {
                "unit_enrolment_ids": [
                    Command.set(cls.spare_enrolment.unit_enrolment_ids.ids)
                ],
                "outcome_id": cls.competent.id,
            },
            "lrm.credential.cancel": {**issued, "reason": "X"},
            "lrm.credential.erase": {
                "credential_ids": [Command.set(cls.old.ids)],
                "reason": "X",
            },
            "lrm.credential.final": {
                "credential_id": cls.issued.id,
                "final": "yes",
                "reason": "X",
            },
            "lrm.credential.issue": {
                "credential_ids": [Command.set(cls.requested.ids)],
                "final": "no",
                "status_reason": "X",
            },
            "lrm.credential.replace": {
                "credential_id": cls.issued.id,
                "cause": "lost",
                "cancel": "on_issue",
                "reason": "X",
            },
            "lrm.credential.request": {
                "enrolment_ids": [Command.set(cls.spare_enrolment.ids)],
                "template_ids": [Command.set(cls.statement.ids)],
            },
            "lrm.credential.send": issued,
            "lrm.credential.template.preview": {"template_id": cls.spare_template.id},
            "lrm.history.import": cls.history,
            "lrm.integrity.check.start": own,
            "lrm.register.report": {"report": "0323"},
            "lrm.settings": {
                "company_id": cls.company.id,
                "lrm_profile": "au_vet",
                "lrm_outcome_list": "national",
                "lrm_accent_color": "#000000",
                "lrm_retention_years": 30,
                "next_number": "9000000000",
            },
        }
        # {(model, method): record}, where the one above would not do
        cls.subjects = {
            ("lrm.course.enrolment", "action_complete"): cls.under_way,
            ("lrm.credential", "action_cancel"): cls.issued,
            ("lrm.credential", "action_correct_final"): cls.issued,
            ("lrm.credential", "action_erase"): cls.old,
            ("lrm.credential", "action_open_document"): cls.issued,
            ("lrm.credential", "action_open_verification"): cls.issued,
            ("lrm.credential", "action_replace"): cls.issued,
            ("lrm.credential", "action_send_email"): cls.issued,
            ("lrm.credential.run", "action_resume"): cls.stopped,
            ("lrm.credential.run", "action_retry_failed"): cls.stopped,
            ("lrm.credential.run", "action_stop"): cls.queued,
            ("lrm.credential.run.line", "action_open_document"): cls.issue.line_ids,
        }


def discover_methods(env):
    """{model: names of the public methods that classes of this addon define}."""
    found = {}
    for name, model in env.registry.items():
        methods = {
            attribute
            for cls in model.mro()
            if cls.__module__.startswith(PACKAGE)
            for attribute, value in vars(cls).items()
            if inspect.isfunction(value) and not attribute.startswith("_")
        }
        if name.startswith("lrm.") and not model._abstract:
            methods |= set(CRUD)
        if methods:
            found[name] = methods
    return found


def discover_routes():
    """{address: HTTP methods} of the controllers of this addon."""
    found = {}
    stack = [http.Controller]
    while stack:
        cls = stack.pop()
        stack += cls.__subclasses__()
        if not cls.__module__.startswith(PACKAGE):
            continue
        for value in vars(cls).values():
            routing = getattr(value, "original_routing", None)
            for route in routing and routing["routes"] or ():
                found.setdefault(route, set()).update(routing["methods"] or {"*"})
    return found


class TestMethods(MatrixCommon):
    maxDiff = None

    def test_table_is_complete(self):
        found = discover_methods(self.env)
        named = {
            model: set(rows) for model, rows in METHODS.items() if "#" not in model
        }
        self.assertEqual(
            {model: sorted(methods) for model, methods in found.items()},
            {model: sorted(methods) for model, methods in named.items()},
            "Add new models and methods to METHODS, and remove those that are gone.",
        )

    def test_each_call_is_allowed_to_whom_the_table_says(self):
        actual = {
            model: {method: self._allowed(model, method) for method in rows}
            for model, rows in METHODS.items()
        }
        self.assertEqual(actual, METHODS)

    def test_private_methods_are_for_nobody(self):
        for method in ("_send_emails", "_queue_emails", "_remind_of_expiry", "_erase"):
            for user in self.users.values():
                with self.subTest(method=method, user=user.login):
                    error = self._error("lrm.credential", method, [[]], user)
                    self.assertIn("Private methods", str(error))

    def _allowed(self, model, method):
        """The letters of those whose call succeeds, or `-`."""
        if method == "name_create" and not self.env[model.partition("#")[0]]._rec_name:
            return "-"  # there is no name that it could be given
        return (
            "".join(
                key
                for key, user in self.users.items()
                if not self._try(model, method, user)
            )
            or "-"
        )

    def _try(self, model, method, user):
        """The error that a user's call ends with, None when it is allowed."""
        model, _hash, case = model.partition("#")
        if model in self.wizards and method not in CRUD:
            return self._error_of_wizard(model, method, user)
        return self._error(model, method, self._arguments(model, method, case), user)

    def _arguments(self, model, method, case):
        if method in ("button_uninstall", "module_uninstall"):
            return [self.env.ref("base.module_lrm_credentials").ids]
        called_on_none = {
            "default_get": [["lrm_profile"]],
            "get_content": [],
            "get_import_templates": [],
            "mail_allowed_qweb_expressions": [],
            "name_create": ["X"],
        }
        if method in called_on_none:
            return called_on_none[method]
        if model in self.wizards:
            record = self.env[model].with_user(self.admin).create(self.wizards[model])
            values, changes = self.wizards[model], {}
        else:
            record, values, changes = self.samples[model]
        record = self.issued if case == "issued" else record
        record = self.subjects.get((model, method), record)
        return {
            "create": [[dict(values)]],
            "read": [record.ids, ["display_name"]],
            "write": [record.ids, changes],
            "web_save": [record.ids, changes, {"display_name": {}}],
        }.get(method, [record.ids])

    def _error(self, model, method, args, user):
        with mute_logger(
            "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models.unlink"
        ):
            try:
                with self.env.cr.savepoint():
                    self.env.flush_all()
                    records = self.env[model].with_user(user)
                    self.env.invalidate_all()
                    if not call_kw(records, method, args, {}) and "create" in method:
                        raise ValueError("nothing was created")  # e.g. by `name_create`
                    self.env.flush_all()
                    raise _Undo
            except _Undo:
                return None
            except Exception as error:
                return error
            finally:
                self.env.invalidate_all(flush=False)

    def _error_of_wizard(self, model, method, user):
        """As `_error()`, on a wizard that the user has made."""
        try:
            with (
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule"),
            ):
                env = self.env[model].with_user(user)
                if method == "default_get":
                    call_kw(env, method, [["lrm_profile"]], {})
                else:
                    (key,) = call_kw(env, "create", [[self.wizards[model]]], {})
                    call_kw(env, method, [[key]], {})
                self.env.flush_all()
                raise _Undo
        except _Undo:
            return None
        except Exception as error:
            return error
        finally:
            self.env.invalidate_all(flush=False)


class TestAddresses(MatrixCommon, HttpCase):
    """Nobody gets a document, or anything else, by guessing an address."""

    def test_table_is_complete(self):
        named = {route: set(methods) for route, methods in ROUTES.items()}
        self.assertEqual(
            discover_routes(), named, "Add new addresses to ROUTES, remove old ones."
        )

    def test_each_address_serves_whom_the_table_says(self):
        self._give_portal_user_a_credential()
        actual = {
            route: {
                method: self._served(self._example(route), method) for method in rows
            }
            for route, rows in ROUTES.items()
        }
        self.assertEqual(actual, ROUTES)

    def test_documents_are_served_to_whom_the_table_says(self):
        self._give_portal_user_a_credential()
        self.issued.with_user(self.requester)._send_emails()
        message = self.issued.message_ids.filtered("attachment_ids")
        urls = self._document_urls(message.attachment_ids)
        for url, expected in urls.items():
            with self.subTest(url=url):
                self.assertEqual(self._served(url, "GET"), expected)

    def _document_urls(self, mailed):
        """{address: who gets a file from it}.

        :param mailed: the attachment of an e-mail to the learner
        """
        document = self._attachment(self.issued)
        preview = self._attachment(self.preview.line_ids)
        combined = self._attachment(self.issue, "combined_pdf")
        workbook = self._attachment(self.issue, "mail_merge_xlsx")
        layout = "lrm_credentials.document_certificate"
        issued, requested = self.issued.id, self.requested.id
        run, line = self.issue.id, self.preview.line_ids.id
        return {
            # What is issued: all of LRM in the same company.
            f"/web/content/lrm.credential/{issued}/document": "arl",
            f"/web/content/{document.id}": "arl",
            f"/web/content/{document.id}?access_token={self.issued.token}": "-",
            f"/web/content/{document.id}?unique={document.checksum}": "arl",
            f"/web/image/lrm.credential/{issued}/document": "arl",
            f"/web/image/{document.id}": "arl",
            f"/report/pdf/{layout}/{issued}": "arl",
            f"/report/html/{layout}/{issued}": "l",  # marked PREVIEW
            # What is not: a page that is marked, for who issues.
            f"/web/content/lrm.credential/{requested}/document": "-",
            f"/report/pdf/{layout}/{requested}": "-",
            f"/report/html/{layout}/{requested}": "l",
            # Log History: who issues.
            f"/web/content/lrm.credential.run.line/{line}/document": "l",
            f"/web/content/{preview.id}": "l",
            f"/web/content/lrm.credential.run/{run}/combined_pdf": "l",
            f"/web/content/{combined.id}": "l",
            f"/web/content/lrm.credential.run/{run}/mail_merge_xlsx": "l",
            f"/web/content/{workbook.id}": "l",
            f"/lrm_credentials/run/{run}/documents.zip": "l",
            # The copy in an e-mail: whoever may read the credential.
            f"/web/content/{mailed.id}": "arl",
            f"/web/image/{mailed.id}": "arl",
            f"/web/content/ir.attachment/{mailed.id}/datas": "arl",
            f"/mail/attachment/zip?attachment_ids={mailed.id}": "-",
            # My Credentials: the learner's own only.
            f"/my/credentials/{issued}": "-",
            f"/my/credentials/{issued}/document": "-",
            f"/my/credentials/{self.own.id}": "p",
            f"/my/credentials/{self.own.id}/document": "p",
            f"/web/content/lrm.credential/{self.own.id}/document": "arl",
        }

    def _give_portal_user_a_credential(self):
        self.portal.partner_id.write(
            {
                "is_lrm_client": True,
                "lrm_usi": "ABCDEFGH26",
                "lrm_birth_date": "1990-01-01",
                "lrm_first_name": "Cleo",
                "lrm_family_name": "Xu",
            }
        )
        self.portal.partner_id.lrm_usi_status = "verified"
        self.own = self._request(self._create_enrolment(self.portal.partner_id)).sudo()
        self._issue(self.own)

    def _example(self, route):
        """An address that leads somewhere."""
        examples = {
            "<string:token>": self.issued.token,
            "<int:run_id>": str(self.issue.id),
            "<int:page>": "1",
            "<int:credential_id>": str(self.own.id),
        }
        for part, example in examples.items():
            route = route.replace(part, example)
        return route

    def _served(self, url, method):
        """The letters of those who get what is there, or `-`."""
        served = ""
        for key, login in USERS.items():
            if key == "n":
                self.authenticate(None, None)
            else:
                self.authenticate(login, login)
            loggers = "odoo.http", "odoo.addons.base.models.ir_rule"
            with mute_logger(*loggers, "werkzeug"):
                response = self.url_open(url, allow_redirects=False, method=method)
            # A missing image is answered with a grey camera, status 200.
            is_placeholder = url.startswith("/web/image") and (
                response.headers.get("Content-Type") == "image/png"
            )
            if response.status_code == 200 and not is_placeholder:
                served += key
        return served or "-"
