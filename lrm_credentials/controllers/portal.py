from odoo import fields, http
from odoo.http import request
from odoo.tools.misc import format_date

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

PAGE_SIZE = 20
DATE_FORMAT = "d MMMM yyyy"


class LearnerPortal(CustomerPortal):
    """My Credentials: what a learner finds after logging in.

    Learners have no right on our models. Everything here goes through
    `_my_credentials()`, and templates get plain data, no records.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credential_count" in counters:
            values["credential_count"] = self._my_credentials().search_count(
                self._my_domain()
            )
        return values

    @http.route(
        ["/my/credentials", "/my/credentials/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def my_credentials(self, page=1, sortby="date", **_unused):
        """Show the list of the learner's own credentials."""
        sortings = {
            "date": {
                "label": request.env._("Newest"),
                "order": "credential_date desc, id desc",
            },
            "name": {
                "label": request.env._("Credential"),
                "order": "template_id, id desc",
            },
            "status": {
                "label": request.env._("Status"),
                "order": "state desc, credential_date desc, id desc",
            },
        }
        sortby = sortby if sortby in sortings else "date"
        credentials_sudo = self._my_credentials()
        pages = pager(
            url="/my/credentials",
            total=credentials_sudo.search_count(self._my_domain()),
            page=page,
            step=PAGE_SIZE,
            url_args={"sortby": sortby},
        )
        found = credentials_sudo.search(
            self._my_domain(),
            order=sortings[sortby]["order"],
            limit=PAGE_SIZE,
            offset=max(0, pages["offset"]),
        )
        return request.render(
            "lrm_credentials.portal_my_credentials",
            self._prepare_portal_layout_values()
            | {
                "page_name": "credentials",
                "credentials": [self._credential_values(c) for c in found],
                "default_url": "/my/credentials",
                "pager": pages,
                "searchbar_sortings": sortings,
                "sortby": sortby,
            },
        )

    @http.route(
        "/my/credentials/<int:credential_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def my_credential(self, credential_id, **_unused):
        """Show one of the learner's own credentials."""
        credential_sudo = self._my_credential(credential_id)
        if not credential_sudo:
            return request.redirect("/my")
        return request.render(
            "lrm_credentials.portal_my_credential",
            self._prepare_portal_layout_values()
            | {
                "page_name": "credentials",
                "credential": self._credential_values(credential_sudo),
                "has_document": self._document_content(credential_sudo),
            },
        )

    @http.route(
        "/my/credentials/<int:credential_id>/document",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def my_document(self, credential_id, **_unused):
        """Send the stored PDF of one of the learner's own issued credentials."""
        credential_sudo = self._my_credential(credential_id)
        content = self._document_content(credential_sudo)
        if not content:
            return request.redirect("/my")
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                (
                    "Content-Disposition",
                    http.content_disposition(credential_sudo.document_filename),
                ),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )

    def _my_credentials(self):
        """Return the model in sudo: to be searched with `_my_domain()` only."""
        return request.env["lrm.credential"].sudo()

    def _my_domain(self):
        """Return what is the learner's own: never the employer's or a colleague's."""
        return [
            ("partner_id", "=", request.env.user.partner_id.id),
            ("state", "in", ("issued", "cancelled")),
            ("is_test", "=", False),
        ]

    def _my_credential(self, credential_id):
        """Return in sudo the learner's own credential with this id, or none."""
        return self._my_credentials().search(
            [("id", "=", credential_id), *self._my_domain()], limit=1
        )

    def _document_content(self, credential_sudo):
        """Return the stored PDF (bytes) of what is issued, False otherwise."""
        return credential_sudo.state == "issued" and (
            credential_sudo._stored_documents().get(credential_sudo.id)
        )

    def _credential_values(self, credential_sudo):
        """Return what the pages show of a credential (dict of plain data).

        As it was printed: the records may have changed since.
        """
        document = credential_sudo.document_data or {}
        course = document.get("course") or {}
        status, sentence = self._status_in_words(credential_sudo)
        return {
            "url": f"/my/credentials/{credential_sudo.id}",
            "number": credential_sudo.number,
            "name": document.get("title") or credential_sudo.template_id.name,
            "learner": (document.get("learner") or {}).get("name"),
            "course": f"{course.get('code', '')} {course.get('name', '')}".strip(),
            "issuer": (document.get("issuer") or {}).get("name"),
            "date": self._date_in_words(credential_sudo.credential_date),
            "status": status,
            "sentence": sentence,
            "expiry_note": status in ("issued", "expired")
            and credential_sudo.expiry_note,
            "verification_url": status in ("issued", "expired")
            and credential_sudo.verification_url,
            "units": [
                (unit.get("code"), unit.get("name"))
                for unit in document.get("units") or []
            ],
        }

    def _status_in_words(self, credential_sudo):
        """Return (`issued`, `expired`, `replaced` or `cancelled`, a sentence)."""
        env = request.env
        if newer := credential_sudo._issued_replacement():
            return "replaced", env._("Replaced by %s", newer[0].number)
        if credential_sudo.state == "cancelled":
            day = fields.Datetime.context_timestamp(
                credential_sudo, credential_sudo.cancelled_at
            ).date()
            return "cancelled", env._("Cancelled on %s", self._date_in_words(day))
        if credential_sudo._is_over():
            day = self._date_in_words(credential_sudo.expiry_date)
            return "expired", env._("Expired on %s", day)
        return "issued", env._("Issued")

    def _date_in_words(self, date):
        return format_date(request.env, date, date_format=DATE_FORMAT)
