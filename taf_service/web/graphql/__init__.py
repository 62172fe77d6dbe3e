"""GraphQL over HTTP: `/graphql`, on a path of its own ahead of every other route."""

from taf_service.web.graphql.endpoint import DEADLINE as DEADLINE
from taf_service.web.graphql.endpoint import GraphQLEndpoint as GraphQLEndpoint
