/** Properties of refused requests: each has an explanation, no secret of it is stored, and its verdict is the same again. */
import fc from "fast-check";
import { doctor } from "../../src/crm/doctor/doctor.ts";
import { webhooks } from "../../src/crm/webhooks.ts";
import type { WebhookRequest } from "../../src/domain/events/webhook.ts";
import { asWritten } from "../../src/http/request-url.ts";
import { createSealer } from "../../src/platform/seal.ts";
import type { SourceCopy } from "../../src/ports/source-copy.ts";
import { nowMs } from "../crm/requests.ts";
import { bodyBytes, headersOf, hostileText, utf8 } from "./hostile.ts";
import { must, mustBeStorable, mustNotPollute, type Property } from "./property.ts";
import { shapedForm, shapedJson, shapedXml } from "./shaped.ts";
import { fuzzAddress, type Subject, subjects } from "./subjects.ts";

const key = "the-doctor's-own-secret-0123456789";
const had = "the-secret-before-it-9876543210";

export async function doctorProperties(): Promise<readonly Property[]> {
  const sealer = createSealer([{ kid: "k1", k: Buffer.alloc(32, 5).toString("base64url") }]);
  const secrets = [{ id: "s1", sealed: await sealer.seal(key) }];
  const retired = [{ id: "s0", sealed: await sealer.seal(had), retiredAt: nowMs }];
  const door = webhooks(sealer);
  const advisor = doctor(sealer);

  const refuse = async (subject: Subject, request: WebhookRequest): Promise<void> => {
    const source = sourceOf(subject, secrets);
    const verdict = await door.verify(source, request, nowMs);
    const { reason, detail } = verdict.ok ? { reason: "not_json", detail: "" } : verdict;
    const kept = await door.evidence(source, request, reason);
    const { body, ...rest } = kept;
    mustBeStorable(rest);
    must((body === null) === (kept.bodyKept !== "whole"), "a body is there and not said to be, or the other way round");
    must(body === null || body === request.body, "a body is kept as another one");
    must(
      !JSON.stringify(rest).includes(key) && !new TextDecoder().decode(body ?? undefined).includes(key),
      "what is kept holds the secret",
    );
    const headers = Object.keys(request.headers);
    const rejection = {
      id: "r",
      at: nowMs,
      code: reason,
      detail,
      headers,
      bodyBytes: 0,
      request: kept,
      acceptedAt: null,
      acceptedEvents: [],
    };
    const recalled = advisor.recall(source, rejection);
    const whole = { reason, detail, request, headers, isWhole: true, presented: null, at: nowMs };
    for (const { advice } of await advisor.advise(source, retired, [recalled, whole])) {
      must(advice !== "" && !advice.includes(key) && !advice.includes(had), "an advice holds a secret, or is none");
      mustBeStorable(advice);
    }
    if (recalled.isWhole) {
      const again = await door.verify(source, recalled.request, nowMs);
      must(
        JSON.stringify(again) === JSON.stringify(verdict),
        `judged again it is ${JSON.stringify(again)}, and it was ${JSON.stringify(verdict)}`,
      );
    }
    mustNotPollute();
  };

  return [
    {
      name: "Whatever is refused is explained, kept without a secret, and judged again as it was before",
      weight: 0.5,
      make: () =>
        fc.asyncProperty(
          fc.oneof(...subjects.map(refusedOf)),
          async ([subject, request]) => await refuse(subject, request),
        ),
    },
  ];
}

function refusedOf(one: Subject) {
  const body = fc.oneof(bodyBytes, shapedJson(one).map(utf8), shapedForm(one).map(utf8), shapedXml(one).map(utf8));
  const value = fc.oneof(
    hostileText,
    fc.constantFrom(key, had, `Bearer ${key}`, `"${key}"`, btoa(key), key.toUpperCase()),
  );
  const last = fc.option(value, { nil: undefined });
  return fc
    .tuple(
      headersOf(one.headers),
      body,
      last,
      last,
      fc.option(fc.constantFrom(...one.headers, "authorization", "x-api-key"), { nil: undefined }),
      value,
    )
    .map(([headers, bytes, inner, query, name, secret]): [Subject, WebhookRequest] => {
      const written = (text: string) => encodeURIComponent(text.toWellFormed());
      const path = `${inner === undefined ? "" : `/${written(inner)}`}${query === undefined ? "" : `?code=${written(query)}&a=${written(query)}&${written(query)}`}`;
      const request = {
        ...asWritten(`${fuzzAddress}${path}`, fuzzAddress.slice(0, fuzzAddress.indexOf("/", 8))),
        method: "POST",
        key: inner ?? null,
        headers: sendable({ ...headers, ...(name === undefined ? {} : { [name]: secret }) }),
        body: bytes,
      };
      return [one, request];
    });
}

/** HTTP has no header with a control character or beyond Latin-1: a client cannot send one. */
function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const fit = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (/^[\w-]+$/.test(name)) fit.append(name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?"));
  return Object.fromEntries(fit);
}

function sourceOf({ preset, settings, scheme }: Subject, secrets: SourceCopy["secrets"]): SourceCopy {
  return {
    slug: "shop",
    version: 1,
    shards: 1,
    preset: preset.name,
    tenant: "acme",
    country: "US",
    zone: null,
    settings: { ...settings, scheme: scheme.name },
    orderNumber: null,
    recordType: null,
    recordId: null,
    secrets,
    rules: [],
  };
}
