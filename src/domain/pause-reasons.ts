import type { Explanation } from "./call-reasons.ts";

/**
 * How much a problem matters, the worst first:
 *
 * | severity   | means                                                                       | `/readyz`       |
 * | ---------- | --------------------------------------------------------------------------- | --------------- |
 * | `critical` | no call can be placed, or webhooks cannot be taken                          | 503 `not_ready` |
 * | `error`    | some calls or events wait or fail, or the audit chain stands, until somebody acts | 200 `degraded`  |
 * | `warning`  | nothing fails yet, or it ends by itself; somebody should look               | 200 `degraded`  |
 * | `info`     | a person wants it so                                                        | 200 `ready`     |
 */
export const severities = ["critical", "error", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** Reasons for a line's pause. The problem of a paused line has the severity of its reason. */
export const pauseReasons = {
  unauthenticated: {
    severity: "error",
    what: "Mihu rejects the token (401).",
    next: "Set a valid `MIHU_TOKEN`. The line resumes by itself once Mihu accepts it.",
  },
  payment_required: {
    severity: "error",
    what: "Mihu wants a payment for the account (402).",
    next: "Pay at Mihu. The line resumes by itself afterwards.",
  },
  forbidden: {
    severity: "error",
    what: "Mihu does not allow this token to place the call (403).",
    next: "Give the token the right at Mihu. The line resumes by itself afterwards.",
  },
  agent_missing: {
    severity: "error",
    what: "Mihu does not know the line's agent (404).",
    next: "Correct the line's `agent`, or restore the agent at Mihu. The line resumes by itself afterwards.",
  },
  database_went_back: {
    severity: "error",
    what: "Postgres lacks calls that this line made: it was restored from a backup, or failed over.",
    next: "Calls that may have rung since wait for a person: `resolve` the calls in `review`, then `hookline resume` the line.",
  },
  paused_by_person: { severity: "info", what: "A person paused the line.", next: null },
  all_paused: { severity: "info", what: "A person paused all lines.", next: null },
} as const satisfies Record<string, Explanation & { readonly severity: Severity }>;
