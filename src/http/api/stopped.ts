/** The response field `stopped`, and its log line. */
import type { Context } from "hono";
import type { StopFailure } from "../../flows/calling/stop.ts";
import { type Stopped, stoppedView } from "../../views/calls/stopped.ts";
import type { AppEnv } from "../deps.ts";

/**
 * Shows the claimed calls that were stopped. Lines that did not answer are logged too, because a response is read only
 * once.
 */
export function stoppedAnswer(c: Context<AppEnv>, stopped: Stopped & { readonly failures: readonly StopFailure[] }) {
  const [first] = stopped.failures;
  if (first !== undefined) {
    const lines = stopped.failures.flatMap(({ line }) => line ?? []);
    c.var.deps.log.warn("claimed calls may not have been stopped", {
      ...{ path: c.req.path, lines, until: stopped.unconfirmedUntil, error: first.error },
    });
  }
  return stoppedView(stopped);
}
