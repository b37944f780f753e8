// The demo's walk with types generated from the document: `node built/walk.js http://localhost:8000`.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated.js";

type Item = components["schemas"]["Item"];

const [url] = process.argv.slice(2);
assert(url);
const client = createClient<paths>({ baseUrl: url, headers: { "X-Tenant-Id": "typescript" } });
const path = { connector_id: "github" };

const catalogue = await client.GET("/api/connectors");
assert(catalogue.data?.data.items.some((connector) => connector.id === "github"));

const connected = await client.POST("/api/connectors/{connector_id}/connect/callback", {
  params: { path },
  body: { apiKey: "ghp_sandbox_octocat" },
});
assert(connected.data);
const { connectionId } = connected.data.data;
const connection = await client.GET("/api/connections/{connection_id}", {
  params: { path: { connection_id: connectionId } },
});
assert.equal(connection.data?.data.status, "connected");

const containers = await client.GET("/api/connectors/{connector_id}/containers", {
  params: { path, query: { connectionId, type: "repository", limit: 3 } },
});
const repository = containers.data?.data.items[0];
assert(repository);

async function page(cursor: string | null) {
  const answer = await client.GET("/api/connectors/{connector_id}/items", {
    params: { path, query: { connectionId, containerId: repository!.id, limit: 10, cursor } },
  });
  assert(answer.data);
  return answer.data.data;
}

const first = await page(null);
assert(first.hasMore);
const items: Item[] = [...first.items, ...(await page(first.nextCursor)).items];
const discussed = items.reduce((most, item) =>
  (item.commentCount ?? 0) > (most.commentCount ?? 0) ? item : most,
);
const one = await client.GET("/api/connectors/{connector_id}/items/{item_id}", {
  params: { path: { ...path, item_id: discussed.id }, query: { connectionId } },
});
assert.equal(one.data?.data.title, discussed.title);
const comments = await client.GET("/api/connectors/{connector_id}/comments", {
  params: { path, query: { connectionId, itemId: discussed.id } },
});
assert(comments.data?.data.items[0]?.body);

const refused = await client.GET("/api/connections/{connection_id}", {
  params: { path: { connection_id: "con_000000000000000000000000" } },
});
// With `Accept: application/problem+json` it would be a problem (RFC 9457) and no envelope.
assert(refused.error && "error" in refused.error);
assert.equal(refused.error.error.code, "not_found");

console.log(`${repository.name}: ${discussed.title} (${comments.data.data.items.length} comments)`);
