/** One signed request under other headers: at most one event of it is planned, with one number, and its own is read. */
import { createHmac } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { readEvents } from "../../src/crm/reading/events.ts";
import { verifySignature } from "../../src/crm/signature/verify.ts";
import { bodyIdentity } from "../../src/domain/events/repeated-body.ts";
import { valueAt } from "../../src/domain/json.ts";
import { makeRequest, nowMs, presetNamed } from "../crm/requests.ts";
import { must, type Property } from "./property.ts";

const generic = presetNamed("generic");
const key = "the-key-of-the-oracle";
const own = "+14155550100";
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A customer wrote what another reading would take for fields. */
const note = `x\r\n--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+19005550100\r\n--b--&phone=+19005550100&`;
const lead = JSON.stringify({ id: "é1", type: "léad", phone: own, name: "José", note });
const json = "application/json";
const form = "application/x-www-form-urlencoded";

/** Signed bodies with the headers of their sender. */
const sent: readonly { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }[] = [
  { body: new TextEncoder().encode(lead), headers: { "content-type": json } },
  { body: latin1(lead), headers: { "content-type": `${json}; charset=iso-8859-1` } },
  { body: gzipSync(lead), headers: { "content-type": json, "content-encoding": "gzip" } },
  { body: deflateSync(lead), headers: { "content-type": json, "content-encoding": "deflate" } },
  { body: latin1(`id=%E91&phone=%2B14155550100&note=${encodeURIComponent(note)}`), headers: { "content-type": form } },
  {
    body: latin1(`<l><id>1</id><phone>${own}</phone><note><![CDATA[${note}]]></note></l>`),
    headers: { "content-type": "text/xml" },
  },
  { body: new Uint8Array(Buffer.from(`\ufeff${lead}`, "utf16le")), headers: { "content-type": json } },
];

const charset = fc.constantFrom(
  ..."utf-8 iso-8859-1 windows-1251 koi8-r utf-16 utf-16be shift_jis gb18030 big5 iso-2022-jp x-user-defined none".split(
    " ",
  ),
);
const contentType = fc
  .tuple(
    fc.constantFrom(json, form, "text/xml", "multipart/form-data; boundary=b", "text/plain", ""),
    fc.option(charset),
  )
  .map(([media, name]) => (name === null ? media : `${media}; charset=${name}`));
const mutation = fc.record({
  "content-type": contentType,
  "content-encoding": fc.constantFrom("", "gzip", "deflate", "br", "gzip, gzip", "identity"),
  "idempotency-key": fc.constantFrom("", "a", "b", "c", "é1"),
  "x-event-type": fc.constantFrom("", "t1", "t2", "léad"),
});

const asked = { named: new Set<string>(), all: true };

/** Sends one body once for each set of headers, the sender's own first, and counts as Postgres does. */
async function plannedOf(
  { body, headers }: (typeof sent)[number],
  mutations: readonly Readonly<Record<string, string>>[],
): Promise<readonly unknown[]> {
  const signature = createHmac("sha256", key).update(body).digest("hex");
  const known = new Set<string>();
  const numbers: unknown[] = [];
  for (const changed of [headers, ...mutations]) {
    const filled = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ""));
    const request = makeRequest(body, { ...filled, "x-hookline-signature": signature });
    const secrets = [{ id: "s1", value: key }];
    const given = { preset: generic, settings: {}, tenant: null, secrets, request, nowMs };
    must((await verifySignature(given)).ok, "an unsigned header changed whether the signature is right");
    const read = await readEvents(given);
    must(changed !== headers || read.ok, "the sender's own request is not read");
    for (const event of read.ok ? read.events : []) {
      const once = event.idUnsigned === true ? bodyIdentity(asked, event.type, event.bodyHash, event.replayWindow) : "";
      const keys = [event.dedupeKey, ...(once === "" ? [] : [`body:${once}`])];
      if (keys.some((one) => known.has(one))) continue;
      for (const one of keys) known.add(one);
      numbers.push(valueAt(event.data, "phone") ?? valueAt(event.data, "l.phone"));
    }
  }
  return numbers;
}

/** @returns The signed bodies, each to be sent under so many sets of headers. */
export const unsignedProperties: readonly Property[] = [
  {
    name: "One signed request under any unsigned headers is one event, with its own number",
    weight: 1,
    make: () =>
      fc.asyncProperty(
        fc.constantFrom(...sent),
        fc.array(mutation, { minLength: 1, maxLength: 20 }),
        async (one, mutations) => {
          const numbers = await plannedOf(one, mutations);
          must(numbers.length === 1 && numbers[0] === own, `it became ${JSON.stringify(numbers)}`);
        },
      ),
  },
];

/** A thousand mutations of each body, of one seed. */
export const oneThousand = async (): Promise<readonly (readonly unknown[])[]> => {
  const mutations = fc.sample(mutation, { numRuns: 1_000, seed: 11 });
  return await Promise.all(sent.map((one) => plannedOf(one, mutations)));
};
