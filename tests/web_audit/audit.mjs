// Runs every audit of npm's graphql-http: node audit.mjs FOLDER URL TOKEN
// (FOLDER is where the package is installed). Exits with 1 unless each of them passes.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, url, token] = process.argv.slice(2);
const { serverAudits } = createRequire(join(folder, "package.json"))("graphql-http");

// What every client of ours sends: who it is, and on GET that it is no page of another site.
const signedIn = (address, options = {}) =>
  fetch(address, {
    ...options,
    headers: {
      authorization: `Bearer ${token}`,
      ...((options.method ?? "GET") === "GET" && { "graphql-require-preflight": "1" }),
      ...options.headers,
    },
  });

const results = [];
for (const audit of serverAudits({ url, fetchFn: signedIn })) results.push(await audit.fn());

const failures = results.filter(({ status }) => status !== "ok");
for (const { id, name, reason, response } of failures)
  console.log(`failed: ${id} ${name}: ${reason} (${response.status})`);

for (const level of ["MUST", "SHOULD", "MAY"]) {
  const those = results.filter(({ name }) => name.startsWith(level));
  console.log(`${level}: ${those.filter(({ status }) => status === "ok").length} of ${those.length}`);
}
console.log(`${results.length - failures.length} of ${results.length} audits of graphql-http pass`);
process.exitCode = results.length > 0 && failures.length === 0 ? 0 : 1;
