import { describe, expect, test } from "vitest";
import type { SignatureList, SignatureRecipe } from "../../../src/crm/preset/recipe.ts";
import { checkSettings, fullSettings } from "../../../src/crm/preset/settings.ts";
import { publishedKeyId } from "../../../src/crm/signature/verify.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { fixtures } from "../fixtures/index.ts";
import { nowMs } from "../requests.ts";
import { describeWhere, testWhere } from "../where.ts";
import { chosenBy, presenting, proofOf, requestBy, textOf, verifySent, withBody, withHeader } from "./scene.ts";

const named = fixtures.map((fixture) => ({ name: nameOf(fixture), fixture }));

describe.each(named)("$name", ({ fixture }) => {
  const { recipe, scheme, preset } = chosenBy(fixture);
  const good = requestBy(fixture);
  const isSecret = recipe.family === "secret";
  const missing = isSecret ? "secret_missing" : "signature_missing";
  const wrong = /^(signature|secret|token)_wrong$/;

  test("its settings are right, and what it signs is what its sender signs", () => {
    expect(checkSettings(preset, { ...fixture.settings, scheme: fixture.scheme })).toMatchObject({ ok: true });
    for (const part of ["body", "time", "id", "url"] as const)
      expect([part, covers(recipe, part)]).toEqual([part, fixture.signs.includes(part)]);
    if (!isSecret) expect(fixture.signatureHeader).toBe([recipe.header].flat()[0]);
  });

  test("a right request is verified again and again, and the secret that did it is named", async () => {
    const secretId = fixture.secret === null ? publishedKeyId : "s1";
    for (let i = 0; i < 3; i++) expect(await verifySent(fixture, good)).toEqual({ ok: true, secretId });
  });

  test("a request with another secret is refused", async () => {
    const result = await verifySent(fixture, requestBy(fixture, { secret: fixture.otherSecret }));
    expect(result).toMatchObject({ ok: false, reason: expect.stringMatching(wrong) });
  });

  testWhere(fixture.secret !== null)(
    "either of two active secrets verifies, so that a secret can be rotated",
    async () => {
      const old = { id: "old", value: fixture.secret ?? "" };
      const anew = { id: "new", value: fixture.otherSecret };
      const later = requestBy(fixture, { secret: fixture.otherSecret });
      for (const secrets of [
        [anew, old],
        [old, anew],
      ]) {
        expect(await verifySent(fixture, good, { secrets })).toEqual({ ok: true, secretId: "old" });
        expect(await verifySent(fixture, later, { secrets })).toEqual({ ok: true, secretId: "new" });
      }
      expect(await verifySent(fixture, good, { secrets: [anew] })).toMatchObject({
        reason: expect.stringMatching(wrong),
      });
    },
  );

  test("a request of another account is refused, and so is any where the source names none and has to", async () => {
    if (scheme.tenant === null) return expect(fixture.otherTenant).toBeUndefined();
    expect(fixture.otherTenant).toBeDefined();
    const stranger = requestBy(fixture, { tenant: fixture.otherTenant ?? "" });
    expect(await verifySent(fixture, stranger)).toMatchObject({ reason: "tenant_mismatch" });
    const none = await verifySent(fixture, stranger, { tenant: null });
    if (scheme.tenant.mandatory === false) expect(none).toMatchObject({ ok: true });
    else expect(none).toMatchObject({ reason: "tenant_missing" });
    expect(await verifySent(fixture, good, { tenant: "" })).toMatchObject(
      scheme.tenant.mandatory === false ? { ok: true } : { reason: "tenant_missing" },
    );
  });

  test.each([
    ["none", null],
    ["an empty one", ""],
  ])("a request with a proof that is %s is refused as missing", async (_what, value) => {
    expect(await verifySent(fixture, presenting(fixture, good, value))).toMatchObject({ ok: false, reason: missing });
  });

  test.each([
    "N/A",
    "é".repeat(32),
    "%00",
    "0",
    "=",
    "sha256=",
    "undefined",
    "null",
    "[object Object]",
    "Bearer",
    "Bearer ",
    "Basic !!!!",
    "Basic AAAA",
    "eyJhbGciOiJub25lIn0.e30.",
    "x".repeat(100_000),
    "00".repeat(32),
    "A".repeat(43).concat("="),
  ])("a proof that says %j is refused", async (value) => {
    expect(await verifySent(fixture, presenting(fixture, good, value))).toMatchObject({ ok: false });
  });

  test("a source without a usable secret accepts nothing, not even an empty one", async () => {
    if (fixture.secret === null) return;
    const empty = [{ id: "s0", value: "" }];
    for (const secrets of [[], empty]) {
      for (const request of [good, presenting(fixture, good, "")])
        expect(await verifySent(fixture, request, { secrets })).toMatchObject({ ok: false, reason: "no_secrets" });
    }
  });

  test("a refusal has a sentence for the operator, which repeats neither the secret nor what was presented", async () => {
    const stranger = "a-strangers-secret-value";
    for (const value of [stranger, `${stranger}, ${stranger}`, null]) {
      const result = await verifySent(fixture, presenting(fixture, good, value));
      expect(result.ok ? "" : result.detail).toMatch(/^[A-Z].*\.$/);
      expect(JSON.stringify(result)).not.toContain(stranger);
      if (fixture.secret !== null) expect(JSON.stringify(result)).not.toContain(fixture.secret);
    }
  });
});

const signed = named.filter(({ fixture }) => chosenBy(fixture).recipe.family !== "secret");

describe.each(signed)("$name, whose signature", ({ fixture }) => {
  const { recipe, scheme, preset } = chosenBy(fixture);
  const good = requestBy(fixture);
  const right = proofOf(fixture, good);
  const list = "list" in recipe ? recipe.list : undefined;

  /** The proof with each of its signatures changed. A list may contain one per key. */
  const bent = (change: (signature: string) => string): WebhookRequest =>
    presenting(fixture, good, list === undefined ? change(right) : inList(right, list, change));

  test("is refused with any one character changed", async () => {
    const length = list === undefined ? right.length : signatureIn(right, list).length;
    // A token's last character has unused bits, so a change of it may not count. Of a long signature (RSA), every seventh
    // character is changed, to save time.
    const until = recipe.family === "jwt" ? length - 1 : length;
    for (let i = 0; i < until; i += length > 400 ? 7 : 1) {
      const request = bent((text) => text.slice(0, i) + (text[i] === "0" ? "1" : "0") + text.slice(i + 1));
      expect(await verifySent(fixture, request)).toMatchObject({ ok: false });
    }
  });

  test("is refused when it is cut short or made longer", async () => {
    const changes: ((text: string) => string)[] = [
      (text) => text.slice(0, -1),
      (text) => text.slice(0, -2),
      (text) => text.slice(1),
      (text) => text.slice(0, 5),
      ...["0", "00", "="].map((more) => (text: string) => text + more),
    ];
    for (const change of changes) expect(await verifySent(fixture, bent(change))).toMatchObject({ ok: false });
  });

  testWhere(list === undefined)("is refused as doubled when it came twice, or beside another", async () => {
    for (const value of [`${right}, ${right}`, `${right},${right}`, `${right}, x`])
      expect(await verifySent(fixture, presenting(fixture, good, value))).toMatchObject({
        reason: "signature_doubled",
      });
    expect(await verifySent(fixture, presenting(fixture, good, `x, ${right}`))).toMatchObject({ ok: false });
  });

  testWhere(fixture.signs.includes("body"))("covers the body, to the byte", async () => {
    const text = textOf(good);
    const last = Math.max(text.lastIndexOf("a"), text.lastIndexOf("e"));
    const other = `${text.slice(0, last)}o${text.slice(last + 1)}`;
    for (const body of [`${text} `, `${text}&a=b`, other, "", text.slice(0, -1)]) {
      const result = await verifySent(fixture, withBody(good, body));
      expect(result).toMatchObject({ reason: expect.stringMatching(/^(signature|body_digest)_wrong$/) });
    }
    expect(await verifySent(fixture, withBody(good, new Uint8Array([...good.body, 0xff])))).toMatchObject({
      ok: false,
    });
  });

  testWhere(covers(recipe, "method"))("covers the method", async () => {
    expect(await verifySent(fixture, { ...good, method: "PUT" })).toMatchObject({ reason: "signature_wrong" });
  });

  testWhere(fixture.signs.includes("id"))("covers the id", async () => {
    const name = "idHeader" in recipe ? ([recipe.idHeader ?? []].flat().find((one) => one in good.headers) ?? "") : "";
    expect(await verifySent(fixture, withHeader(good, name, "another"))).toMatchObject({ reason: "signature_wrong" });
    expect(await verifySent(fixture, withHeader(good, name, null))).toMatchObject({ reason: "signature_missing" });
  });

  testWhere(fixture.signs.includes("url"))("covers the address as it was registered", async () => {
    const isToken = recipe.family === "jwt";
    for (const url of [
      good.url?.replace("hooks.", "other."),
      good.url?.replace("/acme", "/other"),
      `${good.url}${good.url?.includes("?") ? "&" : "?"}a=b`,
    ])
      expect(await verifySent(fixture, { ...good, url: url ?? null })).toMatchObject({
        reason: isToken ? "audience_wrong" : "signature_wrong",
      });
    expect(await verifySent(fixture, { ...good, url: null })).toMatchObject({ reason: "url_unknown" });
    // The source's `url` takes precedence over the service's address.
    const settings = { url: good.url?.replace(/\?.*/, "") ?? "" };
    expect(await verifySent(fixture, { ...good, url: "https://wrong.example.com/" }, { settings })).toMatchObject({
      ok: true,
    });
  });

  describeWhere(fixture.signs.includes("time"))("covers its time, which", () => {
    const toleranceMs = toleranceOf(recipe) * 1_000;
    const aheadMs =
      "timestamp" in recipe ? (recipe.timestamp?.aheadSeconds ?? toleranceOf(recipe)) * 1_000 : toleranceMs;
    const isToken = recipe.family === "jwt";

    test("may be off a little, for over five minutes only where the event's id is among the signed bytes", async () => {
      expect(toleranceMs).toBeGreaterThan(0);
      expect(aheadMs).toBeLessThanOrEqual(300_000);
      const settings = fullSettings(preset, { ...fixture.settings, scheme: scheme.name });
      const isNamedInside =
        !scheme.unsignedFields.includes("id") && scheme.reading(settings).id.every((place) => "path" in place);
      expect(toleranceMs).toBeLessThanOrEqual(isNamedInside ? 5_400_000 : 300_000);
      for (const off of [2_000 - toleranceMs, aheadMs - 2_000])
        expect(await verifySent(fixture, requestBy(fixture, { at: nowMs + off }))).toMatchObject({ ok: true });
    });

    test("may not be off by more, either way", async () => {
      const reason = isToken ? "token_expired" : "timestamp_outside_tolerance";
      // A token says itself until when it is right.
      const old = isToken ? 3_600_000 : toleranceMs + 2_000;
      expect(await verifySent(fixture, requestBy(fixture, { at: nowMs - old }))).toMatchObject({ reason });
      expect(await verifySent(fixture, requestBy(fixture, { at: nowMs - 86_400_000 }))).toMatchObject({ reason });
      if (isToken) return;
      expect(await verifySent(fixture, requestBy(fixture, { at: nowMs + aheadMs + 2_000 }))).toMatchObject({
        reason,
      });
    });

    test("cannot be renewed by whoever has an old request", async () => {
      const stale = requestBy(fixture, { at: nowMs - 7_200_000 });
      for (const request of renewed(recipe, stale, good)) {
        const result = await verifySent(fixture, request);
        expect(result).toMatchObject({ ok: false });
        expect(result.ok ? "" : result.reason).toMatch(/_wrong$/);
      }
    });
  });
});

function nameOf({ preset, scheme, settings }: (typeof fixtures)[number]): string {
  const said = Object.entries(settings ?? {}).map(([name, value]) => `${name}=${value.slice(0, 30)}`);
  return [preset, scheme, ...said].join(" ");
}

/** Whether a recipe covers a part of the request, from its own words. */
function covers(recipe: SignatureRecipe, part: "body" | "time" | "id" | "url" | "method"): boolean {
  if (recipe.family === "secret") return false;
  if (recipe.family === "jwt") {
    if (part === "body") return recipe.bodyHashClaim !== undefined;
    if (part === "time") return recipe.expiryRequired;
    return part === "url" && recipe.audience !== null && "url" in recipe.audience;
  }
  const { template, timestamp, bodyDigest } = recipe;
  if (part === "time") return timestamp !== undefined;
  if (part === "body") return /\{(body|form)\}/.test(template) || bodyDigest !== undefined;
  return template.includes(`{${part}}`);
}

function toleranceOf(recipe: SignatureRecipe): number {
  if (recipe.family === "secret") return 0;
  return recipe.family === "jwt" ? recipe.toleranceSeconds : (recipe.timestamp?.toleranceSeconds ?? 0);
}

/** An old request with a fresh timestamp. Null if the timestamp is inside the signed body or a token. */
function renewed(recipe: SignatureRecipe, stale: WebhookRequest, fresh: WebhookRequest): WebhookRequest[] {
  if (recipe.family === "secret" || recipe.family === "jwt" || recipe.timestamp === undefined) return [];
  const { from } = recipe.timestamp;
  if ("header" in from) return [withHeader(stale, from.header, fresh.headers[from.header] ?? null)];
  if ("path" in from) return [withBody(stale, fresh.body)];
  const name = [recipe.header].flat()[0] ?? "";
  const { item, pair } = recipe.list ?? { item: ",", pair: "=" };
  const items = (request: WebhookRequest) => (request.headers[name] ?? "").split(item);
  const isTime = (text: string) => text.trim().startsWith(`${from.part}${pair}`);
  const mixed = items(stale).map((text) => (isTime(text) ? (items(fresh).find(isTime) ?? "") : text));
  return [withHeader(stale, name, mixed.join(item))];
}

function signatureIn(header: string, { item, pair, signature }: SignatureList): string {
  const found = header.split(item).find((text) => text.trim().startsWith(`${signature}${pair}`));
  return found === undefined ? "" : found.trim().slice(signature.length + pair.length);
}

function inList(header: string, { item, pair, signature }: SignatureList, change: (text: string) => string): string {
  const before = `${signature}${pair}`;
  return header
    .split(item)
    .map((text) => (text.trim().startsWith(before) ? before + change(text.trim().slice(before.length)) : text))
    .join(item);
}
