import type { Rejected, RejectReason } from "../../domain/events/webhook.ts";

/**
 * @param detail One sentence for the operator. It contains no secret and nothing that the request presented: the
 *   sentence is stored, logged and shown.
 * @returns A rejection.
 */
export function reject(reason: RejectReason, detail: string): Rejected {
  return { ok: false, reason, detail };
}
