// PostGraphile 5 over the same tables, as its documentation recommends for production.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { inProcesses, personBehind, pool, port, url } from "./settings.js";

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: url,
      schemas: ["public", "peers"],
      poolConfig: { max: pool, options: "-c plan_cache_mode=force_generic_plan -c jit=off" },
    }),
  ],
  // By default only indexed columns order and narrow lists.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  gather: { installWatchFixtures: false },
  schema: {
    // Plain lists beside connections, ordered and narrowed by any column.
    defaultBehavior: "+list +orderBy +filterBy -insert -update -delete",
    pgJwtSecret: undefined,
  },
  grafast: {
    context: ({ node }) => ({
      pgSettings: { "taf.actor": personBehind(node?.req.headers.authorization) },
    }),
  },
  grafserv: { port, graphiql: false, watch: false, graphqlPath: "/graphql" },
};

inProcesses(async () => {
  const server = createServer();
  const instance = postgraphile(preset);
  await instance.createServ(grafserv).addTo(server);
  await instance.getSchema();
  server.listen(port, "127.0.0.1");
});
