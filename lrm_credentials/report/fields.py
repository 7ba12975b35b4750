"""What a document says, field by field: for merge fields and for layouts.

Plain functions and data. A path is dotted keys in what `lrm.credential._document()`
returned.
"""

import re
from typing import NamedTuple

MERGE_FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


class Field(NamedTuple):
    """One thing that a document says."""

    label: str
    is_date: bool = False


# What free paragraphs may name, in the order in which people are shown it.
MERGE_FIELDS = {
    "number": Field("Credential number"),
    "title": Field("Title of the document"),
    "credential_date": Field("Credential date", is_date=True),
    "reissue_date": Field("Re-issued on", is_date=True),
    "expiry_date": Field("Valid until", is_date=True),
    "replaces": Field("Number of the credential that it replaces"),
    "learner.name": Field("Learner's name as printed"),
    "learner.first_name": Field("First name"),
    "learner.family_name": Field("Family name"),
    "learner.number": Field("Learner number"),
    "course.code": Field("Course code"),
    "course.name": Field("Course title"),
    "course.stream": Field("Stream"),
    "course.industry_descriptor": Field("Industry descriptor"),
    "course.offer_code": Field("Course offer"),
    "course.offer_name": Field("Description of the course offer"),
    "course.date_start": Field("Start date", is_date=True),
    "course.date_end": Field("End date", is_date=True),
    "course.date_completed": Field("Completed on", is_date=True),
    "issuer.name": Field("Legal name of the issuer"),
    "issuer.trading_name": Field("Trading name of the issuer"),
    "issuer.rto_code": Field("RTO code"),
    "officer.name": Field("Issuing officer"),
    "officer.title": Field("Position of the issuing officer"),
}
# What only layouts can use.
LAYOUT_FIELDS = {
    "version": Field("Version of the shape of this dictionary"),
    "type": Field("certificate, statement, transcript, letter, card or other"),
    "language": Field("Language of the document, such as en_AU"),
    "is_sample": Field("True for a dummy offer: the mark SAMPLE is printed"),
    "is_refresh_date": Field("True when the expiry date is only a recommendation"),
    "verification_url": Field("Address that the QR code leads to"),
    "template.name": Field("Name of the template"),
    "template.version": Field("Version of the template"),
    "course.kind": Field("qualification, skill_set, accredited, unit or short"),
    "course.is_apprenticeship": Field("True for an Australian Apprenticeship"),
    "units[].code": Field("Unit code"),
    "units[].name": Field("Unit title"),
    "units[].outcome": Field("Outcome code"),
    "units[].outcome_name": Field("Outcome"),
    "units[].is_competent": Field("True when the outcome counts as competent"),
    "units[].date": Field("End date of the unit", is_date=True),
    "units[].language": Field("Language of delivery, empty for English"),
    "languages[].language": Field("Language other than English"),
    "languages[].units": Field("Codes of the units delivered in it"),
    "issuer.profile": Field("au_vet or generic"),
    "issuer.accent_color": Field("The company's accent colour"),
    "issuer.artwork": Field("SHA-256 of each image, by name"),
    "officer.signature": Field("SHA-256 of the signature image"),
    "officers[].name": Field("Signatory, the issuing officer first"),
    "officers[].title": Field("Position of the signatory"),
    "officers[].signature": Field("SHA-256 of the signature image"),
    "layout.page": Field("Paper and orientation"),
    "layout.width": Field("Width of the page in pixels, six to a millimetre"),
    "layout.height": Field("Height of the page in pixels"),
    "layout.font": Field("classic or modern"),
    "layout.accent_color": Field("Accent colour of the template or the company"),
    "layout.background": Field("SHA-256 of the background image"),
    "layout.logos": Field("Names of the images that are to be printed"),
    "layout.with_artwork": Field("False for pre-printed paper"),
    "layout.with_qr": Field("Whether the QR code is to be printed"),
    "layout.columns": Field("Columns of the units table"),
    "layout.paragraphs.opening": Field("Free paragraph, merge fields filled in"),
    "layout.paragraphs.closing": Field("Free paragraph, merge fields filled in"),
    "layout.paragraphs.note": Field("Small print, merge fields filled in"),
}


def merge_fields(text):
    """Return the paths that `text` names in braces, in order, each once."""
    return list(dict.fromkeys(MERGE_FIELD.findall(text)))


def value_at(document, path):
    """Return what stands at `path` in `document`, None when it is not there.

    `units[].code` gives the list of what stands there in each unit.
    """
    key, _dot, rest = path.partition(".")
    if key.endswith("[]"):
        return [value_at(item, rest) for item in document.get(key[:-2]) or []]
    value = document.get(key) if isinstance(document, dict) else None
    return value_at(value, rest) if rest and value is not None else value


def layout_code(path, field):
    """Return the QWeb that prints what stands at `path`."""
    outer, _brackets, inner = path.partition("[]")
    keys = (inner or outer).strip(".").split(".")
    value = ("item" if inner else "doc") + "".join(f"['{key}']" for key in keys)
    code = f'<t t-out="date({value})"/>' if field.is_date else f'<t t-out="{value}"/>'
    if inner:
        return f'<t t-foreach="doc[\'{outer}\']" t-as="item">{code}</t>'
    return code


def paths(value, prefix=""):
    """Return the set of paths of everything in `value`, what a document says.

    The keys of `artwork` are the images' own: it counts as one thing.
    """
    if isinstance(value, dict) and value and not prefix.endswith("artwork"):
        return {
            path
            for key, inner in value.items()
            for path in paths(inner, f"{prefix}.{key}" if prefix else key)
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {path for item in value for path in paths(item, f"{prefix}[]")}
    return {prefix}
