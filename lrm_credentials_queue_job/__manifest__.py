{
    "name": "LRM Credentials: Job Queue",
    "version": "19.0.1.0.0",
    "summary": "Several workers and servers share one large run",
    "category": "Services/LRM",
    "author": "LRM Credentials founders",
    "website": "https://github.com/lrm-credentials/lrm-credentials",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["lrm_credentials", "queue_job"],
    "data": ["data/queue_job_data.xml"],
}
