"""Who may do what with actions."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import policy

_WORKING = {Standing.PRACTITIONER, Standing.LEAD, Standing.DEPUTY}

raise_action = policy(
    "raise_action",
    "Practitioners in the team raise actions.",
    on="team",
    to=_WORKING,
)
report_progress = policy(
    "report_progress",
    "The owner reports progress; the lead practitioner or a deputy may for them.",
    on="action",
    to={Standing.OWNER, Standing.LEAD, Standing.DEPUTY},
)
