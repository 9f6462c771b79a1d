/** Filters of calls as they are asked for, and as the store takes them. */
import type { Context } from "hono";
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import { parseNumber } from "../../domain/people/phone.ts";
import type { CallFilter } from "../../ports/lookups.ts";
import { seesAll } from "../../views/reader.ts";
import type { AppEnv } from "../deps.ts";
import type { BulkFilter, CallsFilter } from "./schemas/queries.ts";

/**
 * @returns the filter; `null` when it names a number and the reader may not see numbers: nobody must find out about one by asking for
 *   it either
 */
export function callFilterOf(c: Context<AppEnv>, asked: CallsFilter | BulkFilter): CallFilter | null {
  const { order_number, record_type, record_id, number, ...same } = asked;
  if (number !== undefined && !seesAll(c.var.reader)) return null;
  const parsed = number === undefined ? null : parseNumber(number, c.var.deps.defaultCountry);
  return {
    ...same,
    orderNumberKey: order_number === undefined ? undefined : normaliseOrderNumber(order_number),
    recordType: record_type,
    recordId: record_id,
    // What is no number is a number that no call has.
    number: parsed === null ? undefined : parsed.ok ? parsed.e164 : number,
  };
}
