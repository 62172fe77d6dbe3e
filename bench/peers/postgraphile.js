// PostGraphile 5 over the same tables, as its documentation recommends for production.
import { getOperationAST } from "graphql";
import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { connectionsFor, inProcesses, personBehind, port, thatReadAs } from "./settings.js";

const changes = ({ document, operationName }) =>
  getOperationAST(document, operationName)?.operation === "mutation";

const preset = (held) => ({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      pool: new pg.Pool(connectionsFor("changing")),
      schemas: ["public", "peers"],
    }),
  ],
  // By default only indexed columns order and narrow lists.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  gather: { installWatchFixtures: false },
  // Plain lists beside connections, ordered and narrowed by any column.
  schema: { defaultBehavior: "+list +orderBy +filterBy -insert -update -delete" },
  grafast: {
    context: async ({ node }, asked) => {
      const person = personBehind(node?.req.headers.authorization);
      if (changes(asked)) return { pgSettings: { "taf.actor": person } };
      return { pgSettings: { role: "taf_reader", ...(await held(person)) } };
    },
  },
  grafserv: { port, graphiql: false, watch: false, graphqlPath: "/graphql" },
});

inProcesses(async () => {
  const server = createServer();
  const instance = postgraphile(preset(await thatReadAs()));
  await instance.createServ(grafserv).addTo(server);
  await instance.getSchema();
  server.listen(port, "127.0.0.1");
});
