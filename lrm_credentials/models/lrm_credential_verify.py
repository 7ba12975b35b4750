import re
import unicodedata
from hashlib import sha256

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import consteq
from odoo.tools.misc import format_date

PATH = "/credential"
TOKEN = re.compile("[A-Za-z0-9_-]{32}")
# As long as a token, so that the code on a preview is as large as the real one.
NO_TOKEN = "preview-" * 4
# Letters that people write without their strokes, and that Unicode does not take apart.
STROKES = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe"}
)
DATE_FORMAT = "d MMMM yyyy"  # as the layouts print dates
# Compared when there is no such number, so that this takes as long.
NOBODY = {"learner": {"family_name": "Nobody"}}


class LrmCredential(models.Model):
    """What strangers may learn about an issued credential, and how they find it.

    The public page and the layouts ask here. What a credential says comes from the
    stored document, never from the records, so that a changed PDF is exposed.
    """

    _inherit = "lrm.credential"

    verification_url = fields.Char(
        string="Verification Page",
        compute="_compute_verification_url",
        compute_sudo=True,  # who objects is for LRM users only
        help="Whoever has this link sees what the document says.",
    )

    @api.depends(
        "state",
        "is_test",
        "erased_at",
        "company_id.lrm_verification",
        "partner_id.lrm_verification_objection",
    )
    def _compute_verification_url(self):
        for credential in self:
            credential.verification_url = (
                credential.state != "requested"
                and credential._printed_verification_url()
            )

    def action_open_verification(self):
        """Open the public page of this credential."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": self.verification_url or PATH,
            "target": "new",
        }

    # ------------------------------------------------------------ for documents

    def _printed_verification_url(self):
        """Return the address that the document's QR code leads to, False for none."""
        self.ensure_one()
        if not self._is_published():
            return False
        return f"{self.get_base_url()}{PATH}/{self.token}"

    def _is_published(self):
        """Tell whether strangers may verify this credential once it is issued."""
        self.ensure_one()
        self_sudo = self.sudo()  # who objects is for LRM users only
        return (
            not self.is_test
            and not self.erased_at
            and not self._is_letter()
            and self_sudo.company_id.lrm_verification
            and not self_sudo.partner_id.lrm_verification_objection
        )

    def _is_letter(self):
        """Tell whether this credential is, or was issued as, a letter."""
        document = self.document_data or {"type": self.credential_type}
        return document.get("type") == "letter"

    @api.model
    def _without_verification(self, documents):
        """Return {credential id: document} with addresses that lead to nothing.

        For previews: the real ones would say `genuine` as soon as they are issued.
        """
        return {
            key: document
            | {"verification_url": _untrue(document.get("verification_url"))}
            for key, document in documents.items()
        }

    # ------------------------------------------------------------ for the public page

    @api.model
    def _verify_token(self, token):
        """Return in sudo the credential with this token if it is published, or none."""
        if not TOKEN.fullmatch(token):
            return self.sudo().browse()
        return self._search_published([("token", "=", token)])

    @api.model
    def _verify_name(self, number, family_name):
        """Return in sudo the published credential of this number and name, or none.

        Does the same work whether the number, the name or nothing is wrong.
        """
        number = " ".join(number.replace("\0", "").split())
        credential = self._search_published([("number", "=", number)])
        document = credential.document_data or NOBODY
        learner = document.get("learner") or {}
        known = _plain(learner.get("family_name") or learner.get("name") or "")
        is_same = consteq(_digest(known), _digest(_plain(family_name)))
        return credential if known and is_same else credential.browse()

    @api.model
    def _search_published(self, domain):
        """Return in sudo the published credential in `domain`, or none.

        All conditions are in one query, so that what is not published takes as long as
        what is not there.
        """
        published = Domain(
            [
                ("state", "!=", "requested"),
                ("is_test", "=", False),
                ("erased_at", "=", False),
                ("company_id.lrm_verification", "=", True),
                ("partner_id.lrm_verification_objection", "=", False),
            ]
        )
        # Strangers have no rights. Archived learners keep their credentials.
        credentials_sudo = self.sudo().with_context(active_test=False)
        return credentials_sudo.search_fetch(
            Domain.AND([domain, published]),
            ["state", "document_data"],
            limit=1,
        ).filtered(lambda credential: not credential._is_letter())

    def _verification_page(self):
        """Return what the public page shows about this credential (dict).

        Of a cancelled or replaced one: that it is, since when, and its number. Why is
        nobody's business, and the newer one is for its holder to show.
        """
        page = self._verification_answer()
        if page["status"] == "genuine" and self.document_data:  # it may be erased
            page["content"] = self._verification_content(self.document_data)
            page["sha256"] = self.document_sha256
        return page

    def _verification_answer(self):
        """Return what the public form tells about this credential (dict)."""
        self.ensure_one()
        document = self.document_data or {}
        issuer = document.get("issuer") or {}
        status = self._verification_status()
        answer = {
            "status": status,
            "number": self.number,
            "issuer": issuer.get("name") or self.company_id._lrm_issuer_name(),
        }
        if status == "genuine":
            content = self._verification_content(document)
            return answer | {
                "notes": self._verification_notes(),
                "title": content["title"],
                "date": content["date"],
            }
        ended = self.cancelled_at or max(self.replaced_by_ids.mapped("issued_at"))
        return answer | {"since": self._verification_date(ended)}

    def _verification_status(self):
        """Return `genuine`, `cancelled` or `replaced`."""
        self.ensure_one()
        if self._has_newer():
            return "replaced"
        return "cancelled" if self.state == "cancelled" else "genuine"

    def _has_newer(self):
        """Tell whether an issued credential has taken the place of this one."""
        return any(
            newer.state == "issued" or newer._has_newer()
            for newer in self.replaced_by_ids
        )

    def _verification_notes(self):
        """Return sentences for the public page, shown under the word `Genuine`.

        Made to be extended, by whatever else limits what a credential is good for.
        """
        self.ensure_one()
        return []

    @api.model
    def _verification_content(self, document):
        """Return what the public page shows of a stored document (dict).

        Only what is printed. Dates as on the paper, in the language of the document.
        """
        language = document.get("language") or "en_US"
        learner, course, issuer, officer = (
            document.get(part) or {}
            for part in ("learner", "course", "issuer", "officer")
        )

        def date(iso):
            return format_date(self.env, iso, language, DATE_FORMAT)

        return {
            "language": language,
            "title": document.get("title"),
            "name": learner.get("name"),
            "course": _join(" ", course.get("code"), course.get("name")),
            "stream": course.get("stream"),
            "descriptor": course.get("industry_descriptor"),
            "date": date(document.get("credential_date")),
            "reissued": date(document.get("reissue_date")),
            "officer": _join(", ", officer.get("name"), officer.get("title")),
            "issuer": issuer.get("name"),
            "trading_name": issuer.get("trading_name"),
            "rto_code": issuer.get("rto_code"),
            "units": [
                {
                    "code": unit.get("code"),
                    "name": unit.get("name"),
                    "result": unit.get("outcome_name"),
                    "date": date(unit.get("date")),
                }
                for unit in document.get("units") or []
            ],
        }

    def _verification_date(self, moment):
        """Return the day of `moment` (UTC) at the issuer's, in the visitor's words."""
        if not moment:
            return ""
        zone = pytz.timezone(self.company_id.partner_id.tz or "UTC")
        day = pytz.utc.localize(moment).astimezone(zone).date()
        return format_date(self.env, day, date_format=DATE_FORMAT)


def _untrue(url):
    """Return `url`, if any, with something that is no token in place of its token."""
    return url and f"{url.rpartition('/')[0]}/{NO_TOKEN}"


def _plain(name):
    """Return `name` without what people write differently: case, accents, signs."""
    letters = unicodedata.normalize("NFKD", name.casefold()).casefold()
    return "".join(filter(str.isalnum, letters.translate(STROKES)))


def _digest(text):
    """Return a digest of `text`: as long for each, for comparing in constant time."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _join(separator, *parts):
    """Return those of `parts` (str) that say something, joined."""
    return separator.join(filter(None, parts))
