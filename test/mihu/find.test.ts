import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../dev/simulator/index.ts";
import { mihuVoice } from "../../src/mihu/client.ts";
import { bytesOf, type RawServer, startRawServer } from "../platform/raw-server.ts";

const agent = "32d8fc98-be1e-4d32-a12e-146f397fb1cb2";
const number = "+14155550100";
const clock = { now: () => Date.now() };
const iso = (ms: number) => new Date(ms).toISOString();

describe("among what the simulator has", () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator({ callMs: 3_600_000 });
  });
  afterEach(() => simulator.close());

  const voice = () => mihuVoice({ baseUrl: simulator.baseUrl, token: simulator.token, clock });
  const find = () => voice().find(agent, number, Date.now());
  async function foreign(deviation: object) {
    const answer = await fetch(`${simulator.url}/__conversations`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ agentId: agent, number, ...deviation }),
    });
    return (await answer.json()) as { uuid: string; call_uuid: string };
  }
  async function ring() {
    const answer = await voice().place({
      id: "0190aaaa-0000-8000-8000-000000000001",
      agent,
      number,
      about: "It is about their order.",
      prompt: null,
      promptOverwrite: false,
      greeting: null,
      openMs: null,
      claimSeq: 1,
      eventId: "event-1",
      rule: "call-me",
      try: 1,
    });
    if (answer.kind !== "placed") throw new Error(`not placed: ${answer.kind}`);
    return answer;
  }

  test("A call whose answer was lost is found with its ids and the moment at which it began.", async () => {
    const before = Date.now();
    const { conversationUuid, contactUuid, mihuId } = await ring();
    const found = await find();
    expect(found).toMatchObject({
      complete: true,
      calls: [
        {
          conversationUuid,
          contactUuid,
          callId: mihuId,
          agent,
          number,
          channel: "call",
          simulation: false,
          inbound: false,
          campaign: false,
          task: false,
        },
      ],
    });
    expect(found?.calls[0]?.moments[0]).toBeGreaterThanOrEqual(before - 1);
  });

  test("Each call of one conversation is told with its own id and moment.", async () => {
    const [first, second] = [await ring(), await ring()];
    expect(second.conversationUuid).toBe(first.conversationUuid);
    const found = await find();
    expect(found?.calls.map(({ callId }) => callId).sort()).toEqual([first.mihuId, second.mihuId].sort());
    expect(found?.calls.every(({ moments }) => moments.length === 1)).toBe(true);
  });

  test.each([
    [{ type: "inbound" }, { inbound: true }],
    [{ is_simulation: true }, { simulation: true }],
    [{ campaign_uuid: "c-1" }, { campaign: true }],
    [{ task_uuids: ["t-1"] }, { task: true }],
  ])("A conversation that is %j says so.", async (deviation, mark) => {
    const { uuid } = await foreign(deviation);
    expect((await find())?.calls).toMatchObject([{ conversationUuid: uuid, ...mark }]);
  });

  test("A number that only contains ours, and another agent's conversation, are not among them.", async () => {
    await foreign({ number: `${number}9` });
    await foreign({ agentId: "another-agent" });
    expect(await find()).toEqual({ calls: [], complete: true });
  });

  test("More conversations than are looked through are said not to be all.", async () => {
    for (let index = 0; index < 201; index++) await foreign({});
    const found = await find();
    expect(found?.calls).toHaveLength(200);
    expect(found?.complete).toBe(false);
  });

  test("A list that fails is null, and not an empty list.", async () => {
    await ring();
    simulator.setFaults({ list_500: 1 });
    expect(await find()).toBeNull();
    simulator.setFaults({ list_500: 0, token_revoked: true });
    expect(await find()).toBeNull();
  });
});

describe("in answers of other shapes", () => {
  let raw: RawServer | undefined;
  afterEach(async () => {
    await raw?.close();
    raw = undefined;
  });
  const at = Date.now();
  const conversation = {
    uuid: "c-1",
    agent_uuid: agent,
    created_at: iso(at - 86_400_000),
    updated_at: iso(at + 1_000),
    contact: { uuid: "k-1", phone_number: "+1 (415) 555-0100" },
    session_uuids: ["s-1", "s-2"],
    call: { uuid: "call-2" },
  };
  async function findIn(conversations: unknown, sessions: unknown = [], sessionsStatus = 200) {
    raw = await startRawServer((socket, request) => {
      const isSessions = request.includes("/sessions");
      const data = isSessions ? sessions : conversations;
      socket.end(bytesOf(isSessions ? sessionsStatus : 200, JSON.stringify({ success: true, data })));
    });
    return await mihuVoice({ baseUrl: raw.url, token: "t", clock }).find(agent, number, at);
  }

  test("The plus of the number is escaped, and agent, channel and order are asked for.", async () => {
    await findIn({ data: [], last_page: 1 });
    const line = raw?.requests[0]?.split("\r\n")[0];
    expect(line).toContain("GET /api/v1/conversations?phone=%2B14155550100&");
    expect(line).toContain(`agent_uuid=${agent}&channel=call&sort_by=created_at&sort_dir=desc&page=1&per_page=50`);
  });

  test("Of an older conversation the sessions tell what began when.", async () => {
    const found = await findIn(
      { data: [conversation] },
      {
        data: [
          { call_uuid: "call-2", started_at: iso(at + 1_000) },
          { call_uuid: "call-1", started_at: iso(at - 1e7) },
        ],
      },
    );
    expect(found?.calls).toMatchObject([
      { callId: "call-2", number, moments: [at + 1_000] },
      { callId: "call-1", number, moments: [at - 1e7] },
    ]);
  });

  test("A session that says that it is inbound is told as such.", async () => {
    const session = { call_uuid: "call-2", started_at: iso(at), direction: "inbound" };
    expect((await findIn({ items: [conversation] }, { items: [session] }))?.calls).toMatchObject([{ inbound: true }]);
  });

  test("A conversation in which nothing stirred since the claim is not read further.", async () => {
    const quiet = { ...conversation, updated_at: iso(at - 60_000) };
    expect(await findIn({ data: [quiet] })).toEqual({ calls: [], complete: true });
    expect(raw?.requests).toHaveLength(1);
  });

  test("A conversation that has no call and no session yet is a call without an id.", async () => {
    const fresh = { ...conversation, created_at: iso(at + 2_000), session_uuids: [], call: null };
    expect((await findIn({ data: [fresh] }, { data: [] }))?.calls).toMatchObject([
      { callId: null, moments: [at + 2_000] },
    ]);
  });

  test.each<[string, unknown, unknown, number]>([
    ["the sessions cannot be read", { data: [conversation] }, { data: [] }, 500],
    ["there is no list in the answer", { nothing: true }, { data: [] }, 200],
  ])("It is null when %s.", async (_, conversations, sessions, status) => {
    expect(await findIn(conversations, sessions, status)).toBeNull();
  });

  test("Items that cannot be read are passed over.", async () => {
    const items = [null, 7, "x", {}, { uuid: "../x" }, { uuid: "c-9" }, { ...conversation, contact: null }];
    expect(await findIn({ data: items, last_page: 1 })).toEqual({ calls: [], complete: true });
  });

  test("Of very many conversations only some are read, and the search says so.", async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...conversation, uuid: `c-${index}` }));
    const found = await findIn({ data: many, last_page: 1 }, { data: [], last_page: 1 });
    expect(found?.complete).toBe(false);
    expect(raw?.requests.length).toBeLessThanOrEqual(10);
  });
});
