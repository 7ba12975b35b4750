"""The key to sealed data.

Issued credentials, their documents, parchments and the ledger are written by this
addon's own code only. That code carries `SEAL` in the context. Remote callers can put
whatever they like in a context except this object: it cannot be sent over the wire.
"""

from odoo.exceptions import UserError

SEAL = object()

# Context keys with which a caller could change what a public action does.
HOSTILE_KEYS = {"_force_unlink", "tracking_disable", "active_test"}
HOSTILE_PREFIXES = ("default_", "bin_size")


def with_seal(records):
    """Return `records` with the right to write sealed fields.

    Without Odoo's tracking: what is sealed is logged for many records at once.
    """
    return records.with_context(lrm_seal=SEAL, tracking_disable=True)


def has_seal(records):
    """Tell whether `records` may write sealed fields."""
    return records.env.context.get("lrm_seal") is SEAL


def without_hostile_context(records):
    """Return `records` without the context keys that a caller may not choose."""
    context = {
        key: value
        for key, value in records.env.context.items()
        if key not in HOSTILE_KEYS and not key.startswith(HOSTILE_PREFIXES)
    }
    # Replacing the context is the point.
    return records.with_context(context)  # pylint: disable=context-overridden


def check_sealed(records, vals, sealed):
    """Raise a UserError when `vals` writes one of the `sealed` fields unlawfully.

    :param records: the recordset that is about to be created or written
    :param vals: dict of the values
    :param sealed: set of field names that only this addon may write
    """
    if has_seal(records) or not (forbidden := sealed & vals.keys()):
        return
    labels = records.fields_get(forbidden, ["string"])
    raise UserError(
        records.env._(
            "%(fields)s: the system sets this, it cannot be written.",
            fields=", ".join(sorted(label["string"] for label in labels.values())),
        )
    )
