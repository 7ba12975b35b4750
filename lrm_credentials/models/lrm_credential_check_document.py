from odoo import models

from ..report.letters import unprintable, widest_word
from ..report.pages import scale

# How the layouts print the learner's name: size in pixels, letters before it shrinks.
NAME_PRINT = {"certificate": (100, 22), "statement": (76, 38)}
LINE_WIDTH = 1040  # pixels, from where the name begins to the frame
NAME_LETTERS = 100  # four lines at the smallest size; a fifth one reaches the foot
TITLE_LETTERS = 200
# Of the free paragraphs before and after the main text; tables of units run over pages.
PARAGRAPH_LETTERS = {"certificate": 250, "other": 250, "card": 250, "letter": 1200}


class LrmCredential(models.Model):
    """What speaks against the document itself: its layout, letters and signature."""

    _inherit = "lrm.credential"

    def _find_state(self, document):
        if self.state != "requested":
            states = dict(self._fields["state"]._description_selection(self.env))
            return self.env._("It is %s already.", states[self.state].lower())
        return None

    def _find_issuer_incomplete(self, document):
        if missing := self.company_id._lrm_missing_identity():
            return self.env._(
                "%(company)s has no %(fields)s: an LRM admin enters it in LRM > "
                "Configuration > Settings.",
                company=self.company_id.name,
                fields=", ".join(missing),
            )
        return None

    def _find_template_broken(self, document):
        return self._facts().once(self.template_id._layout_problem)

    def _find_template_draft(self, document):
        if self.template_id.state == "draft":
            return self.env._(
                "%s is a draft: an LRM admin approves it in LRM > Configuration > "
                "Credential Templates.",
                self.template_id.name,
            )
        return None

    def _find_name_missing(self, document):
        if not document["learner"]["name"]:
            return self.env._("The learner has no name to print.")
        return None

    def _find_unprintable(self, document):
        """A name with no glyph would be a row of boxes (design section 4)."""
        texts = self._printed_texts(document)
        if unprintable("".join(texts)):
            for text in texts:
                if letters := unprintable(text):
                    return self.env._(
                        "No font on this server has these characters of “%(text)s”: "
                        "%(letters)s",
                        text=text,
                        letters=" ".join(letters),
                    )
        return None

    def _printed_texts(self, document):
        """Return the names and titles in `document`, those that are not empty."""
        texts = [document["title"]]
        parts = [document[key] for key in ("learner", "course", "issuer")]
        for part in parts + document["officers"]:
            texts += [
                part.get(key) for key in ("name", "title", "trading_name", "stream")
            ]
        texts += document["layout"]["paragraphs"].values()
        texts.append(document["course"].get("industry_descriptor"))
        texts += [unit["name"] for unit in document["units"]]
        return list(filter(None, texts))

    def _find_too_long(self, document):
        """Layouts shrink to half the size, then wrap; one word cannot wrap.

        Tried with the layouts of this addon. With others, switch it off.
        """
        name, course = document["learner"]["name"], document["course"]["name"]
        if len(name) > NAME_LETTERS:
            return self.env._(
                "The name is too long for the page: %(have)s letters, %(most)s fit. "
                "Enter a shorter Name on Credentials.",
                have=len(name),
                most=NAME_LETTERS,
            )
        if document["type"] in NAME_PRINT:
            size, letters = NAME_PRINT[document["type"]]
            if widest_word(name) * size * scale(name, letters) > LINE_WIDTH:
                return self.env._(
                    "A word of the name is too long for the page. Enter another Name "
                    "on Credentials, for example not in capital letters."
                )
        if len(course) > TITLE_LETTERS:
            return self.env._(
                "The title of the course is too long for the page: %(have)s letters, "
                "%(most)s fit.",
                have=len(course),
                most=TITLE_LETTERS,
            )
        paragraphs = document["layout"]["paragraphs"]
        have = len(paragraphs["opening"] + paragraphs["closing"])
        if have > (most := PARAGRAPH_LETTERS.get(document["type"], have)):
            return self.env._(
                "The free paragraphs of the template are too long for the page: "
                "%(have)s letters, %(most)s fit. Shorten them.",
                have=have,
                most=most,
            )
        return None

    def _find_usi_printed(self, document):
        """Compliance Standards 2025, s12. What layouts add is seen when printing."""
        usi = self.partner_id.sudo().lrm_usi  # the requester is told; nothing disclosed
        if usi and usi in str(document):
            return self.env._("The document would print the learner's USI.")
        return None

    def _find_unreachable(self, document):
        """Paper outlives a mistake: a printed address cannot be corrected."""
        return document.get("verification_url") and self._facts().once(
            self.company_id._lrm_address_problem
        )

    def _find_changed_since_preview(self, document):
        previewed = self._facts().previews.get(self.id)
        lines = self.env["lrm.credential.run.line"]
        if previewed and previewed != lines._digest(document):
            return self.env._("It says something else than in its last preview.")
        return None

    # ------------------------------------------------------------ the signatory

    def _find_officer_missing(self, document):
        """An AQF document names its authorised signatory (s11)."""
        if self._is_aqf(document) and not self.issuing_officer_id:
            return self.env._("There is no issuing officer: choose who signs.")
        return None

    def _find_officer_gone(self, document):
        for officer in self._signatories():
            if not officer.active:
                return self.env._(
                    "%s is no longer an issuing officer: choose another one.",
                    officer.name,
                )
        return None

    def _find_signature_missing(self, document):
        """It may be signed by hand: the image is optional (ASQA, testamurs)."""
        officer = document["officer"]
        if (
            officer["name"]
            and not officer["signature"]
            and self._facts().once(self.template_id._prints_signature)
        ):
            return self.env._(
                "%s has no signature image: the document has to be signed by hand.",
                officer["name"],
            )
        return None
