"""Saying why a record cannot be deleted.

The foreign keys that restrict would refuse it too, but not in words that help.
"""


def needed(records, model, field_name):
    """Return one of `records` that a record of `model` names, or none.

    :param model: name of the model whose foreign key keeps `records`
    :param field_name: that field
    """
    # Whoever deletes need not see what depends on it.
    users_sudo = records.env[model].sudo().with_context(active_test=False)
    user_sudo = users_sudo.search([(field_name, "in", records.ids)], limit=1)
    return user_sudo[field_name].with_env(records.env)
