/** A receipt that was checked with the service's public keys, for a page. */
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { verifyReceipt } from "../../flows/audit/verify-receipt.ts";
import { iso } from "../moment.ts";
import { receiptTools } from "./receipt-tools.ts";

/** An entry of the receipt, proven to stand at its position of the chain. */
type CheckedEntry = {
  readonly position: number;
  readonly at: string;
  readonly action: string;
  readonly reason: string | null;
  /** Position of the signed head above it. */
  readonly head: number;
};

export type CheckedReceipt =
  | {
      readonly ok: true;
      readonly callId: string;
      readonly orderNumber: string | null;
      readonly status: string;
      readonly outcome: string | null;
      readonly signedAt: string;
      /** Id of the key (`kid`). */
      readonly key: string;
      readonly heads: readonly { readonly position: number; readonly at: string }[];
      readonly entries: readonly CheckedEntry[];
      /** Whether number and texts are in it, and are those that the call's making committed to. */
      readonly hasContent: boolean;
      /** Whether the call has more entries than a receipt may contain. */
      readonly more: boolean;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * @param jws A receipt, as anybody gives it.
 * @param keys The service's public keys.
 * @returns The proven facts, or the first check that failed.
 */
export async function checkedReceipt(jws: string, keys: JSONWebKeySet): Promise<CheckedReceipt> {
  const verified = await verifyReceipt(jws, receiptTools(keys));
  if (!verified.ok) return verified;
  const { receipt, heads, entries } = verified;
  const { call } = receipt;
  return {
    ok: true,
    ...{
      callId: call.id,
      orderNumber: text(call.order_number),
      status: String(call.status),
      outcome: text(call.outcome),
    },
    signedAt: receipt.at,
    key: decodeProtectedHeader(jws).kid ?? "",
    heads: heads.map(({ position, at }) => ({ position, at: iso(at) })),
    entries: entries.map(({ position, at, action, reason, head }) => ({
      ...{ position, at, action, reason, head: head.position },
    })),
    hasContent: receipt.content !== undefined,
    more: receipt.more === true,
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
