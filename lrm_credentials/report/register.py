"""The register as a workbook: plain functions."""

from .workbook import write_book

# Everything that the register says: key, heading, width in the workbook.
COLUMNS = [
    ("number", "Credential Number", 18),
    ("state", "Status", 11),
    ("credential", "Credential", 28),
    ("title", "Title", 28),
    ("type", "Type", 13),
    ("learner_number", "Learner Number", 16),
    ("learner", "Learner", 30),
    ("course_code", "Course Code", 14),
    ("course", "Course", 40),
    ("offer_code", "Course Offer", 16),
    ("offer", "Course Offer Description", 28),
    ("completed_on", "Completed On", 14),
    ("competent", "Competent Units", 16),
    ("unit_count", "Units Printed", 14),
    ("credential_date", "Credential Date", 16),
    ("issued_on", "Issued On", 12),
    ("issued_by", "Issued By", 22),
    ("requested_by", "Requested By", 22),
    ("officer", "Issuing Officer", 22),
    ("is_final", "Final Qualification", 19),
    ("parchment_number", "Parchment Number", 18),
    ("parchment_date", "Parchment Issued Date", 22),
    ("reissue_date", "Re-issued On", 14),
    ("expiry_date", "Valid Until", 13),
    ("status_reason", "Status Reason", 36),
    ("cancelled_on", "Cancelled On", 14),
    ("cancelled_by", "Cancelled By", 22),
    ("replaces", "Replaces", 18),
    ("replaced_by", "Replaced By", 18),
    ("document", "Document", 18),
    ("issuer", "Issuer", 32),
    ("rto_code", "RTO Code", 10),
    ("sha256", "SHA-256", 66),
]
TOTALS = [
    ("name", "Group", 50),
    ("issued", "Issued", 10),
    ("cancelled", "Cancelled", 12),
    ("final", "Final Qualifications", 20),
    ("total", "All", 10),
]
SCOPE = [
    ("code", "Code", 14),
    ("name", "Title", 60),
    ("kind", "Kind", 24),
    ("scope_from", "On Scope From", 15),
    ("scope_to", "On Scope To", 15),
    ("superseded_on", "Superseded On", 15),
    ("superseded_by", "Superseded By", 16),
]


def register_book(rows, totals, facts, scope=None):
    """Return the register as a workbook (bytes).

    :param rows: iterable of dicts with the keys of `COLUMNS`
    :param totals: list of dicts with the keys of `TOTALS`
    :param facts: list of (name, value): what the report is about
    :param scope: list of dicts with the keys of `SCOPE`, None for no such sheet
    """
    sheets = [("Register", *_table(COLUMNS, rows)), ("Totals", *_table(TOTALS, totals))]
    if scope is not None:
        sheets.append(("Scope", *_table(SCOPE, scope)))
    sheets.append(("About", [("About this report", 30), ("", 70)], facts))
    return write_book(sheets)


def _table(columns, rows):
    """Return headings with widths, and the rows (dicts) as lists."""
    headings = [(heading, width) for _key, heading, width in columns]
    return headings, ([row[key] or None for key, *_rest in columns] for row in rows)
