def problem_list(env, problems, remarks=()):
    """Return what wizards show of the findings of checks, as HTML, or None.

    :param problems: [(learner, credential, sentence)], a table
    :param remarks: sentences about no learner, above it
    """
    if not problems and not remarks:
        return None
    return env["ir.qweb"]._render(
        "lrm_credentials.problem_list",
        {"problems": problems, "remarks": list(remarks)},
    )
