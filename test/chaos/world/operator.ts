/**
 * An operator who stops calls and changes secrets while everything breaks. Each change is tried until it is answered, and is logged with
 * the time of its answer: from then on what it says has to be so.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { send, writeRequest } from "./senders.ts";
import { type Keyring, putRules, putSource } from "./setup.ts";
import { customerNumber, eventOf, type SourceSlug, type StoryEvent, sharedNumbers } from "./story.ts";
import { askApi, type ChaosWorld } from "./world.ts";

/** Calls that were stopped. Times are epoch milliseconds. */
export type AnsweredStop = {
  readonly kind: "suppression" | "rule_off" | "source_closed";
  /** The time of the answer. */
  readonly from: number;
  /** The time at which somebody began to take it back. */
  readonly until: number;
  /** Whether the answer said that every line had confirmed it, and that nothing was on its way. */
  readonly clean: boolean;
  /** Whether a call of this event, to this number, is stopped. */
  readonly concerns: (event: Pick<StoryEvent, "source" | "kind" | "line">, number: string) => boolean;
};

type Stopped = { readonly stopped?: { readonly confirmed: boolean; readonly in_flight: number } };

export type Operator = {
  /** Suppresses one of the customers that are rung more than once. */
  suppress(chance: number, lastsMs: number): Promise<void>;
  /** Turns a rule off that most calls are made by. */
  turnOff(chance: number, lastsMs: number): Promise<void>;
  closeSource(lastsMs: number): Promise<void>;
  /** Adds a secret, and then removes the one before. */
  rotate(chance: number, lastsMs: number): Promise<void>;
  stops(): readonly AnsweredStop[];
  /** Tokens of events that were signed with a removed secret. */
  forged(): ReadonlySet<string>;
};

/** Sources of which one thing is changed, so that senders of the others are not held up. */
const switched: readonly SourceSlug[] = ["desk", "zap"];
const closable: SourceSlug = "zap";
/** Tokens that no event of the story has. */
const forgedFrom = 900_000;
const retryMs = 150;
const askMaxMs = 20_000;

/** @param secrets the senders' keyring, which follows the answers */
export function operator(world: ChaosWorld, secrets: Keyring, rules: Parameters<typeof putRules>[2]): Operator {
  const log: AnsweredStop[] = [];
  const forged = new Set<string>();

  /** An answer may be lost after its change was made, so each request can be repeated. */
  async function insist(method: string, path: string, json?: unknown, gone = false): Promise<Stopped> {
    const giveUp = Date.now() + askMaxMs;
    for (;;) {
      try {
        const instance = world.first.up || !world.second.up ? world.first : world.second;
        return ((await askApi(world, method, path, json, instance)) ?? {}) as Stopped;
      } catch (error) {
        if (gone && error instanceof Error && / 404: /.test(error.message)) return {};
        if (Date.now() > giveUp) throw error;
        await sleep(retryMs);
      }
    }
  }

  async function stopped(
    stop: Pick<AnsweredStop, "kind" | "concerns">,
    change: () => Promise<Stopped>,
    lastsMs: number,
    back: () => Promise<unknown>,
  ): Promise<void> {
    const { stopped: said } = await change();
    const from = Date.now();
    await sleep(lastsMs);
    log.push({
      ...stop,
      from,
      until: Date.now(),
      clean: said === undefined || (said.confirmed && said.in_flight === 0),
    });
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
      return stopped(
        { kind: "source_closed", concerns: ({ source }) => source === closable },
        () => insist("DELETE", `/v1/sources/${closable}`),
        lastsMs,
        async () => {
          await putSource((path, json) => insist("PUT", path, json), closable, secrets.allOf(closable));
          await putRules((path, json) => insist("PUT", path, json), closable, rules);
        },
      );
    },

    async rotate(chance, lastsMs) {
      const source: SourceSlug = chance < 0.5 ? "shop" : "bulk";
      const added = randomBytes(24).toString("base64url");
      const path = `/v1/sources/${source}/secrets`;
      const before = secrets.allOf(source);
      await insist("POST", path, { value: added });
      secrets.add(source, added);
      await sleep(lastsMs);
      const { secrets: stored } = (await insist("GET", `/v1/sources/${source}`)) as {
        secrets: { id: string; created_at: string }[];
      };
      const newest = [...stored].sort((one, other) => other.created_at.localeCompare(one.created_at))[0];
      // No sender signs with a secret any more before its removal is asked for.
      for (const old of before) secrets.remove(source, old);
      for (const { id } of stored) if (id !== newest?.id) await insist("DELETE", `${path}/${id}`, undefined, true);
      for (const old of before) await forge(source, old);
    },

    stops: () => log,
    forged: () => forged,
  };
}

/** Kinds that the rule of the wide line makes calls of. */
function isOnWide({ kind, line }: Pick<StoryEvent, "kind" | "line">): boolean {
  return line === "wide" && ["live", "same_number", "withdrawn", "no_number"].includes(kind);
}
