// What wrk.lua does, by autocannon, for machines without wrk: `load.js ADDRESS FILE reads|changes
// CONNECTIONS SECONDS`.
import autocannon from "autocannon";
import { readFileSync } from "node:fs";

const [address, file, what, connections, duration] = process.argv.slice(2);
const asks = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => {
  const [path, token, body, id, version] = line.split("\t");
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    authorization: `Bearer ${token}`,
  };
  return { path, headers, body, id, version };
});
const flying = new Map();
let nth = 0;
let refused = 0;

function read(request) {
  const { path, headers, body } = asks[nth++ % asks.length];
  return { ...request, method: "POST", path, headers, body };
}

function change(request) {
  const ask = asks.shift();
  flying.set(ask.id, ask);
  const { path, headers, body, version } = ask;
  return { ...request, method: "POST", path, headers, body: body.replace("@VERSION@", version) };
}

function changed(status, body) {
  const id = /"id"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  const version = /"version"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  const ask = flying.get(id);
  if (status !== 200 || !ask || !version) return void refused++;
  flying.delete(id);
  asks.push({ ...ask, version });
}

const requests =
  what === "changes" ? [{ setupRequest: change, onResponse: changed }] : [{ setupRequest: read }];
const said = await autocannon({
  url: address,
  connections: Number(connections),
  duration: Number(duration),
  requests,
});
const result = {
  requests: said["2xx"],
  microseconds: said.duration * 1e6,
  bytes: said.throughput.total,
  errors: said.non2xx + said.errors + said.timeouts + refused,
  p50: said.latency.p50 * 1e3,
  p99: said.latency.p99 * 1e3,
};
console.log(`\n@RESULT ${JSON.stringify(result)}`);
