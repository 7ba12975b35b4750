from . import (
    lrm_course_offer_enrol,
    lrm_credential_request,
    lrm_credential_issue,
    lrm_credential_cancel,
    lrm_register_report,
    lrm_settings,
)
