/** The recovery of a line: claims of an earlier instance, and claims whose answer from Postgres was lost. */
import type { DialPorts } from "../../flows/calling/dial.ts";
import { recover } from "../../flows/calling/recover.ts";
import type { Log } from "../../platform/log.ts";
import type { dialResults } from "./dial-results.ts";

/** Interval for recovering. */
const recoverEveryMs = 30_000;

type Recovery = {
  /**
   * Recovers, unless it did so lately. A recovery in progress is joined. No claim may be in progress or begin meanwhile:
   * it would be mistaken for one of an earlier instance.
   */
  run(): Promise<void>;
  /** A claim may be committed although its answer was lost: the next run recovers it. */
  claimLost(): void;
};

/** @param line The line's slug, once it is known. */
export function claimRecovery(
  ports: Pick<DialPorts, "claims" | "journal" | "clock"> & { readonly log: Log },
  line: () => string,
  results: Pick<ReturnType<typeof dialResults>, "holds" | "record">,
): Recovery {
  let recoveredAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function recoverIfDue(): Promise<void> {
    const now = ports.clock.now();
    if (now - recoveredAt < recoverEveryMs) return;
    const left = await recover(ports, line(), results.holds);
    recoveredAt = now;
    if (left.length > 0) ports.log.warn("claims of an earlier instance", { line: line(), calls: left.length });
    for (const result of left) results.record(result);
  }

  return {
    run() {
      running ??= recoverIfDue().finally(() => {
        running = null;
      });
      return running;
    },
    claimLost() {
      recoveredAt = Number.NEGATIVE_INFINITY;
    },
  };
}
