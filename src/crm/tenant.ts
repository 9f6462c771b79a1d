import type { Rejected, TenantReading, WebhookRequest } from "../domain/source.ts";
import { headerOf, nameOf, valuesAt } from "./places.ts";
import { reject } from "./reject.ts";
import { jsonOf } from "./untrusted-json.ts";

/**
 * Checks whose account a verified request is of. Where one key signs for many accounts this is what keeps a stranger's
 * right signature out. Where the tenant stands in an unsigned header it is no more than a guard against mistakes.
 *
 * @param tenant What the source says; null if it says nothing.
 * @returns A refusal, or null.
 */
export function tenantRefusal(
  reading: TenantReading | null,
  tenant: string | null,
  request: WebhookRequest,
): Rejected | null {
  if (tenant === null || tenant === "") {
    if (reading?.mandatory !== true) return null;
    return reject("tenant_missing", "This preset's key signs for many accounts, and the source names no tenant.");
  }
  if (reading === null) return null;
  const found = tenantsOf(reading, request);
  if (found.length === 0 || found.includes(null)) return reject("tenant_missing", "The request names no tenant.");
  const fold = (name: string | null) => (reading.ignoreCase ? name?.toLowerCase() : name);
  if (found.every((name) => fold(name) === fold(tenant))) return null;
  return reject("tenant_mismatch", "The request is of another tenant than the source's.");
}

function tenantsOf(reading: TenantReading, request: WebhookRequest): readonly (string | null)[] {
  if ("header" in reading.place) return [nameOf(headerOf(request.headers, reading.place.header) ?? undefined)];
  const json = jsonOf(request.body);
  return json === undefined ? [] : valuesAt(json, reading.place.path).map(nameOf);
}
