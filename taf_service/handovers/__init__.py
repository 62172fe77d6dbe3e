"""What passes from one person to another when the lead changes or somebody leaves a team."""

from taf_service.handovers.operations import LeadAppointed as LeadAppointed
from taf_service.handovers.operations import LeftTeam as LeftTeam
from taf_service.handovers.operations import appoint_lead as appoint_lead
from taf_service.handovers.operations import remove_from_team as remove_from_team
