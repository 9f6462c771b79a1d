// A stand-in of Zendesk's Ticketing API, written from its public documentation: tickets and users.
import { type Standin, startStandin } from "./server.ts";

/** A record in the words of Zendesk's own answers. */
type ZendeskRecords = {
  tickets: Map<string, Record<string, unknown>>;
  users: Map<string, Record<string, unknown>>;
};

/**
 * `GET /api/v2/tickets/{id}.json` and `/api/v2/users/{id}.json`, with an agent's address and an API token as basic authentication.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-ticket
 */
export async function startZendesk(
  credential = "agent@acme.com/token:standin",
): Promise<Standin & { records: ZendeskRecords }> {
  const records: ZendeskRecords = { tickets: new Map(), users: new Map() };
  const standin = await startStandin(
    {
      answer(url) {
        const [, kind, id = ""] = /^\/api\/v2\/(tickets|users)\/(\d+)\.json$/.exec(url.pathname) ?? [];
        const found = kind === "tickets" ? records.tickets.get(id) : records.users.get(id);
        if (kind === undefined || found === undefined) return null;
        return { status: 200, json: { [kind === "tickets" ? "ticket" : "user"]: { id: Number(id), ...found } } };
      },
      refuse: ({ authorization }, known) =>
        authorization === `Basic ${Buffer.from(known).toString("base64")}`
          ? null
          : { status: 401, json: { error: "Couldn't authenticate you" } },
      missing: { status: 404, json: { error: "RecordNotFound", description: "Not found" } },
    },
    credential,
  );
  return Object.assign(standin, { records });
}
