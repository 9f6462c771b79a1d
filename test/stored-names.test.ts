/**
 * Names that may not change, because data that exists is found by them: on objects' disks, at Cloudflare, in Postgres. A rename in the
 * code makes this file red. Undo the rename, or migrate what is stored under the old name first.
 *
 * Each row lists the names of one kind and finds the names that the code uses. A new name is added to its list on purpose.
 */
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { reasons } from "../src/domain/reasons.ts";
import { problems } from "../src/http/problem.ts";
import { type DirectoryDeps, type DirectoryRpc, directoryObject } from "../src/objects/directory/directory.ts";
import { type DispatcherDeps, type DispatcherRpc, dispatcherObject } from "../src/objects/dispatcher/dispatcher.ts";
import { dispatcherStub, notifierStubs } from "../src/objects/hook-stubs.ts";
import { type InboxDeps, type InboxRpc, inboxObject } from "../src/objects/inbox/inbox.ts";
import { type LineDeps, type LineRpc, lineObject } from "../src/objects/line/line.ts";
import { type NotaryDeps, type NotaryRpc, notaryObject } from "../src/objects/notary/notary.ts";
import { type NotifierDeps, type NotifierRpc, notifierObject } from "../src/objects/notifier/notifier.ts";
import { directoryStub, inboxStubs, lineStubs, notaryStub, spillDirectoryStub } from "../src/objects/stubs.ts";
import { type TaskRunnerDeps, type TaskRunnerRpc, taskRunnerObject } from "../src/objects/task-runner/task-runner.ts";
import { taskRunnerStub } from "../src/objects/task-runner/task-runner-stub.ts";
import { createLog } from "../src/platform/log.ts";
import type { Head } from "../src/ports/audit/chain.ts";
import type { ClaimedDelivery } from "../src/ports/hooks/deliveries.ts";
import type { AcceptAnswer, Captured } from "../src/ports/ingest/inboxes.ts";
import { bareEvent } from "./bare-event.ts";
import { port } from "./flows/ports.ts";
import { sourceCopy } from "./source-copy.ts";
import codes from "./stored-names.json" with { type: "json" };

vi.mock("cloudflare:workers", () => import("./runtime/workers.ts"));

const now = Date.parse("2026-01-05T18:00:00Z");
const clock = { now: () => now };
const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });
const shop = sourceCopy({ shards: 2 });

/** An object's state on a disk in memory, with the names that the object has used of it. */
function memoryDisk() {
  const kv = new Map<string, unknown>();
  const database = new DatabaseSync(":memory:");
  const background: Promise<unknown>[] = [];
  const storage = {
    kv: {
      get: (key: string) => kv.get(key),
      put: (key: string, value: unknown) => void kv.set(key, value),
      delete: (key: string) => kv.delete(key),
      list: () => [],
    },
    sql: {
      exec(query: string, ...bindings: (string | number | null)[]) {
        const rows = database.prepare(query).all(...bindings);
        return { toArray: () => rows, [Symbol.iterator]: () => rows[Symbol.iterator]() };
      },
    },
    transactionSync: <T>(work: () => T) => work(),
    sync: async () => {},
    getAlarm: async () => null,
    setAlarm: async () => {},
  };
  return {
    state: asState({ storage, waitUntil: (work: Promise<unknown>) => void background.push(work) }),
    async idle() {
      while (background.length > 0) await Promise.allSettled(background.splice(0));
    },
    keys: () => [...kv.keys()],
    /** As `table(columns)`, and indexes by their names. */
    tables: () =>
      database
        .prepare("select type, name from sqlite_master where sql is not null and name not like 'sqlite_%'")
        .all()
        .map(({ type, name }) => {
          if (type !== "table") return String(name);
          const columns = database.prepare("select name from pragma_table_info(?) order by cid").all(String(name));
          return `${name}(${columns.map((column) => column.name).join(", ")})`;
        }),
  };
}

/** The cast holds for the parts that the objects use: any other part is missing, and fails by name. */
function asState(state: object): DurableObjectState {
  return state as DurableObjectState;
}

/** An inbox that has stored all that it ever does: a source's copy, another inbox's spill, a spill of its own. */
async function usedInbox() {
  const disk = memoryDisk();
  const away = () => Promise.reject(new Error("Postgres is down"));
  const Inbox = inboxObject(() => ({
    clock,
    log,
    events: port<InboxDeps["events"]>({ accept: away, isAway: () => true, refuses: () => false }),
    sources: port<InboxDeps["sources"]>({ copy: async () => shop }),
    rejections: port<InboxDeps["rejections"]>({}),
    lines: port<InboxDeps["lines"]>({}),
    records: port<InboxDeps["records"]>({}),
    spills: { note: async () => {} },
    names: { add: async () => ({ knownInMs: 0 }) },
  }));
  const inbox = new Inbox(disk.state, {});
  await inbox.describe("shop");
  expect(await inbox.accept("shop", [bareEvent("e")], false, 1)).toMatchObject({ spilled: true });
  await inbox.noteSpill({ source: "shop", shard: 0, events: 1, bytes: 1, oldestAt: now });
  await disk.idle();
  return disk;
}

/** A line that has claimed. */
async function usedLine() {
  const disk = memoryDisk();
  const Line = lineObject(() => ({
    clock,
    log,
    voice: port<LineDeps["voice"]>({ place: () => Promise.reject(new Error("no call is due")) }),
    claims: port<LineDeps["claims"]>({
      claimSeq: async () => 1,
      claim: async () => ({ seq: 1, missing: false, paused: false, calls: [], nextAt: null }),
      claimedBy: async () => [],
    }),
    results: port<LineDeps["results"]>({}),
    pauses: port<LineDeps["pauses"]>({}),
    windows: port<LineDeps["windows"]>({ windowsPassed: async () => [] }),
    settlements: port<LineDeps["settlements"]>({ openToPoll: async () => [] }),
    reconciliations: port<LineDeps["reconciliations"]>({ openUnknown: async () => [] }),
    reports: port<LineDeps["reports"]>({}),
  }));
  await new Line(disk.state, {}).poke("brief");
  await disk.idle();
  return disk;
}

/** A notary that has signed on two days, and then found another chain. */
async function usedNotary() {
  const disk = memoryDisk();
  const Notary = notaryObject(() => ({
    clock,
    log,
    chain: port<NotaryDeps["chain"]>({}),
    signer: port<NotaryDeps["signer"]>({}),
    identity: port<NotaryDeps["identity"]>({}),
    close: () => {},
  }));
  const notary = new Notary(disk.state, {});
  const head: Head = { position: 1, hash: "h", at: now, kid: "k", jws: "j" };
  notary.memory.store(head);
  notary.memory.store({ ...head, at: now + 86_400_000 });
  await notary.announceHooks(true);
  notary.storeProblem({ kind: "behind", position: 1, found: 0, since: now });
  return disk;
}

/** A directory that has a name and a key. */
async function usedDirectory() {
  const disk = memoryDisk();
  const Directory = directoryObject(() => ({
    clock,
    log,
    lookups: port<DirectoryDeps["lookups"]>({}),
    inboxes: port<DirectoryDeps["inboxes"]>({}),
    inboxesAgain: port<DirectoryDeps["inboxes"]>({}),
    names: { read: async () => [] },
    keys: { read: async () => new Map([["hash", { slug: "line", sealedSecret: null, settings: null }]]) },
    isAway: () => false,
  }));
  const directory = new Directory(disk.state, {});
  await directory.add(["shop"]);
  await directory.confirm();
  await directory.webhookKeys(null, 1_000);
  return disk;
}

/** The names under which the stubs reach objects. */
async function reachedNames(): Promise<string[]> {
  const reached = new Set<string>();
  const to = (name: string): DurableObjectStub => {
    reached.add(name);
    return port<DirectoryRpc & InboxRpc & LineRpc & NotifierRpc & Omit<NotaryRpc, "poke">>({
      post: async () => ({ at: 0, ms: 0, status: 204, error: null, answer: "", retryAfterMs: null }),
      confirm: async () => {},
      describe: async () => shop,
      refresh: async () => ({ olderCopiesMs: null }),
      noteSpill: async () => {},
      poke: async () => {},
    }) as unknown as DurableObjectStub;
  };
  const inboxes = inboxStubs(to, clock.now);
  await inboxes.describe("shop");
  await inboxes.refresh("shop");
  await spillDirectoryStub(to).note({ source: "shop", shard: 0, events: 0, bytes: 0, oldestAt: null });
  await lineStubs(to).poke("brief");
  await notaryStub(to, clock.now).poke();
  await directoryStub(to).confirm();
  await dispatcherStub(to, clock.now).poke();
  await taskRunnerStub(to).poke();
  await notifierStubs(to).post([port<ClaimedDelivery>({ hook: "a-hook" })]);
  return [...reached];
}

/** Names of methods, of which the type says that they are all. */
function methods<Rpc>(named: Record<keyof Rpc, true>): string[] {
  return Object.keys(named);
}

/** Of these names, the methods that a class has. */
function methodsOf(made: { readonly prototype: object }, names: readonly string[]): string[] {
  return names.filter((name) => typeof Reflect.get(made.prototype, name) === "function");
}

const directoryMethods = methods<DirectoryRpc>({
  add: true,
  confirm: true,
  names: true,
  readiness: true,
  rereadWebhookKeys: true,
  webhookKeys: true,
});
const inboxMethods = methods<InboxRpc>({
  accept: true,
  acceptPrepared: true,
  capture: true,
  current: true,
  describe: true,
  noteSpill: true,
  poke: true,
  refresh: true,
  reject: true,
  rejectMany: true,
  spilled: true,
  spills: true,
});
const lineMethods = methods<LineRpc>({ halt: true, news: true, poke: true, recheck: true });
const notaryMethods = methods<NotaryRpc>({ announceHooks: true, poke: true, restored: true, seal: true, state: true });
const dispatcherMethods = methods<DispatcherRpc>({ changed: true, poke: true });
const notifierMethods = methods<NotifierRpc>({ post: true });
const taskRunnerMethods = methods<TaskRunnerRpc>({ poke: true });

const sourceText = (path: string) => readFileSync(new URL(`../src/${path}`, import.meta.url), "utf8");

/** Subjects and actions of entries, as far as a statement names both as literals. */
function entryActions(): string[] {
  const texts = readdirSync(new URL("../src/store/", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...sourceText(`store/${file}`).matchAll(/insert into entries[^`]*/g)].map(([text]) => text));
  const named = texts.flatMap((text) => [...text.matchAll(/select '(\w+)', (?:[^,()]|\([^()]*\))+,\s+'(\w+)'/g)]);
  const chosen = texts.flatMap((text) =>
    [...text.matchAll(/select '(\w+)', (?:[^,()]|\([^()]*\))+,\s+case (.+?) end,/gs)].flatMap(
      ([, subject, cases = ""]) =>
        [...cases.matchAll(/(?:then|else) '(\w+)'/g)].map(([, action]) => `${subject} ${action}`),
    ),
  );
  return [...new Set([...named.map(([, subject, action]) => `${subject} ${action}`), ...chosen])];
}

/** A kind of names, the names of that kind, and a function that finds these names in the code. */
type Kind = readonly [kind: string, names: readonly string[], found: () => Promise<readonly string[]>];

const kinds: readonly Kind[] = [
  [
    "Durable Object classes, which Cloudflare stores",
    ["Directory", "Dispatcher", "Inbox", "Line", "Notary", "Notifier", "TaskRunner"],
    async () => Object.keys(await import("../src/index.ts")).filter((name) => name !== "default"),
  ],
  [
    "names by which objects are reached: another name is another object, with an empty disk",
    ["shop", "shop/1", "api", "brief", "notary", "directory", "dispatcher", "a-hook", "task-runner"],
    reachedNames,
  ],
  [
    "RPC methods of the directory",
    directoryMethods,
    async () =>
      methodsOf(
        directoryObject(() => port<DirectoryDeps>({})),
        directoryMethods,
      ),
  ],
  ["keys on the directory's disk", ["names", "confirmed", "webhook-keys"], async () => (await usedDirectory()).keys()],
  ["tables on the directory's disk", ["names(name)"], async () => (await usedDirectory()).tables()],
  [
    "RPC methods of the inbox, which an older Worker calls during a deployment",
    inboxMethods,
    async () =>
      methodsOf(
        inboxObject(() => port<InboxDeps>({})),
        inboxMethods,
      ),
  ],
  [
    "RPC methods of the line",
    lineMethods,
    async () =>
      methodsOf(
        lineObject(() => port<LineDeps>({})),
        lineMethods,
      ),
  ],
  [
    "RPC methods of the notary",
    notaryMethods,
    async () =>
      methodsOf(
        notaryObject(() => port<NotaryDeps>({})),
        notaryMethods,
      ),
  ],
  [
    "RPC methods of the dispatcher",
    dispatcherMethods,
    async () =>
      methodsOf(
        dispatcherObject(() => port<DispatcherDeps>({})),
        dispatcherMethods,
      ),
  ],
  [
    "RPC methods of a notifier",
    notifierMethods,
    async () =>
      methodsOf(
        notifierObject(() => port<NotifierDeps>({})),
        notifierMethods,
      ),
  ],
  [
    "RPC methods of the task runner",
    taskRunnerMethods,
    async () =>
      methodsOf(
        taskRunnerObject(() => port<TaskRunnerDeps>({})),
        taskRunnerMethods,
      ),
  ],
  [
    "keys on an inbox's disk",
    ["copy", "olderCopyAt", "slug", "shard", "spills"],
    async () => (await usedInbox()).keys(),
  ],
  [
    "tables on an inbox's disk",
    ["spill(seq, id, hash, at, aside, bytes, head, body)", "spill_once"],
    async () => (await usedInbox()).tables(),
  ],
  ["keys on a line's disk", ["slug", "seq"], async () => (await usedLine()).keys()],
  [
    "tables on a line's disk",
    [
      "journal(id)",
      "reach(begins)",
      "claims(n, call_id, claim_seq, event_id, rule, try, claimed_at, state, open, answer, ended, conversation_uuid, mihu_id)",
      "claims_by_event",
      "claims_open",
      "claims_idle",
      "news(id, key, conversation, report, size, looks, due)",
      "news_due",
      "news_of",
    ],
    async () => (await usedLine()).tables(),
  ],
  ["reason codes, which calls, events and entries hold", codes.reasons, async () => Object.keys(reasons)],
  ["codes of the API's errors, on which scripts act", codes.problems, async () => Object.keys(problems)],
  ["subjects and actions of entries, which are hashed into the chain", codes.entries, async () => entryActions()],
  [
    "keys on the notary's disk",
    ["head/000000000001", "head/000000000002", "day/2026-01-05", "problem", "hooks"],
    async () => (await usedNotary()).keys(),
  ],
];

describe("names that may not change", () => {
  it.each(kinds)("%s", async (_, names, found) => {
    expect([...(await found())].sort()).toEqual([...names].sort());
  });

  // The objects' values are types. Their uses are compared with literals in test/objects.
  it("are also the values of the inbox's RPC methods", () => {
    type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
    const captured: Same<Captured, "kept" | "taken" | "away"> = true;
    const refused: Same<Extract<AcceptAnswer, { ok: false }>["reason"], "away" | "refused"> = true;
    expect([captured, refused]).toEqual([true, true]);
  });
});
