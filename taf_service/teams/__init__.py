"""The team around a family: who is in it, who leads it, who stands in."""

from taf_service.teams import policies as policies
from taf_service.teams.models import Cover as Cover
from taf_service.teams.models import CoverKind as CoverKind
from taf_service.teams.models import Engagement as Engagement
from taf_service.teams.models import LeadAnswer as LeadAnswer
from taf_service.teams.models import LeadEnquiry as LeadEnquiry
from taf_service.teams.models import LeadTenure as LeadTenure
from taf_service.teams.models import MemberKind as MemberKind
from taf_service.teams.models import Membership as Membership
from taf_service.teams.models import Team as Team
from taf_service.teams.queries import enquiry_for as enquiry_for
from taf_service.teams.queries import lead_of as lead_of
from taf_service.teams.queries import members_of as members_of
from taf_service.teams.queries import membership_for as membership_for
from taf_service.teams.queries import settings_for as settings_for
from taf_service.teams.queries import team_for as team_for
