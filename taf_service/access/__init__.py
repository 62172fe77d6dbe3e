"""Who is signed in, what office they hold, and who holds a link."""

from taf_service.access import policies as policies
from taf_service.access.links import LinkHolder as LinkHolder
from taf_service.access.links import holder_of as holder_of
from taf_service.access.models import Account as Account
from taf_service.access.operations import AccountDisabled as AccountDisabled
from taf_service.access.operations import AccountLinked as AccountLinked
from taf_service.access.operations import AppointedToOffice as AppointedToOffice
from taf_service.access.operations import OfficeEnded as OfficeEnded
from taf_service.access.operations import appoint_to_office as appoint_to_office
from taf_service.access.operations import disable_account as disable_account
from taf_service.access.operations import end_office as end_office
from taf_service.access.operations import link_account as link_account
from taf_service.access.queries import actor_for as actor_for
from taf_service.access.tokens import ConfigurationRefused as ConfigurationRefused
from taf_service.access.tokens import Identity as Identity
from taf_service.access.tokens import InvalidToken as InvalidToken
from taf_service.access.tokens import KeysUnavailable as KeysUnavailable
from taf_service.access.tokens import Verifier as Verifier
from taf_service.access.tokens import verifier_for as verifier_for
from taf_service.core.actors import Actor as Actor
