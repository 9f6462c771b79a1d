/** The verbs of hooks, deliveries and calls, against the whole with a receiver of this machine. */
import { createServer, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { freePort } from "../../../dev/stack/network.ts";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";
import { environmentOf, runHookline } from "../../command-line.ts";

let stack: Stack;
let url: string;
/** The receiver's answer, and the requests that it got. */
let answer = { status: 200, body: "thank you" };
const got: { headers: IncomingMessage["headers"]; body: string }[] = [];
const receiver = createServer((request, response) => {
  const parts: string[] = [];
  request.on("data", (part) => void parts.push(String(part)));
  request.on("end", () => {
    got.push({ headers: request.headers, body: parts.join("") });
    response.writeHead(answer.status).end(answer.body);
  });
});

beforeAll(async () => {
  stack = await startStack({ cluster: inject("cluster") });
  const port = await freePort();
  await new Promise<void>((done) => receiver.listen(port, "127.0.0.1", done));
  url = `http://127.0.0.1:${port}/hook`;
});
afterAll(async () => {
  await stack?.stop();
  receiver.close();
});
beforeEach(() => {
  got.length = 0;
  answer = { status: 200, body: "thank you" };
});

const hookline = (args: string[], env: Record<string, string> = {}) =>
  runHookline(args, { ...environmentOf(stack), ...env });
const add = () => hookline(["hooks", "add", url, "--events", "call.*", "--header-env", "X-Key=KEY"], { KEY: "k-123" });
const idOf = async () => (await hookline(["hooks", "show", url])).out.match(/^id +(\S+)/)?.[1] ?? "";

test("a hook is made with its secret on standard output alone, and once", async () => {
  const made = await add();
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^whsec_\S+$/) });
  expect(made.said).toContain(`made: ${url}`);
  expect(await add()).toMatchObject({
    code: 0,
    out: "",
    said: expect.stringContaining("its secret is not shown again"),
  });
  const listed = await hookline(["hooks"]);
  expect(listed.out).toMatch(new RegExp(`^[0-9a-f-]{36}  active +0 wait  call\\.\\* +${url}$`));
  expect(listed.said).toBe("1 hook");
  const shown = await hookline(["hooks", "show", (await idOf()).slice(0, 10)]);
  expect(shown.out).toMatch(/headers +x-key/i);
  expect(shown.text).not.toMatch(/whsec_|k-123/);
});

test("a test prints the receiver's answer, and ends with 1 if it refuses", async () => {
  const good = await hookline(["hooks", "test", url]);
  expect(good).toMatchObject({ code: 0, said: expect.stringMatching(/^delivered at /) });
  expect(good.out).toMatch(/try 1: answered 200 after \d+ ms\n {2}thank you$/);
  expect(got[0]?.headers).toMatchObject({ "x-key": "k-123" });
  answer = { status: 500, body: "out of\u001b[2J order" };
  const bad = await hookline(["hooks", "test", url]);
  expect([bad.code, bad.out]).toEqual([1, expect.stringMatching(/answered 500 after \d+ ms\n {2}out of�\[2J order$/)]);
  expect(bad.said).toMatch(/^not delivered yet, after 1 try; the next one is at 20/);
});

test("deliveries are listed by state, shown with their tries, and delivered again", async () => {
  answer = { status: 410, body: "" };
  await hookline(["hooks", "test", url]);
  const ended = await hookline(["hooks"]);
  expect(ended.out).toMatch(/^\S+ {2}disabled/);
  expect(ended.said).toBe("1 hook, 1 not active");
  expect(await hookline(["hooks", "test", url])).toMatchObject({
    code: 1,
    said: expect.stringContaining("nothing is sent: the hook is disabled"),
  });
  const listed = await hookline(["deliveries", url, "--state", "given_up"]);
  const id = listed.out.match(/[0-9a-f-]{36}/)?.[0] ?? "";
  expect(id).not.toBe("");
  const paused = await hookline(["deliveries", "redeliver", id]);
  expect(paused).toMatchObject({
    code: 1,
    said: expect.stringContaining("it is due again, and waits: the hook is disabled"),
  });

  answer = { status: 200, body: "" };
  got.length = 0;
  expect((await hookline(["hooks", "resume", url])).said).toContain("and it is active");
  await expect.poll(() => got.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const before = got.length;
  const again = await hookline(["deliveries", "redeliver", id]);
  expect(again.code).toBe(again.said.includes("waits for its next try") ? 1 : 0);
  expect(got.length).toBeGreaterThanOrEqual(before);
  const shown = await hookline(["deliveries", "show", id]);
  expect(shown.out).toMatch(/^hook\.test, made at .*\n(.*\n)*.*answered 410 after/);
  expect(shown.out).toContain('{"type":"hook.test"');
});

test("a redelivery of many follows its task to the end", async () => {
  await hookline(["hooks", "test", url]);
  got.length = 0;
  const all = await hookline(["deliveries", "redeliver", "--hook", url, "--since", "1h", "--all"]);
  expect(all).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ deliver(y|ies) to \S+ since 20\S+: due again$/),
  });
  const many = Number(all.out.split(" ")[0]);
  expect(many).toBeGreaterThanOrEqual(1);
  await expect.poll(() => got.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(many);
  const none = await hookline(["deliveries", "redeliver", "--hook", url, "--since", "2099-01-01"]);
  expect(none.out).toMatch(/^0 deliveries/);
});

test("a hook is paused with its reason, resumed and rotated, and a rotation prints the new secret", async () => {
  expect((await hookline(["hooks", "pause", url])).code).toBe(2);
  expect((await hookline(["hooks", "pause", url, "--reason", "moving house"])).said).toContain("and it is paused");
  expect((await hookline(["hooks"])).out).toMatch(/paused[^\n]*\n {2}since 20\S+: .*\(moving house\)/);
  expect((await hookline(["hooks", "resume", url])).code).toBe(0);
  const rotated = await hookline(["hooks", "rotate", url]);
  expect(rotated.out).toMatch(/^whsec_\S+$/);
  expect(rotated.said).toContain("the former secret signs too until");
  expect((await hookline(["hooks", "show", url])).out).toContain("the former one signs too until");
});

test("calls are listed by filters and shown with their timeline, masked by the token's scopes", async () => {
  await stack.api("/v1/lines/desk", { method: "PUT", json: { agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2" } });
  const json = { line: "desk", number: "+12125550110", about: "Say hello.", order_number: "#77" };
  expect((await stack.api("/v1/calls", { method: "POST", json })).status).toBe(202);
  await expect.poll(() => got.map(({ body }) => body).join(), { timeout: 20_000 }).toContain('"type":"call.placed"');
  const listed = await hookline(["calls", "list", "--filter", "order_number=#77"]);
  expect(listed.out).toContain("+12125550110");
  expect(listed.said).toBe("1 call");
  const id = listed.out.match(/[0-9a-f-]{36}/)?.[0] ?? "";
  const HOOKLINE_TOKEN = await stack.tokenFor(["calls:read"]);
  const shown = await hookline(["calls", "show", id], { HOOKLINE_TOKEN });
  expect(shown.out).toMatch(/^order +#77$/m);
  expect(shown.out).toMatch(/ {2}queued, by /);
  expect(shown.text).not.toMatch(/5550110|Say hello/);
  expect(await hookline(["calls", "--filter", "number=+12125550110"], { HOOKLINE_TOKEN })).toMatchObject({ code: 1 });
  expect((await hookline(["calls", "--filter", "status=nothing"])).code).toBe(1);
  expect((await hookline(["calls", "--filter", "order_number=none"])).said).toBe("no call matches");
});

test.each<[string, string[], string]>([
  ["an unknown verb", ["hooks", "ad", "https://a.example.com"], 'there is no verb "hooks ad"'],
  ["no URL", ["hooks", "add", "--events", "call.*"], "name the URL"],
  ["no events", ["hooks", "add", "https://a.example.com"], "name the events"],
  [
    "a header without a value",
    ["hooks", "add", "https://a.example.com", "--events", "*", "--header", "X"],
    "--header takes",
  ],
  [
    "a variable that is not set",
    ["hooks", "add", "https://a.example.com", "--events", "*", "--header-env", "X=NO"],
    "NO is not set",
  ],
  [
    "a header twice",
    ["hooks", "add", "https://a.example.com", "--events", "*", "--header", "X: 1", "--header", "x: 2"],
    "given twice",
  ],
  ["no hook", ["hooks", "show"], "name the hook"],
  ["no state of deliveries", ["deliveries", "x", "--state", "lost"], "--state is one of pending, delivered"],
  ["a time that is none", ["deliveries", "redeliver", "--hook", "x", "--since", "soon"], "--since takes 90m"],
  ["since without a hook", ["deliveries", "redeliver", "--since", "1h"], "--since and --all go with --hook"],
  ["no whole number", ["calls", "--limit", "0"], "--limit takes a whole number"],
])("wrong usage ends with 2 before anything is sent: %s", async (_, args, sentence) => {
  expect(await hookline(args)).toMatchObject({ code: 2, out: "", said: expect.stringContaining(sentence) });
});

test("a hook that is not there, two of one URL, and a mistake of the API are said in a sentence", async () => {
  expect((await hookline(["hooks", "show", "https://none.example.com"])).said).toContain(
    'there is no hook "https://none',
  );
  const wrong = await hookline(["hooks", "add", "https://a.example.com", "--events", "call.revew"]);
  expect([wrong.code, wrong.said]).toEqual([1, expect.stringContaining('did you mean "call.review"?')]);
});

test("a removed hook is gone", async () => {
  expect((await hookline(["hooks", "remove", url])).said).toContain(`removed: ${url}`);
  expect((await hookline(["hooks"])).said).toContain("there are no hooks");
});
