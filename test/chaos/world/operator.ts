/**
 * An operator who stops calls and changes secrets while everything breaks. Each change is tried until it is answered, and is logged with
 * the time of its answer: from then on what it says has to be so.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisedFrom, type Told } from "./promises.ts";
import { send, writeRequest } from "./senders.ts";
import { type Keyring, putSource } from "./setup.ts";
import { customerNumber, eventOf, type SourceSlug, type StoryEvent, sharedNumbers, tokenIn } from "./story.ts";
import { askApi, type ChaosWorld } from "./world.ts";

/** Calls that were stopped. Times are epoch milliseconds. */
export type AnsweredStop = {
  readonly kind: "suppression" | "rule_off" | "source_closed" | "line_paused" | "call_canceled";
  /** The time from which the answer promised that no such call begins. */
  readonly from: number;
  /** The time at which somebody began to take it back. */
  readonly until: number;
  /** Whether a call of this event, to this number, is stopped. */
  readonly concerns: (event: Pick<StoryEvent, "token" | "source" | "kind" | "line">, number: string) => boolean;
};

export type Operator = {
  /** Suppresses one of the customers that are rung more than once. */
  suppress(chance: number, lastsMs: number): Promise<void>;
  /** Turns a rule off that most calls are made by. */
  turnOff(chance: number, lastsMs: number): Promise<void>;
  closeSource(lastsMs: number): Promise<void>;
  /** Adds a secret, and then removes the one before. */
  rotate(chance: number, lastsMs: number): Promise<void>;
  pauseLine(lastsMs: number): Promise<void>;
  /** Cancels one of the calls that wait. Nobody takes that back. */
  cancel(chance: number): Promise<void>;
  stops(): readonly AnsweredStop[];
  /** Tokens of events that were signed with a removed secret. */
  forged(): ReadonlySet<string>;
};

/** Sources of which one thing is changed, so that senders of the others are not held up. */
const switched: readonly SourceSlug[] = ["desk", "zap"];
const closable: SourceSlug = "zap";
/** Tokens that no event of the story has. */
const forgedFrom = 900_000;
const paused = "wide";
const retryMs = 150;
/** A crashed Postgres takes ten seconds to recover on a busy machine, and the next fault may prolong that. */
const askMaxMs = 45_000;

/**
 * @param secrets the senders' keyring, which follows the answers
 * @param patienceMs how long a removed secret is kept until its removal is promised; one that takes longer is not tried
 */
export function operator(
  world: ChaosWorld,
  secrets: Keyring,
  rules: Parameters<typeof putSource>[3],
  patienceMs = 0,
): Operator {
  const log: AnsweredStop[] = [];
  const forged = new Set<string>();

  /** An answer may be lost after its change was made, so each request can be repeated. */
  async function insist(method: string, path: string, json?: unknown, gone = false): Promise<Told> {
    const giveUp = Date.now() + askMaxMs;
    for (;;) {
      try {
        const instance = world.first.up || !world.second.up ? world.first : world.second;
        return ((await askApi(world, method, path, json, instance)) ?? {}) as Told;
      } catch (error) {
        if (error instanceof Error && / 409: /.test(error.message)) throw error;
        if (gone && error instanceof Error && / 404: /.test(error.message)) return {};
        if (Date.now() > giveUp) throw error;
        await sleep(retryMs);
      }
    }
  }

  async function stopped(
    stop: Pick<AnsweredStop, "kind" | "concerns">,
    change: () => Promise<Told>,
    lastsMs: number,
    back: () => Promise<unknown>,
  ): Promise<void> {
    const from = promisedFrom(await change(), Date.now());
    await sleep(lastsMs);
    if (from !== null) log.push({ ...stop, from, until: Date.now() });
    await back();
  }

  /** Somebody who has a removed secret tries it, on both instances. */
  async function forge(source: SourceSlug, secret: string): Promise<void> {
    for (const instance of [world.first, world.second]) {
      const event = eventOf(forgedFrom + forged.size, source, "live", "wide");
      forged.add(event.token);
      if (instance.up) await send(instance, writeRequest({ source, events: [event] }, secret));
    }
  }

  return {
    suppress(chance, lastsMs) {
      const number = customerNumber(Math.floor(chance * sharedNumbers));
      return stopped(
        { kind: "suppression", concerns: (_, called) => called === number },
        () => insist("POST", "/v1/suppressions", { number, reason: "asked not to be called" }),
        lastsMs,
        () => insist("DELETE", `/v1/suppressions/${encodeURIComponent(number)}`, undefined, true),
      );
    },

    turnOff(chance, lastsMs) {
      const source = switched[Math.floor(chance * switched.length)] ?? closable;
      const path = `/v1/sources/${source}/rules/on-wide`;
      const rule = rules.find(([name]) => name === "on-wide")?.[1] ?? {};
      return stopped(
        { kind: "rule_off", concerns: (event) => event.source === source && isOnWide(event) },
        () => insist("PUT", path, { ...rule, mode: "off" }),
        lastsMs,
        () => insist("PUT", path, rule),
      );
    },

    closeSource(lastsMs) {
      secrets.close(closable);
      return stopped(
        { kind: "source_closed", concerns: ({ source }) => source === closable },
        () => insist("DELETE", `/v1/sources/${closable}`),
        lastsMs,
        async () => {
          const ask = (path: string, json: object) => insist("PUT", path, json);
          const opened = await putSource(ask, closable, secrets.allOf(closable), rules);
          secrets.open(closable, promisedFrom(opened as Told, Date.now()));
        },
      );
    },

    async rotate(chance, lastsMs) {
      const source: SourceSlug = chance < 0.5 ? "shop" : "bulk";
      const added = randomBytes(24).toString("base64url");
      const path = `/v1/sources/${source}/secrets`;
      const before = secrets.allOf(source);
      const answer = await insist("POST", path, { value: added });
      secrets.add(source, added, promisedFrom(answer, Date.now()));
      await sleep(lastsMs);
      const { secrets: stored } = (await insist("GET", `/v1/sources/${source}`)) as {
        secrets: { id: string; created_at: string }[];
      };
      const newest = [...stored].sort((one, other) => other.created_at.localeCompare(one.created_at))[0];
      // No sender signs with a secret any more before its removal is asked for.
      for (const old of before) secrets.remove(source, old);
      let gone: number | null = 0;
      for (const { id } of stored) {
        if (id === newest?.id) continue;
        const from = promisedFrom(await insist("DELETE", `${path}/${id}`, undefined, true), Date.now());
        gone = gone === null || from === null ? null : Math.max(gone, from);
      }
      const waitMs = gone === null ? Number.POSITIVE_INFINITY : gone - Date.now();
      if (waitMs > patienceMs) return;
      if (waitMs > 0) await sleep(waitMs);
      for (const old of before) await forge(source, old);
    },

    pauseLine(lastsMs) {
      return stopped(
        { kind: "line_paused", concerns: (event) => isOnWide(event) || onWideAlways.has(event.kind) },
        () => insist("POST", `/v1/lines/${paused}/pause`, { reason: "a pause of the run" }),
        lastsMs,
        () => insist("POST", `/v1/lines/${paused}/resume`),
      );
    },

    async cancel(chance) {
      const waiting = await world.owner<{ id: string; about: string }[]>`
        select id, about from calls where status in ('queued', 'dialing') and about is not null order by id`;
      const one = waiting[Math.floor(chance * waiting.length)];
      const token = tokenIn(one?.about ?? null);
      if (one === undefined || token === null) return;
      try {
        await insist("POST", `/v1/calls/${one.id}/cancel`, { reason: "a cancellation of the run" });
        log.push({
          kind: "call_canceled",
          from: Date.now(),
          until: Number.POSITIVE_INFINITY,
          concerns: (event) => event.token === token,
        });
      } catch (error) {
        // It began before, or ended.
        if (!(error instanceof Error && / 409: /.test(error.message))) throw error;
      }
    },

    stops: () => log,
    forged: () => forged,
  };
}

/** Kinds that the rule of their own line makes calls of. */
function isPlain({ kind }: Pick<StoryEvent, "kind">): boolean {
  return ["live", "same_number", "withdrawn", "no_number"].includes(kind);
}

/** Kinds whose rule names the wide line, whatever line the event says. */
const onWideAlways: ReadonlySet<string> = new Set(["again", "once", "burst"]);

function isOnWide(event: Pick<StoryEvent, "kind" | "line">): boolean {
  return event.line === "wide" && isPlain(event);
}
