/** Stubs of the objects, through which Workers and other objects call them. */

import { acceptedAsNew, prepareEvents } from "../domain/events/prepared.ts";
import { notaryPokeMs, olderCopyMs, webhookKeysFreshMs } from "../domain/limits.ts";
import { apiSource } from "../domain/plan/direct-call.ts";
import { withinDeadline } from "../platform/deadline.ts";
import { lru } from "../platform/lru.ts";
import type { Notary } from "../ports/audit/chain.ts";
import type { LineObjects, Rechecked } from "../ports/calling/line-objects.ts";
import type { WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import type { NameDirectory } from "../ports/ingest/directory.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SpillCount, SpillDirectory } from "../ports/ingest/spill.ts";
import type { ReadinessWord } from "../ports/lookups/readiness.ts";
import type { SourceCopy } from "../ports/source-copy.ts";
import type { DirectoryRpc } from "./directory/directory.ts";
import type { KeyList } from "./directory/key-list.ts";
import type { InboxRpc } from "./inbox/inbox.ts";
import type { LineRpc } from "./line/line.ts";
import type { NotaryRpc } from "./notary/notary.ts";
import { sourceDirectory } from "./source-directory.ts";

/** Deadline for a line's object to confirm a person's pause. */
const haltWaitMs = 5_000;

/** Deadline for whether a copy of a source is current. The strictest senders wait for 3 s. */
const currentWaitMs = 2_000;

/** Deadline for an inbox to confirm that it has a change. */
const refreshWaitMs = 5_000;

/** There is one per isolate. */
const directory = sourceDirectory();

/** Reaches an object of a namespace, near the database. */
type Reach = (name: string) => DurableObjectStub;

/** @param hint location in which new objects are created; they never move */
export function reach(namespace: DurableObjectNamespace, hint: DurableObjectLocationHint | null): Reach {
  const options = hint === null ? {} : { locationHint: hint };
  return (name) => namespace.get(namespace.idFromName(name), options);
}

/** @param now the time, as epoch milliseconds */
export function inboxStubs(to: Reach, now: () => number): Inboxes & Pick<InboxRpc, "rejectMany"> {
  const inbox = (slug: string, shard = 0) => to(shard === 0 ? slug : `${slug}/${shard}`) as unknown as InboxRpc;
  return {
    async describe(slug) {
      const known = directory.known(slug, now());
      if (known?.fresh === true) return known.copy;
      if (directory.isMissing(slug, now())) return null;
      const ticket = directory.ticket();
      try {
        const copy = await inbox(slug).describe(slug, true);
        directory.store(slug, copy, ticket, now());
        return copy;
      } catch (error) {
        // An expired copy still verifies. Postgres checks accepted events, and nothing is rejected by it alone.
        if (known !== undefined) return known.copy;
        throw error;
      }
    },
    async current(known) {
      const { slug, version } = known;
      if (!directory.mayAsk(slug, now())) return { kind: "unknown" };
      const ticket = directory.ticket();
      const answer = await withinDeadline(askCurrent(inbox(slug), slug, version), currentWaitMs);
      directory.store(slug, answer === "same" ? known : answer, ticket, now());
      if (answer === null) return { kind: "gone" };
      return answer === "same" ? { kind: "same" } : { kind: "changed", source: answer };
    },
    async accept(slug, events, how) {
      const shard = shardOf(events[0]?.id ?? "", directory.known(slug, now())?.copy.shards ?? 1);
      const prepared = "ends" in how ? prepareEvents(events, how.ends) : null;
      if (prepared === null) return await inbox(slug, shard).accept(slug, events, "waitForPlan" in how, shard);
      try {
        const answer = await inbox(slug, shard).acceptPrepared(slug, prepared, shard);
        if (answer === "all_new") return { ok: true, acceptances: prepared.ids.map(acceptedAsNew) };
        if (answer !== "other_columns") return answer;
      } catch (error) {
        if (!isOlder(error)) throw error;
      }
      return await inbox(slug, shard).accept(slug, events, false, shard);
    },
    reject: (slug, rejection) => inbox(slug).reject(slug, rejection),
    async rejectMany(slug, rejections, notSent) {
      try {
        await inbox(slug).rejectMany(slug, rejections, notSent);
      } catch (error) {
        if (!isOlder(error)) throw error;
        for (const one of rejections) await inbox(slug).reject(slug, one);
      }
    },
    async capture(slug, secret) {
      const captured = await inbox(slug).capture(slug, secret);
      directory.forget(slug);
      return captured;
    },
    async refresh(slug, shards = 1) {
      const all = Math.max(shards, directory.known(slug, now())?.copy.shards ?? 1);
      const refreshed = Array.from({ length: all }, async (_, shard): Promise<number | null> => {
        // An inbox of an earlier version returns nothing.
        const answer: Awaited<ReturnType<InboxRpc["refresh"]>> | undefined = await withinDeadline(
          inbox(slug, shard).refresh(slug, true),
          refreshWaitMs,
        );
        const leftMs = answer === undefined ? olderCopyMs : answer.olderCopiesMs;
        return leftMs === null ? null : now() + leftMs;
      });
      const ends = await Promise.allSettled(refreshed);
      // Only now: a copy that is requested earlier may be the older one.
      directory.forget(slug);
      const untils: number[] = [];
      for (const end of ends) {
        if (end.status === "rejected") throw end.reason;
        if (end.value !== null) untils.push(end.value);
      }
      return untils.length === 0 ? null : Math.max(...untils);
    },
    poke: (slug) => inbox(slug).poke(slug),
    async spills() {
      const reported = await inbox(apiSource).spills();
      const counts = await Promise.all(reported.map((one) => currentCount(inbox(one.source, one.shard), one)));
      return counts.filter(({ events }) => events > 0);
    },
  };
}

/** An object of an earlier version has no `current`: it loads its source again, and returns all of it. */
async function askCurrent(inbox: InboxRpc, slug: string, version: number): Promise<SourceCopy | "same" | null> {
  try {
    return await inbox.current(slug, version);
  } catch (error) {
    if (!isOlder(error)) throw error;
    await inbox.refresh(slug, true);
    const copy = await inbox.describe(slug, true);
    return copy?.version === version ? "same" : copy;
  }
}

/** An inbox's own count; the last reported one if the inbox does not answer. */
async function currentCount(inbox: InboxRpc, reported: SpillCount): Promise<SpillCount> {
  const { source, shard } = reported;
  const { events, bytes, oldestAt } = await inbox.spilled(source, shard).catch(() => reported);
  return { source, shard, events, bytes, oldestAt };
}

/** The directory of spills, for inboxes that report to it. */
export function spillDirectoryStub(to: Reach): SpillDirectory {
  return { note: (count) => (to(apiSource) as unknown as InboxRpc).noteSpill(count) };
}

/**
 * Deadline for a line's object to check the gates of its claimed calls again. Calls that it does not stop by then are
 * stopped within {@link postWithinMs}.
 */
const recheckWaitMs = 1_000;

/** Lines whose version an isolate remembers. */
const linesMax = 1_000;

/** A deadline error, so that the caller learns soon that the line may not have stopped. */
const lineIsLate = (ms: number) => () => new Error(`the line's object did not answer within ${ms} ms`);

/** An object of an older version has no method of this name. */
function isOlder(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("does not implement");
}

/** Whether this isolate has a copy of a source, however old. */
export function hasCopy(slug: string): boolean {
  return directory.known(slug, 0) !== undefined;
}

/** Deadline for the directory to store the names of a change. */
const addWaitMs = 5_000;

/** The directory's object. Every method rejects if it cannot be reached. */
export function directoryStub(to: Reach): NameDirectory & { readiness(): Promise<ReadinessWord | null> } {
  const object = () => to("directory") as unknown as DirectoryRpc;
  return {
    names: async (version) => await object().names(version),
    add: async (names) => await withinDeadline(object().add([...names]), addWaitMs),
    confirm: async () => await object().confirm(),
    readiness: async () => await object().readiness(),
  };
}

/** Deadline for the directory to read the keys after a change. */
const rereadWaitMs = 5_000;

/**
 * The directory's list of keys. Every method rejects if the object is unreachable.
 *
 * @param older Reads the keys if the object has a version without a list of them.
 */
export function keyListStub(to: Reach, older: () => Promise<ReadonlyMap<string, WebhookLine>>): KeyList {
  const object = () => to("directory") as unknown as DirectoryRpc;
  return {
    async webhookKeys(version, maxAgeMs) {
      try {
        return await object().webhookKeys(version, maxAgeMs);
      } catch (error) {
        if (!isOlder(error)) throw error;
        return { version: "older", complete: true, ageMs: 0, keys: [...(await older())] };
      }
    },
    async rereadWebhookKeys() {
      try {
        return await withinDeadline(object().rereadWebhookKeys(), rereadWaitMs);
      } catch (error) {
        if (!isOlder(error)) throw error;
        return { knownInMs: webhookKeysFreshMs };
      }
    },
  };
}

/**
 * Lines whose objects answered this isolate by this version's methods. No object returns to an older version while its
 * callers stay.
 */
const presentLines = lru<1>(linesMax);

/** @param to reaches the lines' namespace */
export function lineStubs(to: Reach): LineObjects {
  const line = (slug: string) => to(slug) as unknown as LineRpc;
  return {
    poke: (slug) => line(slug).poke(slug),
    halt: (slug) => withinDeadline(line(slug).halt(slug), haltWaitMs, lineIsLate(haltWaitMs)),
    recheck(slug) {
      const one = line(slug);
      // A halt of an older version also gives claimed calls back. The poke makes the line claim them again.
      const older = async (): Promise<Rechecked> => {
        await one.halt(slug);
        await one.poke(slug);
        return "older";
      };
      const rechecked = one.recheck(slug).then(
        (knows: string | undefined): Rechecked => {
          if (knows === "stops") presentLines.set(slug, 1);
          else presentLines.delete(slug);
          return knows === "stops" ? "rechecked" : "older";
        },
        (error) => {
          if (!isOlder(error)) throw error;
          presentLines.delete(slug);
          return older();
        },
      );
      return withinDeadline(rechecked, recheckWaitMs, lineIsLate(recheckWaitMs)).catch((error): Rechecked => {
        if (presentLines.get(slug) === undefined) throw error;
        return "silent";
      });
    },
    news: (slug, reports) => line(slug).news(slug, reports),
  };
}

/**
 * The notary's stub. It passes on at most one poke a second.
 *
 * @param to reaches the notary's namespace
 * @param now the time, as epoch milliseconds
 */
export function notaryStub(to: Reach, now: () => number): Notary {
  const notary = () => to("notary") as unknown as NotaryRpc;
  let pokedAt = 0;
  let hooksExist = false;
  return {
    async poke() {
      if (now() - pokedAt < notaryPokeMs) return;
      pokedAt = now();
      // An object that was reset, for example by a deploy, takes the second call. The sweep covers a lost poke.
      const answer = await notary()
        .poke()
        .catch(() => notary().poke())
        .catch(() => {
          pokedAt = 0;
        });
      // An object of an earlier version answers nothing.
      hooksExist = answer?.hooks ?? hooksExist;
    },
    hasHooks: () => hooksExist,
    announceHooks: (exist) => notary().announceHooks(exist),
    seal: () => notary().seal(),
    state: () => notary().state(),
    restored: (actor, reason) => notary().restored(actor, reason),
  };
}

/** By the event's id, so that a redelivery reaches the same shard. */
function shardOf(eventId: string, shards: number): number {
  return shards === 1 ? 0 : Number.parseInt(eventId.slice(0, 8), 16) % shards;
}
