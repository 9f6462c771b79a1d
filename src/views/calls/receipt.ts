/** The receipt of a call for one reader. */
import { makeReceipt } from "../../flows/audit/receipt.ts";
import type { CallLookups, CallRow } from "../../ports/lookups/calls.ts";
import { harmlessDetail } from "../detail.ts";
import { type Reader, seesAll } from "../reader.ts";
import { callView } from "./call.ts";

/** Attempts at a receipt for a call that changes meanwhile. */
const triesMax = 4;

/** Fields of a call in a receipt. An erasure removes none of these fields. */
const receiptFields = [
  ["id", "try", "again_of", "status", "outcome", "outcome_raw", "reason", "source", "rule", "rule_version", "mode"],
  ["event_id", "line", "order_number", "record", "conversation_uuid", "mihu_id", "created_at", "due_at", "claimed_at"],
  ["placed_at", "ended_at", "duration_s"],
].flat();

export type ReceiptPorts = Parameters<typeof makeReceipt>[0] & { readonly lookups: Pick<CallLookups, "call"> };

/**
 * `differs`: the call's row does not follow from its entries, so it is never signed. `unlinked`: some of its entries are not in the chain
 * yet.
 */
type CallReceiptOf =
  | { readonly kind: "made"; readonly jws: string }
  | { readonly kind: "differs"; readonly columns: readonly string[] }
  | { readonly kind: "unlinked" };

/** Links the call's new entries first, and signs the call as it is then. */
export async function receiptOf(ports: ReceiptPorts, reader: Reader, call: CallRow): Promise<CallReceiptOf> {
  const open = seesAll(reader);
  const columns = await ports.receipts.differs(call.id);
  if (columns.length > 0) return { kind: "differs", columns };
  let row = call;
  let jws: string | null = null;
  for (let tries = 0; tries < triesMax; tries++) {
    const view = { call: shownCall(row, open), withContent: open, maySee: (data: string) => open || isHarmless(data) };
    jws = await makeReceipt(ports, view);
    // The call changed between the two reads, so its entries do not match the row that was read first.
    const now = await ports.lookups.call(call.id);
    if (now === null || (now.status === row.status && now.outcome === row.outcome)) break;
    row = now;
  }
  return jws === null ? { kind: "unlinked" } : { kind: "made", jws };
}

function shownCall(row: CallRow, open: boolean) {
  const whole: Record<string, unknown> = callView(row, open);
  return {
    ...Object.fromEntries(receiptFields.map((name) => [name, whole[name]])),
    id: row.id,
    event_id: row.eventId,
  };
}

function isHarmless(data: string): boolean {
  const fields: Record<string, unknown> = JSON.parse(data);
  return Object.keys(harmlessDetail(fields)).length === Object.keys(fields).length;
}
