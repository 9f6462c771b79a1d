/** Translates call filters from query parameters to the store's form. */
import type { Context } from "hono";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import { parseNumber } from "../../../domain/people/phone.ts";
import type { CallFilter } from "../../../ports/lookups/calls.ts";
import { seesAll } from "../../../views/reader.ts";
import type { AppEnv } from "../../deps.ts";
import type { CallsFilter } from "../schemas/queries.ts";

/**
 * @returns The filter; null if it names a number and the reader lacks `pii:read`. Such a search would reveal whether a
 *   number was called.
 */
export function callFilterOf(c: Context<AppEnv>, given: CallsFilter): CallFilter | null {
  const { order_number, record_type, record_id, number, status: statuses, ...same } = given;
  if (number !== undefined && !seesAll(c.var.reader)) return null;
  const parsed = number === undefined ? null : parseNumber(number, c.var.deps.defaultCountry);
  return {
    ...same,
    statuses,
    orderNumberKey: order_number === undefined ? undefined : normaliseOrderNumber(order_number),
    recordType: record_type,
    recordId: record_id,
    // A text that is no phone number matches no call.
    number: parsed === null ? undefined : parsed.ok ? parsed.e164 : number,
  };
}
