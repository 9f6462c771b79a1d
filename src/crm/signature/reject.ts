import type { Rejected, RejectReason } from "../../domain/events/webhook.ts";

/**
 * @param detail One sentence for the operator. No secret, and nothing that the request presented.
 * @returns A refusal.
 */
export function reject(reason: RejectReason, detail: string): Rejected {
  return { ok: false, reason, detail };
}
