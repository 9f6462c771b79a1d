import { describe, expect, test } from "vitest";
import { createDoor, type DoorDeps } from "../../src/http/door.ts";
import { doorAddress, isDoorUrl, isProbe } from "../../src/http/door-address.ts";
import { eventId, randomId, sha256Hex } from "../../src/platform/hashes.ts";
import type { Rejection } from "../../src/ports/ingest/rejections.ts";
import { port } from "../flows/ports.ts";
import { sourceCopy } from "../source-copy.ts";

const origin = "https://hooks.example.com";

describe("an address", () => {
  test.each<[string, string, string | null]>([
    ["/in/acme", "acme", null],
    ["/in/acme/", "acme", null],
    ["/in/acme//", "acme", null],
    ["//in/acme", "acme", null],
    ["/in//acme/", "acme", null],
    ["///in///acme///", "acme", null],
    ["/in/Acme-Orders", "acme-orders", null],
    ["/in/ACME/", "acme", null],
    ["/in/acme%20", "acme", null],
    ["/in/%61cme", "acme", null],
    ["/in/acme?token=x", "acme", null],
    ["/in/acme/?token=a/b", "acme", null],
    ["/in/acme#part", "acme", null],
    ["/in/acme/KEY", "acme", "KEY"],
    ["/in/acme/KEY/", "acme", "KEY/"],
    ["/in/acme//KEY", "acme", "/KEY"],
    ["/in/acme/a+b/c==", "acme", "a+b/c=="],
    ["/in/acme/a%2Bb%2Fc%3D%3D", "acme", "a+b/c=="],
    ["/in/acme/%zz", "acme", "%zz"],
    ["/in/%zz", "%zz", null],
  ])("%s is the source %s with the key %s", (path, slug, key) => {
    expect(isDoorUrl(origin + path)).toBe(true);
    expect(doorAddress(origin + path)).toEqual({ slug, key });
  });

  test.each(["/in", "/in/", "/in//", "/inbox/acme", "/v1/in/acme", "/", ""])("%s is no source's", (path) => {
    expect(doorAddress(`${origin}${path}`)).toBeNull();
  });

  test.each(["/in", "/v1/calls", "/inn/acme", "//v1", "/", ""])("%s is not the door's", (path) => {
    expect(isDoorUrl(origin + path)).toBe(false);
  });
});

describe("a probe", () => {
  const request = (method: string, path: string, headers: Record<string, string> = {}) =>
    new Request(origin + path, { method, headers });
  test.each<[string, Request, boolean]>([
    ["HEAD", request("HEAD", "/in/acme"), true],
    ["HEAD with a query", request("HEAD", "/in/acme?a=1"), true],
    ["GET", request("GET", "/in/acme"), true],
    ["GET with a key", request("GET", "/in/acme/KEY"), true],
    ["GET with a secret in the query", request("GET", "/in/acme?token=q+Z/a"), true],
    ["GET with a secret under its own name", request("GET", "/in/acme?x-api-key=1"), true],
    ...["api_key", "webhook-secret", "X-Signature", "apikey", "sig"].map((name): [string, Request, boolean] => [
      `GET with ${name}`,
      request("GET", `/in/acme?${name}=1`),
      true,
    ]),
    ...["author", "keyword", "passenger", "monkey", "order_key", "authorization_id"].map(
      (name): [string, Request, boolean] => [`GET with ${name}`, request("GET", `/in/acme?${name}=1`), false],
    ),
    ["GET with an empty query", request("GET", "/in/acme?"), true],
    ["GET with an event in the query", request("GET", "/in/acme?phone=%2B14155550100"), false],
    ["GET with a secret and an event", request("GET", "/in/acme?token=a&phone=1"), false],
    ["GET with a secret twice", request("GET", "/in/acme?token=a&token=b"), false],
    ["GET with a body", request("GET", "/in/acme", { "content-length": "12" }), false],
    ["GET with a body of no known length", request("GET", "/in/acme", { "transfer-encoding": "chunked" }), false],
    ["GET with a body of no bytes", request("GET", "/in/acme", { "content-length": "0" }), true],
    ["POST", request("POST", "/in/acme"), false],
    ["PUT", request("PUT", "/in/acme"), false],
    ["OPTIONS", request("OPTIONS", "/in/acme"), false],
  ])("is %s: %s", (_what, one, expected) => {
    expect(isProbe(one)).toBe(expected);
  });
});

const acme = sourceCopy({ slug: "acme", preset: "bearer" });

/** A door with one source, `acme`. Every question to an inbox is noted. */
function stage() {
  const asked: string[] = [];
  const rejections: Rejection[] = [];
  const deps = port<DoorDeps>({
    clock: { now: () => 1_767_636_000_000 },
    identity: { eventId, sha256Hex, randomId },
    takesEvidence: () => true,
    addressOf: () => origin,
    isAway: () => false,
    webhooks: port<DoorDeps["webhooks"]>({
      evidence: async () => ({
        method: "GET",
        url: null,
        headers: {},
        body: null,
        bodyKept: "unsigned",
        presented: null,
      }),
    }),
    inboxes: port<DoorDeps["inboxes"]>({
      describe: async (slug) => {
        asked.push(slug);
        return slug === "acme" ? acme : null;
      },
      reject: async (_slug, rejection) => void rejections.push(rejection),
    }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const app = createDoor(() => deps);
  const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };
  const knock = async (method: string, path: string) =>
    await app.request(new Request(origin + path, { method }), undefined, {}, context);
  return { knock, asked, rejections };
}

describe("the door", () => {
  test("answers a probe with the same line for every path, and asks nobody", async () => {
    const { knock, asked, rejections } = stage();
    const answers = new Set<string>();
    for (const path of ["/in/acme", "/in/nobody", "/in/acme/", "/in/ACME/KEY", "/in/acme?token=a", "/in/mihu/key"]) {
      const answer = await knock("GET", path);
      answers.add(`${answer.status} ${await answer.text()}`);
      expect((await knock("HEAD", path)).status).toBe(200);
    }
    expect([...answers]).toEqual(["200 Webhooks are accepted here by POST only.\n"]);
    expect([asked, rejections]).toEqual([[], []]);
    for (const path of ["/in/api", "/in/mihu", "/in/a_b", "/in/%00"])
      expect((await knock("GET", path)).status).toBe(404);
  });

  test.each([
    ["GET", "/in/acme?phone=%2B14155550100"],
    ["GET", "/in/acme/?type=lead&id=1"],
    ["PUT", "/in/acme"],
    ["PATCH", "/in/ACME"],
    ["DELETE", "/in/acme/KEY"],
  ])("refuses %s %s, and the operator sees it", async (method, path) => {
    const { knock, rejections } = stage();
    const answer = await knock(method, path);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect(rejections).toMatchObject([{ code: "method_not_allowed", detail: expect.stringContaining(method) }]);
    expect(JSON.stringify(rejections)).not.toContain("4155550100");
  });

  test("refuses them to a source that there is not in the same words, and tells nobody", async () => {
    const { knock, rejections } = stage();
    const [here, nowhere] = [await knock("PUT", "/in/acme"), await knock("PUT", "/in/nobody")];
    expect(await here.text()).toBe(await nowhere.text());
    expect((await knock("OPTIONS", "/in/acme")).status).toBe(405);
    expect(rejections).toHaveLength(1);
  });
});
