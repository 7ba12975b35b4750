from . import (
    lrm_course_offer_enrol,
    lrm_credential_request,
    lrm_credential_issue,
    lrm_credential_cancel,
    lrm_credential_send,
    lrm_credential_replace,
    lrm_credential_final,
    lrm_credential_erase,
    lrm_integrity_check_start,
    base_partner_merge,
    lrm_register_report,
    lrm_settings,
)
