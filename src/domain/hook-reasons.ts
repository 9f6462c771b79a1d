/**
 * Reasons of hooks and of their deliveries. The comment above each group names the files that assign them, which a test
 * verifies. `hook_disabled` is also a problem, and is explained there (problem-reasons.ts).
 */
import type { Explanation } from "./call-reasons.ts";

export const hookReasons = {
  // Reasons why a hook is paused: src/store/hooks/hooks.ts, src/views/hooks/hook.ts.
  hook_paused: {
    what: "A person paused the hook: its deliveries wait.",
    next: null,
  },
  token_ended: {
    what: "No valid token of the hook's owner has the scopes that the hook needs: its deliveries wait.",
    next: "Make a token of the same name with these scopes, or remove the hook.",
  },
  // Reasons why a hook is disabled: src/store/hooks/record.ts, src/domain/hooks/retries.ts.
  failing_for_days: {
    what: "No try succeeded for five days, so the hook is disabled and misses what happens.",
    next: "Mend the receiver, resume the hook, and redeliver what it missed. Or remove the hook.",
  },
  receiver_gone: {
    what: "The receiver answered 410, which ends the hook: the hook is disabled and misses what happens.",
    next: "Remove the hook. If the receiver did not mean it, resume the hook, and redeliver what it missed.",
  },
  // Reasons why a delivery was given up: src/domain/hooks/retries.ts.
  receiver_refuses: {
    what: "The receiver refused the delivery in each of three tries, by a 4xx that does not mean `later`.",
    next: "`history` has its answers. Mend the receiver, then redeliver it.",
  },
  tries_used_up: {
    what: "None of the delivery's ten tries succeeded.",
    next: "`history` has the answers. Redeliver it once the receiver works.",
  },
  // The reason why a delivery of a hook that is not at work is missed: src/store/sweep.ts.
  waited_too_long: {
    what: "The delivery waited for 30 days, because the hook was paused or its owner had no valid token.",
    next: "Redeliver it once the hook is at work.",
  },
  // Reasons why a try failed: src/notify/post.ts; an answer other than 2xx: src/store/hooks/record.ts.
  receiver_silent: {
    what: "The receiver did not answer within 15 s; it may have got the delivery.",
    next: "Hookline tries again, under the same `webhook-id`.",
  },
  receiver_unreachable: {
    what: "The connection to the receiver failed, or broke before its answer; it may have got the delivery.",
    next: "Hookline tries again, under the same `webhook-id`.",
  },
  receiver_failed: {
    what: "The receiver's answer was not 2xx.",
    next: "`detail` has its status. Hookline tries again, unless the status ends the delivery.",
  },
  target_refused: {
    what: "Hookline sends nothing to this target: it is not HTTPS, is a private address, or is Hookline's own.",
    next: "Remove the hook, and make one with another `target_url`.",
  },
  mail_not_configured: {
    what: "The service cannot send e-mails, because no mail API is configured.",
    next: "Set MAIL_API_URL, MAIL_API_KEY and MAIL_FROM, or remove the hook.",
  },
  not_sendable: {
    what: "The request could not be made, because of a bug or of a value that an earlier version stored.",
    next: "Make the hook anew. If that does not help, report it with the log.",
  },
  // The reason why a pending delivery has no number and no texts any more: src/store/hooks/erased-deliveries.ts.
  delivery_erased: {
    what: "The call was erased: what is sent from now on has no number and no texts.",
    next: null,
  },
} as const satisfies Record<string, Explanation>;
