import { expect, test } from "vitest";
import { createLog, scrubText, seldom } from "../../src/platform/log.ts";

/** Fields as a line of the log shows them. */
function fieldsIn(fields: Readonly<Record<string, unknown>>): unknown {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  createLog({ info: keep, warn: keep, error: keep }).info("x", fields);
  const { level, at, message, ...shown } = JSON.parse(lines[0] ?? "");
  return shown;
}

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
const jwe = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn";

const replaced: readonly [string, string][] = [
  ["rang +14155550100.", "rang [number]."],
  ["rang +1 (415) 555-0100 twice", "rang [number] twice"],
  ["rang +44 20 7946 0958", "rang [number]"],
  ["phone=%2B14155550100&page=1", "phone=[number]&page=1"],
  ["/conversations %2B14155550100", "/conversations [number]"],
  ["rang (415) 555-0100", "rang [number]"],
  ["rang 415.555.0100", "rang [number]"],
  ["rang 4155550100", "rang [number]"],
  ['{"to":"0044 20 7946 0958"}', '{"to":"[number]"}'],
  ["tel:4155550100", "tel:[number]"],
  [`token ${jwt} refused`, "token [token] refused"],
  [`opened ${jwe}`, "opened [token]"],
  [`Authorization: Bearer ${jwt}`, "Authorization: Bearer [token]"],
  ["Authorization: bearer aGVsbG8td29ybGQ", "Authorization: bearer [secret]"],
  ["Basic dXNlcjpwYXNz", "Basic [secret]"],
  ["postgres://hookline:pass@db.example/x", "postgres://[secret]@db.example/x"],
  ["POST /in/acme-orders/k3y-of-zapier?x=1", "POST /in/acme-orders/[secret]?x=1"],
  ["/v1/calls?api_key=abc&limit=2", "/v1/calls?api_key=[hidden]&limit=2"],
  ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[secret]"],
];

test.each(replaced)("%j is written as %j.", (text, written) => {
  expect(scrubText(text)).toBe(written);
});

const kept = [
  "call 550e8400-e29b-41d4-a716-446655440000 was placed",
  "call 12345678-1234-4234-9234-12345678901a was placed",
  "at 2026-11-23T15:10:00.123Z, again at 2026-11-24 08:00:00",
  "hash e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "order #12345 of shop 987654",
  "409 webhook_limit_reached after 30000 ms",
  "connect ECONNREFUSED 127.0.0.1:54321",
  "POST /in/acme-orders answered 401",
  "basic auth failed",
];

test.each(kept)("%j stays as it is.", (text) => {
  expect(scrubText(text)).toBe(text);
});

test("A long text is cut after it was scrubbed, so that no half of a number is left at its end.", () => {
  const text = `${"x".repeat(490)} +14155550100`;
  expect(scrubText(text)).toBe(`${"x".repeat(490)} [number]`);
  expect(scrubText("y ".repeat(5_000)).length).toBe(501);
  expect(scrubText(`${`${jwt} `.repeat(140)}+14155550100`)).not.toMatch(/415|eyJ/);
});

test.each([
  "secret",
  "client_secret",
  "secrets",
  "token",
  "mihuToken",
  "accessTokens",
  "Authorization",
  "authorization_header",
  "password",
  "set-cookie",
  "api_key",
  "apiKey",
  "number",
  "phone_number",
  "to_phone",
  "body",
  "rawBody",
  "about",
  "prompt",
  "greeting",
  "summary",
  "signature",
])("A field named %s is hidden, whatever it holds.", (name) => {
  expect(fieldsIn({ [name]: "x" })).toEqual({ [name]: "[hidden]" });
  expect(fieldsIn({ [name]: 4155550100 })).toEqual({ [name]: "[hidden]" });
  expect(fieldsIn({ deep: [{ [name]: { a: 1 } }] })).toEqual({ deep: [{ [name]: "[hidden]" }] });
});

test.each(["body_bytes", "tokenId", "secret_id", "number_count", "keyed", "about_us", "status", "outcome_raw"])(
  "A field named %s is shown.",
  (name) => {
    expect(fieldsIn({ [name]: "x" })).toEqual({ [name]: "x" });
  },
);

test("That a hidden field is empty, missing or a yes or no is shown.", () => {
  const fields = { token: null, secret: "", body: undefined, number: false };
  expect(fieldsIn(fields)).toEqual(fields);
});

test("An error is its name, its code and its scrubbed message: no stack, and nothing else that hangs on it.", () => {
  const error = Object.assign(new TypeError("no call to +14155550100"), { code: "23505", detail: "Key (number)=(x)" });
  expect(fieldsIn({ error })).toEqual({ error: { name: "TypeError", code: "23505", message: "no call to [number]" } });
});

test("A line is one JSON object whose level, time and message no field can replace.", () => {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  const log = createLog({ info: keep, warn: keep, error: keep }, { now: () => 1_700_000_000_000 });
  log.warn("line paused\nfor +14155550100", { level: "info", message: "x", at: 1, line: "support-en", ms: 12 });
  expect(lines).toEqual([
    '{"level":"warn","at":"2023-11-14T22:13:20.000Z","message":"line paused\\nfor [number]","line":"support-en","ms":12}',
  ]);
});

test("Nothing that can be given to a log makes it throw.", () => {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  const log = createLog({ info: keep, warn: keep, error: keep });
  const ring: Record<string, unknown> = { big: 1n, not: Number.NaN, fn: () => 1, symbol: Symbol("x") };
  ring.self = ring;
  const trap = {
    get x() {
      throw new Error("trap");
    },
  };
  log.info("a", ring);
  log.error("b", trap);
  log.error("c", { list: Array.from({ length: 1_000 }, () => 1) });
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? "").list).toHaveLength(20);
});

test("A level goes to the sink's function of that level.", () => {
  const seen: string[] = [];
  const log = createLog({
    info: () => seen.push("info"),
    warn: () => seen.push("warn"),
    error: () => seen.push("error"),
  });
  log.error("x");
  log.info("x");
  log.warn("x");
  expect(seen).toEqual(["error", "info", "warn"]);
});

test("of a flood of lines one a second of each kind is written, and each says how many were left out before it", () => {
  const note = seldom(1_000);
  const written: unknown[] = [];
  for (let ms = 0; ms < 3_000; ms++)
    for (const kind of ["signature", "expired"])
      note(kind, ms, (before) => written.push([kind, Math.floor(ms / 1_000), before]));
  expect(written).toEqual([
    ["signature", 0, {}],
    ["expired", 0, {}],
    ["signature", 1, { left_out: 999 }],
    ["expired", 1, { left_out: 999 }],
    ["signature", 2, { left_out: 999 }],
    ["expired", 2, { left_out: 999 }],
  ]);
});

test("lines that come seldom are all written, with nothing beside them", () => {
  const note = seldom(1_000);
  const written: unknown[] = [];
  for (let nth = 0; nth < 5; nth++) note("one", nth * 1_000, (before) => written.push(before));
  expect(written).toEqual([{}, {}, {}, {}, {}]);
});
