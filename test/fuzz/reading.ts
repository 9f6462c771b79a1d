/** Properties of reading: it never throws and loses nothing, and its events can be stored and read again. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { checkSettings } from "../../src/crm/preset/settings.ts";
import { readEvents } from "../../src/crm/reading/events.ts";
import { decodeBody } from "../../src/crm/request/body.ts";
import type { IncomingEvent, WebhookRequest } from "../../src/domain/events/webhook.ts";
import { isObject, type JsonValue, jsonDepthMax, readJson } from "../../src/domain/json.ts";
import { nowMs } from "../crm/requests.ts";
import { bodyBytes, formText, headersOf, hostileName, hostileText, jsonTree, utf8 } from "./hostile.ts";
import { must, mustNotPollute, type Property } from "./property.ts";
import { shapedForm, shapedJson, shapedXml } from "./shaped.ts";
import { fuzzAddress, type Subject, subjects } from "./subjects.ts";

const eventsPerRequestMax = 1_000;
const subject = fc.constantFrom(...subjects);

export const readingProperties: readonly Property[] = [
  {
    name: "Whatever a verified request holds, its events can be stored, found and read again, or there is a reason",
    weight: 5,
    make: () =>
      fc.asyncProperty(
        fc.oneof(...subjects.map((one) => fc.tuple(fc.constant(one), bodyOf(one), headersOf(one.headers)))),
        async ([one, body, headers]) => await isStorable(one, requestOf(body, headers)),
      ),
  },
  {
    name: "Splitting a batch loses nothing: every element is an event of its own, in its order, and says what it said",
    weight: 2,
    make: () =>
      fc.asyncProperty(
        fc.constantFrom(...subjects.filter(isBatch)),
        fc.array(jsonTree, { maxLength: 20 }),
        splitsWhole,
      ),
  },
  {
    name: "JSON that is fit to be stored is read as it was written",
    weight: 1,
    make: () =>
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        const read = decodeBody(requestOf(utf8(text), { "content-type": "application/json" }), {
          formats: ["json"],
          signs: "nothing",
        });
        if (!read.ok)
          return must(text.trim() === "" || depthOf(JSON.parse(text)) > jsonDepthMax, `not read: ${read.reason}`);
        if (read.notes.length === 0) must(saysTheSame(read.value, JSON.parse(text)), "it reads otherwise");
      }),
  },
  {
    name: "No value of a form is lost, whatever its name and brackets",
    weight: 1,
    make: () =>
      fc.property(formText, (text) => {
        const read = decodeBody(requestOf(utf8(text), {}), { formats: ["form"], signs: "nothing" });
        if (!read.ok) return must(/^\s*$/.test(text) || read.reason === "too_deep", `not read: ${read.reason}`);
        // Node's own reader takes raw letters beside escapes that are no UTF-8 for others: it is given escapes alone.
        const escaped = text.toWellFormed().replace(/[\u0080-\uffff]+/g, encodeURIComponent);
        // A plus that was not escaped stays one before a number: both spellings of a value are the same here.
        const spelt = (value: string) => cleaned(value).replace(/^[ +]+/, " ");
        const sent = [...new URLSearchParams(escaped)].map(([, value]) => spelt(value)).sort();
        must(isDeepStrictEqual(textsOf(read.value).map(spelt).sort(), sent), "other values than URLSearchParams finds");
        mustNotPollute();
      }),
  },
  {
    name: "Flat fields are read back from a form as they were written",
    weight: 1,
    make: () =>
      fc.property(
        fc.dictionary(
          hostileName.filter((name) => !/[[\]]/.test(name)),
          hostileText,
          { minKeys: 1, maxKeys: 8 },
        ),
        (fields) => {
          const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
            name.toWellFormed(),
            value.toWellFormed(),
          ]);
          const text = new URLSearchParams(pairs).toString();
          const read = decodeBody(requestOf(utf8(text), {}), { formats: ["form"], signs: "nothing" });
          if (!read.ok) return must(false, `not read: ${read.reason}`);
          for (const [name = "", value = ""] of pairs) {
            if (pairs.filter(([other = ""]) => cleaned(other) === cleaned(name)).length > 1) continue;
            const found =
              isObject(read.value) && Object.hasOwn(read.value, cleaned(name)) ? read.value[cleaned(name)] : undefined;
            must(found === cleaned(value), `${JSON.stringify(name)} is ${JSON.stringify(found)}`);
          }
        },
      ),
  },
  {
    name: "Settings that anybody makes up are checked without a throw",
    weight: 1,
    make: () =>
      fc.property(subject, jsonTree, fc.dictionary(hostileName, hostileText), (one, any, near) => {
        const read = readJson(any);
        checkSettings(one.preset, read.ok ? read.value : null);
        checkSettings(one.preset, { ...near });
        mustNotPollute();
      }),
  },
];

function bodyOf(one: Subject) {
  return fc.oneof(bodyBytes, shapedJson(one).map(utf8), shapedForm(one).map(utf8), shapedXml(one).map(utf8));
}

function requestOf(body: Uint8Array, headers: Readonly<Record<string, string>>): WebhookRequest {
  return { method: "POST", url: fuzzAddress, key: null, headers, body };
}

async function isStorable(one: Subject, request: WebhookRequest): Promise<void> {
  const { preset, settings } = one;
  const result = await readEvents({ preset, settings, request, nowMs });
  mustNotPollute();
  if (!result.ok) {
    must(/^[\w ".,:;?'-]{3,}/.test(result.detail), "a reason without a sentence");
    return;
  }
  must(result.events.length <= eventsPerRequestMax, "too many events");
  const credentials = new Set(one.scheme.credentials ?? []);
  for (const event of result.events) mustBeFit(event, one, credentials);
  const again = await readEvents({ preset, settings, request: { ...request }, nowMs });
  must(isDeepStrictEqual(again, result), "the same bytes are read otherwise the second time");
}

/** Fit for Postgres, for an index, for a page, and to be planned again from its text. */
function mustBeFit(event: IncomingEvent, { reading }: Subject, credentials: ReadonlySet<string>): void {
  must(
    /^\P{Cc}{1,1000}$/u.test(event.dedupeKey) || /^body-sha256:[0-9a-f]{64}(:\d+)?$/.test(event.dedupeKey),
    "a key that cannot be indexed",
  );
  must(/^\P{Cc}{1,200}$/u.test(event.type), "a type that cannot be shown");
  must(event.externalId === null || /^\P{Cc}{1,200}$/u.test(event.externalId), "an id that cannot be shown");
  must(event.occurredAt === null || Number.isSafeInteger(event.occurredAt), "a time that is none");
  must(
    isFitText(event.dedupeKey) && isFitText(event.type) && isFitText(event.externalId ?? "") && isFitText(event.body),
    "NUL or half a character",
  );
  must(
    // Counters count for nothing, and what can be had from several bodies under one signature is known by what is signed.
    reading.counters === undefined && event.idUnsigned !== true
      ? event.bodyHash === createHash("sha256").update(event.body, "utf8").digest("hex")
      : /^[0-9a-f]{64}$/.test(event.bodyHash),
    "another hash than its text's",
  );
  const back = readJson(event.body);
  must(back.ok && saysTheSame(back.value, event.data), "its text does not say what its data says");
  everyText(event.data, (text) => must(isFitText(text), "NUL or half a character in the data"));
  everyName(event.data, (name) => must(!credentials.has(name), "a credential is kept"));
  must(event.unreadable !== undefined || isObject(event.data), "an event that is no object, and says nothing of it");
}

/** JSON has no other zero than 0. */
function saysTheSame(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isFitText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function isBatch({ reading, scheme }: Subject): boolean {
  return reading.split !== "" && scheme.formats.includes("json") && reading.elementAs === undefined;
}

async function splitsWhole({ preset, settings, reading, scheme }: Subject, elements: readonly string[]): Promise<void> {
  const array = `[${elements.join(",")}]`;
  const body =
    reading.split === "."
      ? array
      : reading.split.split(".").reduceRight((inner, step) => `{${JSON.stringify(step)}:${inner}}`, array);
  const request = requestOf(utf8(body), { "content-type": "application/json" });
  const result = await readEvents({ preset, settings, request, nowMs });
  if (!result.ok) return must(result.reason === "too_deep", `not read: ${result.reason}`);
  must(result.events.length === elements.length, `${elements.length} elements, ${result.events.length} events`);
  const plain = (scheme.credentials ?? []).length === 0;
  for (const [index, event] of result.events.entries()) {
    const alone = readJson(elements[index] ?? "");
    must(alone.ok && (!plain || saysTheSame(event.data, alone.value)), `element ${index} says something else`);
    must(
      (event.unreadable === undefined) === (alone.ok && isObject(alone.value)),
      `element ${index} is called otherwise`,
    );
  }
}

function everyText(value: JsonValue, look: (text: string) => void): void {
  if (typeof value === "string") look(value);
  else if (Array.isArray(value)) for (const item of value) everyText(item, look);
  else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      look(name);
      everyText(inner, look);
    }
  }
}

function everyName(value: JsonValue, look: (name: string) => void): void {
  if (Array.isArray(value)) for (const item of value) everyName(item, look);
  else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      look(name);
      everyName(inner, look);
    }
  }
}

function textsOf(value: JsonValue): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

function depthOf(value: JsonValue): number {
  const inner = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : null;
  return inner === null ? 0 : 1 + Math.max(0, ...inner.map(depthOf));
}

function cleaned(text: string): string {
  return text.replaceAll("\0", "\ufffd");
}
