/** The effect of Mihu's answer on the call and on its line. Pure. */

import { postWithinMs } from "../limits.ts";
import type { ReasonCode } from "../reasons.ts";
import type { CallStatus } from "./call.ts";

/** Mihu's answer to a POST, classified. */
export type PlaceAnswer =
  | ({ readonly kind: "placed" } & Placement)
  /** Mihu refused this one call for good. The call did not ring. */
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  | { readonly kind: "rate_limited"; readonly waitMs: number }
  /** Mihu's refusal is about Hookline's token, account or agent, not about the call. The call did not ring. */
  | { readonly kind: "about_us"; readonly reason: ReasonCode; readonly status: number; readonly detail: string }
  /** The call may have rung. */
  | { readonly kind: "unknown"; readonly reason: ReasonCode; readonly status: number | null; readonly detail: string };

/** Mihu's ids of a placed call. */
type Placement = {
  readonly conversationUuid: string | null;
  readonly contactUuid: string | null;
  readonly mihuId: string | null;
  readonly listenUrl: string | null;
  readonly recordUrl: string | null;
};

/** Result of one dial, as recorded. */
export type DialEnd = { readonly status: Extract<CallStatus, "placed" | "rejected" | "unknown" | "queued"> } & (
  | ({ readonly status: "placed" } & Placement)
  | { readonly status: "rejected" | "unknown"; readonly reason: ReasonCode; readonly detail: Record<string, unknown> }
  /** `posted`: Mihu received the request, so it counts for the pace. The call is due again after `waitMs`. */
  | {
      readonly status: "queued";
      readonly reason: ReasonCode;
      readonly detail: Record<string, unknown>;
      readonly posted: boolean;
      readonly waitMs: number;
    }
);

/** Effect of an answer on the whole line. */
export type LineEffect =
  | { readonly kind: "none" }
  | { readonly kind: "pause"; readonly reason: ReasonCode; readonly detail: string }
  | { readonly kind: "hold"; readonly waitMs: number };

/** @returns The call's next state, and the line's reaction. */
export function endOfDial(answer: PlaceAnswer): { end: DialEnd; effect: LineEffect } {
  switch (answer.kind) {
    case "placed": {
      const { kind: _, ...placement } = answer;
      return { end: { status: "placed", ...placement }, effect: { kind: "none" } };
    }
    case "refused":
      return {
        end: { status: "rejected", reason: "refused", detail: { status: answer.status, answer: answer.detail } },
        effect: { kind: "none" },
      };
    case "rate_limited":
      return {
        end: {
          status: "queued",
          reason: "rate_limited",
          detail: { wait_ms: answer.waitMs },
          posted: true,
          waitMs: answer.waitMs,
        },
        effect: { kind: "hold", waitMs: answer.waitMs },
      };
    case "about_us":
      return {
        end: {
          status: "queued",
          reason: "line_paused",
          detail: { status: answer.status, cause: answer.reason },
          posted: true,
          waitMs: 0,
        },
        effect: { kind: "pause", reason: answer.reason, detail: answer.detail },
      };
    case "unknown":
      return {
        end: { status: "unknown", reason: answer.reason, detail: { status: answer.status, answer: answer.detail } },
        effect: { kind: "none" },
      };
  }
}

/** Reason for not sending a claimed call. */
export type NotBegun = Extract<
  ReasonCode,
  "not_begun" | "given_back" | "gates_changed" | "line_paused" | "rate_limited"
>;

/**
 * End of the time in which a claimed call may be started.
 *
 * @param claimedAt Start of the call's claim, by the clock of the line's object. This time is never later than
 *   Postgres' time of the claim.
 * @param openMs Milliseconds from the claim to the end of its calling hours or its expiry; null if neither ends.
 * @returns Epoch milliseconds. After this time the call's POST is not started.
 */
export function beginsBefore(claimedAt: number, openMs: number | null): number {
  return claimedAt + Math.min(postWithinMs, openMs ?? postWithinMs);
}

/** Result of a claimed call that was not sent. The call is queued again at once and used no slot. */
export function notBegun(reason: NotBegun): DialEnd {
  return { status: "queued", reason, detail: {}, posted: false, waitMs: 0 };
}
