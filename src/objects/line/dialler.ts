/**
 * The dialler of a line: claims due calls, keeps at most {@link postsAtOnceMax} POSTs in flight and records results.
 *
 * A single loop claims and dials until no call is due. It waits for results and for {@link Dialler.wake}. A claim is
 * committed in Postgres and stored in the journal before its POST begins, so the dialler may be killed at any instant.
 */
import { type LineEffect, type NotBegun, notBegun } from "../../domain/calls/dial.ts";
import { callsPerClaimMax, leaseMs, leaseReserveMs } from "../../domain/limits.ts";
import { applyEffect, claimDue, type DialPorts, dial } from "../../flows/calling/dial.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimedCall, ClaimRef } from "../../ports/calling/claims.ts";
import type { Halted } from "../../ports/calling/line-objects.ts";
import type { DialResult, ResultStore } from "../../ports/calling/results.ts";
import { failurePauseMs } from "../alarm.ts";
import type { Disk } from "../disk.ts";
import { dialResults } from "./dial-results.ts";
import type { LineHost } from "./host.ts";
import { claimRecovery } from "./recovery.ts";
import { slowClaims } from "./slow-claims.ts";
import type { LineUpkeep } from "./upkeep.ts";

/** POSTs to Mihu in flight from one line. Workers allow six connections that await headers, and Postgres needs one. */
const postsAtOnceMax = 4;

/**
 * A claim takes more calls than there are free POSTs only if all of them can begin within this time. Claimed calls that
 * have not begun become unknown if the object dies, so a slow Mihu makes claims small.
 */
const claimAheadMs = 100;

export type DiallerDeps = DialPorts & { readonly results: ResultStore; readonly log: Log };

export type Dialler = {
  /** Calls may be due: the loop claims again. */
  wake(): void;
  /** Begins no claimed call. Postgres has the pause already, so no call is claimed either. */
  halt(): Halted;
  /** Begins no claimed call, and claims again. Resolves once Postgres has every returned call. */
  recheck(): Promise<void>;
  /** The running loop; null if no loop runs. The promise rejects only if the alarm cannot be set after a failure. */
  running(): Promise<void> | null;
};

/** A claimed call, the start of its claim by our clock, and the number of the line's stops by then. */
type QueuedCall = { readonly call: ClaimedCall; readonly claimedAt: number; readonly stops: number };

/** Assumed duration of a POST before the first was measured. */
const dialGuessMs = 500;

const seqKey = "seq";

/**
 * @param disk Stores the number of the last claim.
 * @param upkeep Runs beside the loop.
 */
export function dialler(
  deps: DiallerDeps,
  host: LineHost,
  disk: Disk,
  upkeep: Pick<LineUpkeep, "run" | "linePaused" | "resumeLine" | "callsRecorded">,
): Dialler {
  const { clock, log } = deps;
  /** Calls that are being marked as begun, and calls whose POST is in flight. */
  const beginning = new Map<string, ClaimRef>();
  const inFlight = new Set<string>();
  const ports: DialPorts = { ...deps, voice: counted(deps.voice) };
  const results = dialResults(deps, host.slug, recorded);
  const recovery = claimRecovery(deps, host.slug, results);
  let seq: number | null = disk.get<number>(seqKey) ?? null;
  let queue: QueuedCall[] = [];
  let posting = 0;
  /** Number of effects on the whole line that Postgres does not have yet. */
  let halting = 0;
  /** Number of stops of the line, and the reason of the last one. A call that was claimed before does not begin. */
  let stops = 0;
  let stoppedBy: NotBegun = "line_paused";
  /** Whether a claim may find due calls. */
  let wanted = false;
  let running: Promise<void> | null = null;
  let signal = (): void => {};
  let dialMs = dialGuessMs;
  const slow = slowClaims();
  /** Calls of the claim in progress; null if no claim is in progress. */
  let claiming: Promise<readonly ClaimRef[]> | null = null;

  function wake(): void {
    wanted = true;
    signal();
    if (running !== null) return;
    running = run().finally(() => {
      running = null;
      if (wanted) wake();
    });
    host.waitUntil(running);
  }

  async function run(): Promise<void> {
    try {
      await claimAndDial();
    } catch (error) {
      wanted = false;
      log.error("line stopped for a moment", { line: host.slug(), error });
      await host.nextAlarm.arm(clock.now() + failurePauseMs);
    }
  }

  async function claimAndDial(): Promise<void> {
    for (;;) {
      // In each turn, because the loop of a busy line may not end for hours. After the claim: they share a connection.
      await claimIfWanted().finally(upkeep.run);
      while (posting < postsAtOnceMax && queue.length > 0) post(queue.shift());
      if (posting === 0 && queue.length === 0 && !wanted) return;
      if (posting > 0 && (queue.length > 0 || !wanted || posting === postsAtOnceMax || halting > 0))
        await new Promise<void>((resolve) => {
          signal = resolve;
        });
    }
  }

  async function claimIfWanted(): Promise<void> {
    await passOverInRest();
    await recovery.run();
    // The claim begins with nothing awaited in between, so that no recovery is in progress.
    if (!wanted || queue.length > 0 || posting >= postsAtOnceMax || halting > 0) return;
    claiming = claim()
      .catch((error) => {
        recovery.claimLost();
        throw error;
      })
      .finally(() => {
        claiming = null;
      });
    await claiming;
  }

  /** Moves a wish for a claim to the end of the line's rest: a sooner alarm may have swallowed the earlier wish. */
  async function passOverInRest(): Promise<void> {
    const restsUntil = slow.restsUntil(clock.now());
    if (!wanted || restsUntil === null) return;
    wanted = false;
    await host.nextAlarm.arm(restsUntil);
  }

  /** @returns The claimed calls. */
  async function claim(): Promise<ClaimRef[]> {
    wanted = false;
    const before = stops;
    // Our clock is read before the statement: Postgres cannot have checked the gates, or begun the lease, earlier.
    const claimedAt = clock.now();
    const ahead = Math.floor((postsAtOnceMax * claimAheadMs) / dialMs);
    const max = Math.min(callsPerClaimMax, Math.max(postsAtOnceMax - posting, ahead));
    const claimed = await claimDue(ports, host.slug(), seq, max);
    if (!claimed.missing) storeSeq(claimed.seq);
    const claims = claimed.calls.map(claimOf);
    results.hold(claims);
    queue.push(...claimed.calls.map((call) => ({ call, claimedAt, stops: before })));
    // The line was stopped while Postgres answered.
    if (before !== stops) giveBack(stoppedBy);
    if (claimed.calls.length > 0) {
      pace(claimedAt);
      wanted = true;
      // If this instance ends here, the next one recovers its claims. No call waits for the alarm to be set.
      host.waitUntil(
        host.nextAlarm
          .arm(claimedAt + leaseMs - leaseReserveMs)
          .catch((error) => log.warn("alarm not set", { line: host.slug(), error })),
      );
    } else {
      if (claimed.paused && (await upkeep.resumeLine())) wanted = true;
      if (claimed.nextAt !== null) await host.nextAlarm.arm(claimed.nextAt);
    }
    return claims;
  }

  /** After a claim so slow that none of its calls may begin, the line rests and reports it. */
  function pace(claimedAt: number): void {
    const [line, tookMs] = [host.slug(), clock.now() - claimedAt];
    const took = slow.took(tookMs, clock.now());
    if (!took.slow) {
      if (took.recovered) log.info("claims are fast again", { line });
      return;
    }
    giveBack("not_begun");
    if (took.first) log.warn("a claim took too long to begin its calls", { line, tookMs });
    // Postgres reports it and holds back another instance of the line. It may be too slow even for this.
    const noted = ports.pauses.holdLine(line, took.pauseMs, "claims_slow");
    host.waitUntil(noted.catch((error) => log.debug("slow claims not noted", { line, error })));
  }

  function storeSeq(claimed: number): void {
    if (seq === claimed) return;
    seq = claimed;
    disk.put(seqKey, claimed);
  }

  function post(queued: QueuedCall | undefined): void {
    if (queued === undefined) return;
    const { call, claimedAt } = queued;
    posting++;
    beginning.set(call.id, claimOf(call));
    const began = clock.now();
    host.waitUntil(
      dial(ports, call, claimedAt, () => (queued.stops === stops ? null : stoppedBy))
        .then(async ({ result, effect }) => {
          // A call that was not sent does not measure Mihu's pace.
          if (result.status !== "queued" || result.posted) dialMs = (dialMs + Math.max(1, clock.now() - began)) / 2;
          if (effect.kind !== "none") await apply(effect);
          results.record(result);
        })
        .catch((error) => {
          // Only the journal knows whether the call began or has an answer.
          results.drop(claimOf(call));
          log.error("dial failed", { line: host.slug(), call: call.id, error });
        })
        .finally(() => {
          posting--;
          beginning.delete(call.id);
          if (posting === 0 && queue.length === 0) results.flush();
          signal();
        }),
    );
  }

  /** Pauses or holds the whole line: no call begins or is claimed until Postgres has the effect. */
  async function apply(effect: LineEffect): Promise<void> {
    halting++;
    if (effect.kind === "pause") upkeep.linePaused();
    giveBack(effect.kind === "pause" ? "line_paused" : "rate_limited");
    try {
      await applyEffect(ports, host.slug(), effect);
    } catch (error) {
      // The next answer has the same effect. This call's own result must be recorded in any case.
      log.error("line not halted", { line: host.slug(), effect: effect.kind, error });
    } finally {
      halting--;
    }
  }

  /** Gives back claimed calls that have not begun. */
  function giveBack(reason: NotBegun): void {
    stops++;
    stoppedBy = reason;
    const given = queue;
    queue = [];
    for (const { call } of given) results.record({ ...claimOf(call), ...notBegun(reason) });
  }

  function recorded(some: readonly DialResult[]): void {
    // A returned call is due again. The alarm must cover the look-up of a call in `unknown`.
    if (some.some(({ status }) => status === "queued" || status === "unknown")) wake();
    upkeep.callsRecorded(some);
  }

  /** The voice API, with a count of POSTs in flight. */
  function counted(voice: DialPorts["voice"]): DialPorts["voice"] {
    return {
      place: async (call) => {
        beginning.delete(call.id);
        inFlight.add(call.id);
        try {
          return await voice.place(call);
        } finally {
          inFlight.delete(call.id);
        }
      },
    };
  }

  return {
    wake,
    halt() {
      const halted = { givenBack: queue.length + beginning.size, inFlight: inFlight.size };
      giveBack("line_paused");
      results.flush();
      return halted;
    },
    async recheck() {
      const claims = [...queue.map(({ call }) => claimOf(call)), ...beginning.values()];
      giveBack("gates_changed");
      // A claim in progress may have checked the gates before the change. The recovery finds the calls of a failed one.
      while (claiming !== null) claims.push(...(await claiming.catch(() => [])));
      await recovery.run();
      results.flush();
      wake();
      await results.ended(claims);
    },
    running: () => running,
  };
}

function claimOf({ id, claimSeq }: ClaimedCall): ClaimRef {
  return { callId: id, claimSeq };
}
