"""Who sees which row: predicates and standings in SQL, used by operations and by every read."""

from taf_service.visibility.cases import FAMILY_OF as FAMILY_OF
from taf_service.visibility.cases import NO_CASE as NO_CASE
from taf_service.visibility.predicates import IN_DIRECTORY as IN_DIRECTORY
from taf_service.visibility.predicates import PREDICATES as PREDICATES
from taf_service.visibility.predicates import SETS as SETS
from taf_service.visibility.predicates import filled as filled
from taf_service.visibility.predicates import own as own
from taf_service.visibility.predicates import predicate as predicate
from taf_service.visibility.rows import each as each
from taf_service.visibility.rows import one as one
from taf_service.visibility.rows import rows as rows
from taf_service.visibility.rows import stand as stand
from taf_service.visibility.rows import to_change as to_change
from taf_service.visibility.standings import STANDINGS as STANDINGS
from taf_service.visibility.standings import standings as standings
