"""Authorities, their localities and settings, and the offices people hold there."""

from taf_service.partnership import policies as policies
from taf_service.partnership.changes import read_changes as read_changes
from taf_service.partnership.establishing import AuthorityEstablished as AuthorityEstablished
from taf_service.partnership.establishing import EstablishmentRefused as EstablishmentRefused
from taf_service.partnership.establishing import establish_authority as establish_authority
from taf_service.partnership.models import Authority as Authority
from taf_service.partnership.models import Locality as Locality
from taf_service.partnership.models import Office as Office
from taf_service.partnership.models import OfficeHolder as OfficeHolder
from taf_service.partnership.models import SettingsVersion as SettingsVersion
from taf_service.partnership.operations import LocalityAdded as LocalityAdded
from taf_service.partnership.operations import SettingsChanged as SettingsChanged
from taf_service.partnership.operations import add_locality as add_locality
from taf_service.partnership.operations import change_settings as change_settings
from taf_service.partnership.queries import authority_for as authority_for
from taf_service.partnership.queries import locality_for as locality_for
from taf_service.partnership.queries import office_holder_for as office_holder_for
from taf_service.partnership.queries import settings_of as settings_of
from taf_service.partnership.rules import DEFAULTS as DEFAULTS
from taf_service.partnership.rules import AuthoritySettings as AuthoritySettings
