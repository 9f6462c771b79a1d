import { expect, test } from "vitest";
import { callStatuses, outcomes } from "../../src/domain/calls/call.ts";
import {
  callRow,
  emptyWorld,
  entryRow,
  eventRow,
  type PagesWorld,
  pagesNowMs,
  readPage,
  unplacedCall,
} from "./world.ts";

function worldOf(call = callRow()): { world: PagesWorld; path: string } {
  const world = emptyWorld();
  world.calls.push(call);
  return { world, path: `/calls/${call.id}` };
}

test("A call's page tells what became of it, what was said, and where it came from.", async () => {
  const { world, path } = worldOf();
  const { status, html } = await readPage(world, path);
  expect(status).toBe(200);
  for (const shown of [
    "The call was placed and completed, after 2 min 13 s.",
    "The customer wants a new box",
    "The customer is Jo Lee.",
    "You are Michael from support.",
    "Hello Jo, this is Acme",
    "b4b5f3fa-37a7-4a83-9a2c-0d4d3c7a1e55",
    "call-me</bdi></a>, version 3",
    "order 987",
    "Mon 23 Nov 2026, 15:31:07 UTC",
  ])
    expect(html).toContain(shown);
});

test("What a customer wrote is isolated in a text, so that its direction moves neither its marks nor the words beside them.", async () => {
  const call = callRow({ about: "Order 1 of «אבג» 2 and «a <b>» (3).", prompt: "Say « what” you” like." });
  const { html } = await readPage(worldOf(call).world, `/calls/${call.id}`);
  expect(html).toContain("Order 1 of <bdi>«אבג»</bdi> 2 and <bdi>«a &lt;b&gt;»</bdi> (3).");
  expect(html).toContain("Say « what” you” like.");
});

test("The timeline tells every entry and verdict in words, oldest first, and who did it.", async () => {
  const call = callRow();
  const { world, path } = worldOf(call);
  world.events.push(eventRow({ id: call.eventId, state: "planned", reason: null }));
  world.verdicts.push(
    { at: pagesNowMs - 9, gate: "countries", verdict: "pass", inputs: { country: "US" } },
    { at: pagesNowMs - 9, gate: "from_the_future", verdict: "stop", inputs: {} },
  );
  world.entries.push(
    entryRow(call.id, "queued", { at: pagesNowMs - 8 }),
    entryRow(call.id, "queued", { at: pagesNowMs - 7, actor: "line:support-en", reason: "rate_limited" }),
    entryRow(call.id, "placed", { at: pagesNowMs - 6, actor: "line:support-en" }),
    entryRow(call.id, "ended", { at: pagesNowMs - 5, actor: "mihu", data: { outcome: "no_answer" } }),
    entryRow(call.eventId, "conflict", { at: pagesNowMs - 4, actor: "source:acme-orders", reason: "another body" }),
    entryRow(call.id, "moved_to_mars", { at: pagesNowMs - 3, actor: "sweep" }),
    entryRow(call.id, "read", { at: pagesNowMs - 2, actor: "token:8a1f0c52-0000-4000-8000-000000000001" }),
  );
  const { html } = await readPage(world, path);
  const told = [
    "May the line ring this country? <strong>yes</strong>",
    "Gate from the future: <strong>stop</strong>",
    "<strong>Queued</strong>",
    "<strong>Back in the queue</strong>",
    "Mihu asked to slow down",
    "<strong>Placed: Mihu has the call</strong>",
    "<strong>Ended: no answer</strong>",
    "another body",
    "<strong>moved to mars</strong>",
    "Read in full once",
    "by <bdi>Ada, support</bdi></li>",
  ].map((words) => html.indexOf(words));
  expect(told).not.toContain(-1);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

test("A reason is explained in words, with its code and its evidence; one of another version is shown as it is.", async () => {
  const held = unplacedCall({ status: "held", reason: "placeholder", detail: { path: "data.customer.first_name" } });
  const { html } = await readPage(worldOf(held).world, `/calls/${held.id}`);
  expect(html).toContain("A text uses a field that is missing or empty");
  expect(html).toContain("data.customer.first_name");
  const odd = unplacedCall({ status: "skipped", reason: "moon_phase" });
  expect((await readPage(worldOf(odd).world, `/calls/${odd.id}`)).html).toContain("moon_phase");
});

test.each(callStatuses)("A call that is %s has a headline of its own.", async (status) => {
  const call = unplacedCall({ status, reason: "canceled" });
  const { world, path } = worldOf(status === "ended" ? callRow() : call);
  expect((await readPage(world, path)).html).toMatch(/<h1>[A-Z][^<]{10,}\.<\/h1>/);
});

test.each(outcomes)("The outcome %s has a headline of its own.", async (outcome) => {
  const { world, path } = worldOf(callRow({ outcome, durationS: null }));
  expect((await readPage(world, path)).html).toMatch(/<h1>The call was placed[^<]+\.<\/h1>/);
});

test("Without pii:read neither number, text, summary, link nor evidence that quotes them is in the page.", async () => {
  const call = callRow({ detail: { detail: "Mihu says: +14155550100 is Jo" } });
  const { world, path } = worldOf(call);
  world.entries.push(entryRow(call.id, "placed", { data: { detail: "number +14155550100", mihu_id: "call_01J9" } }));
  const { status, html } = await readPage(world, path, "token-of-bob");
  expect(status).toBe(200);
  for (const secret of ["4155550100", "Jo", "new box", "Michael", "acme.mihu.ai"]) expect(html).not.toContain(secret);
  expect(html).toContain("+1•••••00");
  expect(html).toContain("pii:read");
});

test("A conversation that holds several calls links to the others.", async () => {
  const { world, path } = worldOf();
  const other = callRow({ try: 2 });
  world.calls.push(other);
  const { html } = await readPage(world, path);
  expect(html).toContain(`href="/calls/${other.id}"`);
});

test.each(["00000000-0000-4000-8000-999999999999", "x", "1%20or%201=1", "%00", "..%2f..%2fv1"])(
  "A call that is not there (%s) is a page with 404.",
  async (id) => {
    const { status, html } = await readPage(emptyWorld(), `/calls/${id}`);
    expect(status).toBe(404);
    expect(html).toContain("There is nothing here");
  },
);

test.each([
  ["held", { closed: false, ruleMode: "off" }, "The rule &quot;call-me&quot; is off."],
  ["queued", { closed: false, ruleMode: null }, "The rule &quot;call-me&quot; was removed."],
  ["held", { closed: true, ruleMode: null }, "is closed."],
] as const)("A %s call's page warns of %j: %s", async (status, maker, said) => {
  const { world, path } = worldOf(unplacedCall({ status, maker, mode: "live", rule: "call-me" }));
  const { html } = await readPage(world, path);
  expect(html).toContain(said);
  expect(html).toContain("this call still rings if you release it or try it again.");
});

test("A call's page warns of nothing while its rule makes such calls, and of no call that a stop concerns.", async () => {
  const closed = { closed: true, ruleMode: null };
  const waits = { reason: "source_closed", detail: null, since: null, until: null };
  for (const call of [
    unplacedCall({ status: "held", mode: "live", maker: { closed: false, ruleMode: "live" } }),
    unplacedCall({ status: "queued", mode: "live", maker: closed, waits }),
  ]) {
    const { world, path } = worldOf(call);
    expect((await readPage(world, path)).html).not.toContain("still rings if");
  }
});
