// The demonstration of thin payloads: a HubSpot account whose webhooks carry ids only, and a stand-in of its API with the records.
import * as z from "zod";
import { nextFreePort } from "../stack/network.ts";
import { startHubspot } from "../standins/hubspot.ts";
import { demoLine } from "./demo.ts";

export const ticketsSource = "demo-tickets";

/** The account, and the ticket of HubSpot's sample webhook. */
const portal = "62515";
const ticketId = "6355821024";
const contactId = "51";
const standinPort = 8_790;

const known = z.looseObject({ api: z.looseObject({ base_url: z.string().optional() }).nullish() });

/**
 * Starts the stand-in, and creates the source and its rule through the API, unless they exist and point to this stand-in. Later
 * changes of them are kept.
 *
 * @param secret signs the webhooks
 */
export async function applyTicketsDemo(service: {
  url: string;
  token: string;
  secret: string;
}): Promise<{ close: () => Promise<void> }> {
  const hubspot = await startHubspot("pat-na1-demonstration", await nextFreePort(standinPort));
  hubspot.records.tickets.set(ticketId, {
    properties: { subject: "Cracked lid", content: "The lid of my kettle came cracked.", hs_pipeline_stage: "3" },
    contacts: [contactId],
  });
  hubspot.records.contacts.set(contactId, {
    properties: { firstname: "Ada", lastname: "Nguyen", phone: "+14155550151" },
  });
  try {
    if ((await baseUrl(service)) !== hubspot.url) await make(service, hubspot);
  } catch (error) {
    await hubspot.close();
    throw error;
  }
  return hubspot;
}

async function make(
  service: { url: string; token: string; secret: string },
  { url, credential }: { url: string; credential: string },
): Promise<void> {
  await put(service, `/v1/sources/${ticketsSource}`, {
    preset: "hubspot",
    tenant: portal,
    secrets: [service.secret],
    country: "US",
    order_number: "ticket {{ data.objectId }}",
    record: { type: "ticket", id: "{{ data.objectId }}" },
    api: { base_url: url, credential },
  });
  await put(service, `/v1/sources/${ticketsSource}/rules/escalated`, {
    mode: "live",
    on: ["ticket.propertyChange"],
    fetch: ["ticket", "contact"],
    when: 'data.propertyName == "hs_pipeline_stage" && record.ticket.properties.hs_pipeline_stage == "3"',
    once_per: { key: "{{ data.objectId }}", in: "1h" },
    line: demoLine,
    number: "{{ record.contact.properties.phone }}",
    about: [
      "The customer is {{ record.contact.properties.firstname }} {{ record.contact.properties.lastname }}.",
      "Their ticket: {{ record.ticket.properties.subject }}. They wrote: {{ record.ticket.properties.content }}",
    ].join("\n"),
    greeting: "Hello {{ record.contact.properties.firstname }}, this is Michael from support. Do you have a minute?",
  });
}

/** The base URL of the source's API; undefined if there is no such source. */
async function baseUrl({ url, token }: { url: string; token: string }): Promise<string | undefined> {
  const answer = await fetch(new URL(`/v1/sources/${ticketsSource}`, url), {
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.ok ? known.parse(await answer.json()).api?.base_url : undefined;
}

// Safe to print: a response names fields and reasons, never the secret that was sent.
async function put({ url, token }: { url: string; token: string }, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(new URL(path, url), { method: "PUT", headers, body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(`PUT ${path} was answered with ${answer.status}: ${(await answer.text()).slice(0, 1000)}`);
}
