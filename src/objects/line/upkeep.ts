/**
 * The upkeep of a line, beside its dialling: closed calling windows, calls in `unknown`, outcomes of placed calls,
 * outcome reports of webhooks, and the probe that ends a pause.
 *
 * One request to Mihu at a time: an object has six connections, and four of them are for calls.
 */
import { reportsPerBatchMax } from "../../domain/limits.ts";
import { type OutcomeReportPorts, settleReports } from "../../flows/calling/outcome-reports.ts";
import { type PostponePorts, postponeClosed } from "../../flows/calling/postpone.ts";
import { type ReconcilePorts, reconcile } from "../../flows/calling/reconcile.ts";
import { type ProbePorts, probePaused } from "../../flows/calling/resume.ts";
import { pollOpen } from "../../flows/calling/settle.ts";
import { pause } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { LinePoke } from "../../ports/calling/line-objects.ts";
import type { ReportQueue } from "../../ports/calling/outcome-reports.ts";
import type { DialResult } from "../../ports/calling/results.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import { failurePauseMs } from "../alarm.ts";
import type { LineHost } from "./host.ts";
import { probes } from "./probes.ts";

/** Time for which a small batch of reports waits for others. */
const reportsLingerMs = 100;

export type LineUpkeepDeps = PostponePorts &
  ReconcilePorts &
  ProbePorts &
  Omit<OutcomeReportPorts, "queue"> & { readonly voice: Voice; readonly log: Log };

export type LineUpkeep = {
  /** Begins the regular upkeep if it is due. Dialling does not wait for it, so a slow answer delays no call. */
  run(): void;
  /** Makes the next {@link LineUpkeep.run} due, however recent the last one is. */
  runSoon(): void;
  /** Processes due reports, or sets the alarm for the next. */
  settleDue(): void;
  /** Postgres has these results, so reports of their conversations are due. */
  callsRecorded(results: readonly DialResult[]): void;
  linePaused(): void;
  /** Probes from time to time whether the cause of the line's pause is gone. @returns Whether the line resumed. */
  resumeLine(): Promise<boolean>;
  /** Resolves once all requests in progress are answered. Never rejects. */
  idle(): Promise<void>;
};

/** Interval of a busy line's upkeep beside its alarms. */
const upkeepEveryMs = 30_000;

/**
 * @param reports Outcome reports on the object's disk.
 * @param wake Called if the line may have a call to dial.
 */
export function lineUpkeep(deps: LineUpkeepDeps, host: LineHost, reports: ReportQueue, wake: () => void): LineUpkeep {
  const { clock, log } = deps;
  const probe = probes();
  let ranAt = 0;
  let underWay = false;
  let settling = false;
  let questions: Promise<void> = Promise.resolve();

  function ask(question: () => Promise<void>): void {
    questions = questions.then(question).catch((error) => log.warn("upkeep failed", { line: host.slug(), error }));
    host.waitUntil(questions);
  }

  function settled(pokes: readonly LinePoke[]): void {
    if (pokes.length > 0) wake();
  }

  function settleDue(): void {
    const nextAt = settling ? null : reports.nextAt();
    if (nextAt === null || host.slug() === "") return;
    if (nextAt > clock.now()) {
      host.waitUntil(host.nextAlarm.arm(nextAt));
      return;
    }
    settling = true;
    ask(async () => {
      let failed = true;
      try {
        // A small batch waits for more: reports arrive in bursts, and a larger batch costs the same.
        if (reports.size() < reportsPerBatchMax) await pause(reportsLingerMs);
        settled(await settleReports({ ...deps, queue: reports }, host.slug()));
        failed = false;
      } finally {
        settling = false;
        if (failed) await host.nextAlarm.arm(clock.now() + failurePauseMs);
        else settleDue();
      }
    });
  }

  return {
    run() {
      if (underWay || clock.now() - ranAt < upkeepEveryMs) return;
      underWay = true;
      ask(async () => {
        try {
          await postponeClosed(deps, host.slug());
          // Before the poll: an adopted call may have ended long ago, and its outcome is then read at once.
          if (await reconcile(deps, host.slug())) wake();
          settled(await pollOpen(deps, host.slug()));
        } finally {
          underWay = false;
          ranAt = clock.now();
        }
      });
    },
    runSoon() {
      ranAt = 0;
    },
    settleDue,
    callsRecorded(results) {
      // Mihu may have reported on these calls before its answers to their POSTs were recorded.
      const uuids = results.flatMap((result) => (result.status === "placed" ? (result.conversationUuid ?? []) : []));
      if (uuids.length === 0 || reports.size() === 0) return;
      reports.hurry(uuids, clock.now());
      settleDue();
    },
    linePaused: () => probe.paused(clock.now()),
    async resumeLine() {
      if (!probe.due(clock.now()) || !(await probePaused(deps, host.slug()))) return false;
      probe.resumed(clock.now());
      return true;
    },
    idle: () => questions,
  };
}
