"use strict";

const place = document.getElementById("graphiql");
const headers = { authorization: `Bearer ${place.dataset.token}` };
const query = `# The token below is a person's.
# Another token, another person.
{
  me {
    name
  }
}
`;

ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    // The editor's headers win; these are for what GraphiQL asks by itself, the schema.
    fetcher: GraphiQL.createFetcher({ url: "/graphql", headers }),
    defaultHeaders: JSON.stringify(headers, null, 2),
    defaultEditorToolsVisibility: "headers",
    defaultQuery: query,
  }),
);
