// Webhooks as bytes on the wire, signed before any clock starts. Every one has its own ids, body and signature.
import { createHmac } from "node:crypto";
import { sampleBody, sampleType } from "../../dev/send/sample.ts";
import { signedRequest } from "../../dev/send/sign.ts";
import { shopify } from "../../src/crm/presets/shopify.ts";

/** Requests to make: `count` of them to `path`, numbered from `first`. `eventsEach` above 1 makes batches like HubSpot's. */
export type Recipe = {
  readonly path: string;
  readonly secret: string;
  readonly first: number;
  readonly count: number;
  readonly eventsEach: number;
};

/** The account of the batches, and the URL that their signature covers. */
export const batchTenant = "62515";
export const batchUrl = "https://hookline.example/in/batches";

const orderMark = 900_000_001;
const numberMark = "+14152000000";
const numbers = 7_000_000;

/** Makes the requests, each ready to be written to a socket as it is. */
export function makeRequests(recipe: Recipe): Buffer[] {
  const order = orderText();
  const made: Buffer[] = [];
  for (let nth = recipe.first; nth < recipe.first + recipe.count; nth++) {
    made.push(recipe.eventsEach === 1 ? single(recipe, order, nth) : batch(recipe, nth));
  }
  return made;
}

function single({ path, secret }: Recipe, order: (nth: number) => string, nth: number): Buffer {
  const body = order(nth);
  const { headers } = signedRequest({
    preset: shopify,
    settings: {},
    secret,
    body,
    id: `bench-${nth}`,
    type: sampleType,
  });
  return wire(path, headers, body);
}

/** A subscription's batch, signed as v3 at the present time. It must be sent within five minutes. */
function batch({ path, secret, eventsEach }: Recipe, nth: number): Buffer {
  const now = Date.now();
  const events = Array.from({ length: eventsEach }, (_, index) => ({
    eventId: nth * eventsEach + index,
    subscriptionId: 1_859_972,
    portalId: Number(batchTenant),
    appId: 1_109_808,
    occurredAt: now,
    subscriptionType: "ticket.propertyChange",
    attemptNumber: 0,
    objectId: nth * eventsEach + index,
    propertyName: "hs_pipeline_stage",
    propertyValue: "3",
    changeSource: "CRM_UI",
  }));
  const body = JSON.stringify(events);
  const signature = createHmac("sha256", secret).update(`POST${batchUrl}${body}${now}`).digest("base64");
  const headers = {
    "content-type": "application/json",
    "x-hubspot-request-timestamp": String(now),
    "x-hubspot-signature-v3": signature,
  };
  return wire(path, headers, body);
}

/** Makes variants of the sample order cheaply: name, id and phone numbers are replaced in its text. */
function orderText(): (nth: number) => string {
  const text = sampleBody({ order: String(orderMark), number: numberMark, now: Date.now() });
  const idMark = /"id":(\d+)/.exec(text)?.[1];
  if (idMark === undefined) throw new Error("the sample order has no id");
  return (nth) =>
    text
      .replaceAll(String(orderMark), String(10_000_000 + nth))
      .replaceAll(idMark, String(6_000_000_000_000 + nth))
      .replaceAll(numberMark, `+1415${2_000_000 + (nth % numbers)}`);
}

function wire(path: string, headers: Record<string, string>, body: string): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${bytes.length}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}
