// A stand-in of any JSON API: returns the record at a path to a request with the token.
import { type Standin, startStandin } from "./server.ts";

/** @param records Records by path, query included. */
export async function startGeneric(
  records: Map<string, unknown> = new Map(),
  credential = "standin-token",
): Promise<Standin & { records: Map<string, unknown> }> {
  const standin = await startStandin(
    {
      answer(url) {
        const path = url.pathname + url.search;
        return records.has(path) ? { status: 200, json: records.get(path) } : null;
      },
      refuse: ({ authorization }, token) =>
        authorization === `Bearer ${token}` ? null : { status: 401, json: { error: "unauthorized" } },
      missing: { status: 404, json: { error: "not found" } },
    },
    credential,
  );
  return Object.assign(standin, { records });
}
