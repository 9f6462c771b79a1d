/** Properties of signatures: only right ones are accepted, and a right one always is. */
import fc from "fast-check";
import type { ActiveSecret } from "../../src/crm/preset/preset.ts";
import { verifySignature } from "../../src/crm/signature/verify.ts";
import type { VerifyResult, WebhookRequest } from "../../src/domain/events/webhook.ts";
import { nowMs } from "../crm/requests.ts";
import { bodyBytes, bodyText, headersOf, hostileText, utf8 } from "./hostile.ts";
import { must, mustNotPollute, type Property } from "./property.ts";
import { shapedForm, shapedJson } from "./shaped.ts";
import { fuzzAddress, type Signer, type Subject, subjects } from "./subjects.ts";

/** Of every form in which a secret may be written; nobody is given any of them. */
const secrets: readonly ActiveSecret[] = [
  { id: "text", value: "wk3n-8Qz1-unguessable-x7" },
  { id: "whsec", value: "whsec_dW5ndWVzc2FibGUta2V5LW9mLXRoZS1mdXp6ZXI=" },
  { id: "hex", value: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
  { id: "pair", value: "user:wk3n-8Qz1-unguessable-x7" },
];

const reasonForm = /^[A-Z].*\.$/s;

/** @param signers see `subjects.ts` */
export function verifyingProperties(signers: readonly Signer[]): readonly Property[] {
  return [
    {
      name: "Nothing that anybody makes up is accepted, throws, or is refused without a reason",
      weight: 4,
      make: () =>
        fc.asyncProperty(fc.oneof(...subjects.map(strangersRequest)), async ([one, request, tenant]) => {
          const result = await verifySignature({
            preset: one.preset,
            settings: one.settings,
            tenant,
            secrets,
            request,
            nowMs,
          });
          mustNotPollute();
          mustRefuse(result);
        }),
    },
    {
      name: "Whatever body its sender signs is accepted, by the secret that signed it",
      weight: 3,
      make: () =>
        fc.asyncProperty(signed(signers), async ([one, body]) => {
          const result = await verifySigned(one, sentBy(one, body));
          must(result.ok && result.secretId === "right", `refused: ${result.ok ? "another secret" : result.reason}`);
        }),
    },
    {
      name: "A signed body with one byte changed, added or taken away is refused",
      weight: 2,
      make: () =>
        fc.asyncProperty(
          signed(signers.filter(({ fixture }) => fixture.signs.includes("body"))),
          fc.nat(),
          fc.constantFrom("change", "add", "drop", "swap"),
          async ([one, body], at, how) => {
            const request = sentBy(one, body);
            const tampered = changed(request.body, at, how);
            if (tampered === null || meansTheSame(one, request.body, tampered)) return;
            mustRefuse(await verifySigned(one, { ...request, body: tampered }));
          },
        ),
    },
    {
      name: "A body that is signed with another secret is refused",
      weight: 1,
      make: () =>
        fc.asyncProperty(signed(signers), async ([one, body]) => {
          mustRefuse(await verifySigned(one, sentBy(one, body, one.fixture.otherSecret)));
        }),
    },
  ];
}

function signed(signers: readonly Signer[]) {
  return fc.oneof(...signers.map((one) => fc.tuple(fc.constant(one), signable(one))));
}

function strangersRequest(one: Subject) {
  const body = fc.oneof(bodyBytes, shapedJson(one).map(utf8), shapedForm(one).map(utf8));
  const search = fc.option(
    fc
      .tuple(hostileText, hostileText)
      .map(
        ([name, value]) =>
          `?${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}&code=${encodeURIComponent(value.toWellFormed())}`,
      ),
    { nil: "" },
  );
  return fc
    .tuple(
      body,
      headersOf(one.headers),
      fc.option(hostileText),
      search,
      fc.constantFrom(null, "acme", "", "1"),
      fc.boolean(),
    )
    .map(([bytes, headers, key, query, tenant, hasAddress]): [Subject, WebhookRequest, string | null] => {
      const parameters = Object.fromEntries(new URLSearchParams(query));
      const request = {
        method: "POST",
        url: hasAddress ? fuzzAddress + query : null,
        key,
        headers,
        query: parameters,
        search: query,
        body: bytes,
      };
      return [one, request, tenant];
    });
}

function mustRefuse(result: VerifyResult): void {
  if (result.ok) throw new Error(`accepted by ${result.secretId}`);
  must(reasonForm.test(result.detail), `a refusal without a sentence: ${result.reason}`);
  for (const { value } of secrets) must(!result.detail.includes(value), "a refusal tells the secret");
}

/** Bodies as this sender can write them: forms where it writes forms, and each name once. */
function signable({ subject }: Signer) {
  if (subject.scheme.formats[0] !== "form") return fc.oneof(bodyText, shapedJson(subject));
  return shapedForm(subject).map((text) => new URLSearchParams([...new Map(new URLSearchParams(text))]).toString());
}

function sentBy({ fixture, secret }: Signer, body: string, by = secret): WebhookRequest {
  const sent = fixture.send({ secret: by, at: nowMs, url: fuzzAddress, body: body.toWellFormed() });
  const url = new URL(sent.url);
  return {
    method: sent.method,
    url: sent.url,
    key: sent.key ?? null,
    headers: Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value])),
    query: Object.fromEntries(url.searchParams),
    search: url.search,
    body: utf8(sent.body),
  };
}

/** What account a made-up body is of is another question: see the contract of the presets. */
async function verifySigned({ subject, fixture, secret }: Signer, request: WebhookRequest): Promise<VerifyResult> {
  const { preset, settings } = subject;
  const known = [{ id: "right", value: secret }];
  return await verifySignature({
    preset,
    settings,
    tenant: fixture.tenant,
    secrets: known,
    request,
    nowMs,
    skipTenant: true,
  });
}

function changed(body: Uint8Array, at: number, how: string): Uint8Array | null {
  const place = body.length === 0 ? 0 : at % body.length;
  const before = body.subarray(0, place);
  if (how === "add") return Uint8Array.from([...before, 0x20, ...body.subarray(place)]);
  if (body.length === 0) return null;
  if (how === "drop") return Uint8Array.from([...before, ...body.subarray(place + 1)]);
  if (how === "change") return Uint8Array.from([...before, (body[place] ?? 0) ^ 1, ...body.subarray(place + 1)]);
  const [a = 0, b = 0] = [body[place], body[place + 1]];
  if (place + 1 >= body.length || a === b) return null;
  return Uint8Array.from([...before, b, a, ...body.subarray(place + 2)]);
}

/** Of a form its fields are signed and not its bytes: the same fields in another spelling are the same. */
function meansTheSame({ subject }: Signer, before: Uint8Array, after: Uint8Array): boolean {
  if (!("template" in subject.recipe) || !subject.recipe.template.includes("{form}")) return false;
  const sorted = (bytes: Uint8Array) => {
    const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))].map(([name, value]) => name + value);
    return [...new Set(fields)].sort().join("");
  };
  return sorted(before) === sorted(after);
}
