"""Authorities, their localities and settings, and the offices people hold there."""

from taf_service.partnership import policies as policies
from taf_service.partnership.models import Authority as Authority
from taf_service.partnership.models import Locality as Locality
from taf_service.partnership.models import Office as Office
from taf_service.partnership.models import OfficeHolder as OfficeHolder
from taf_service.partnership.models import SettingsVersion as SettingsVersion
from taf_service.partnership.queries import authority_for as authority_for
from taf_service.partnership.queries import locality_for as locality_for
from taf_service.partnership.queries import settings_of as settings_of
from taf_service.partnership.rules import DEFAULTS as DEFAULTS
from taf_service.partnership.rules import AuthoritySettings as AuthoritySettings
