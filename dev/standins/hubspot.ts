// A stand-in of HubSpot's CRM API, written from its public documentation: tickets, deals and contacts with their associations.
import { type Standin, startStandin } from "./server.ts";

type Thing = { properties: Record<string, string | null>; contacts?: readonly string[] };
export type HubspotRecords = { tickets: Map<string, Thing>; deals: Map<string, Thing>; contacts: Map<string, Thing> };

/**
 * `GET /crm/v3/objects/{tickets|deals|contacts}/{id}?properties=…&associations=contacts` with a private app's token. Properties that are
 * not asked for are not given.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide
 */
export async function startHubspot(
  credential = "pat-na1-standin",
  port = 0,
): Promise<Standin & { records: HubspotRecords }> {
  const records: HubspotRecords = { tickets: new Map(), deals: new Map(), contacts: new Map() };
  const answer = (url: URL) => {
    const [, kind, id] = /^\/crm\/v3\/objects\/(tickets|deals|contacts)\/(\d+)$/.exec(url.pathname) ?? [];
    const found = kind === undefined || id === undefined ? undefined : records[kindOf(kind)].get(id);
    if (found === undefined || id === undefined) return null;
    const wanted = (url.searchParams.get("properties") ?? "").split(",");
    const properties = Object.fromEntries(
      ["hs_object_id", ...wanted].map((name) => [
        name,
        name === "hs_object_id" ? id : (found.properties[name] ?? null),
      ]),
    );
    const associated = url.searchParams.get("associations")?.split(",").includes("contacts") === true;
    const contacts = { results: (found.contacts ?? []).map((contact) => ({ id: contact, type: "ticket_to_contact" })) };
    const json = {
      id,
      properties,
      createdAt: "2026-11-01T10:00:00.000Z",
      updatedAt: "2026-11-02T15:04:05.017Z",
      archived: false,
      ...(associated && contacts.results.length > 0 ? { associations: { contacts } } : {}),
    };
    return { status: 200, json, headers: { "x-hubspot-ratelimit-remaining": "99" } };
  };
  const standin = await startStandin(
    {
      answer,
      refuse: ({ authorization }, token) =>
        authorization === `Bearer ${token}`
          ? null
          : {
              status: 401,
              json: {
                status: "error",
                category: "INVALID_AUTHENTICATION",
                message: "Authentication credentials not found.",
              },
            },
      missing: { status: 404, json: { status: "error", category: "OBJECT_NOT_FOUND", message: "Object not found." } },
    },
    credential,
    port,
  );
  return Object.assign(standin, { records });
}

function kindOf(word: string): keyof HubspotRecords {
  return word === "tickets" ? "tickets" : word === "deals" ? "deals" : "contacts";
}
