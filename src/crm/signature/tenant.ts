/**
 * The tenant check: an event must belong to the account that its source is configured for.
 *
 * Refused: a validly signed request of another account, if one key signs for many accounts (an app's key at Slack or
 * HubSpot). Without this check, any customer of the same app could send events to any source. A preset of that kind
 * refuses everything while its source names no tenant.
 *
 * Not guaranteed: a tenant in an unsigned header can be forged by a holder of a valid signature (RFC 9421, section
 * 7.2.1). There it only prevents mistakes.
 */

import type { Rejected, WebhookRequest } from "../../domain/events/webhook.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import type { TenantReading } from "../preset/preset.ts";
import { decodeBody } from "../request/body.ts";
import { eachValueAt, headerOf, nameOf, unwrapped, valuesThrough } from "../request/paths.ts";
import { reject } from "./reject.ts";
import { salesforceId } from "./salesforce-id.ts";

/**
 * Compares the accounts of a verified request with the source's tenant. Every event of a batch must belong to it.
 *
 * @param tenant The source's tenant; null if it has none.
 * @returns A rejection, or null.
 */
export function tenantRefusal(
  reading: TenantReading | null,
  tenant: string | null,
  request: WebhookRequest,
  rules: BodyRules,
): Rejected | null {
  if (tenant === null || tenant === "") {
    if (reading === null || reading.mandatory === false) return null;
    if (reading.mandatory === "when_named" && tenantsOf(reading, rules, request).every((name) => name === null))
      return null;
    return reject("tenant_missing", "The preset's key signs for many accounts, but the source names no tenant.");
  }
  if (reading === null) return null;
  const found = tenantsOf(reading, rules, request);
  if (found.includes(null)) return reject("tenant_missing", "The request names no tenant.");
  const fold = (name: string | null) => {
    if (name === null) return null;
    if (reading.isSalesforceId === true) return salesforceId(name);
    return reading.ignoreCase ? name.toLowerCase() : name;
  };
  if (found.every((name) => fold(name) === fold(tenant))) return null;
  return reject("tenant_mismatch", "The request is of another tenant than the source's.");
}

/**
 * @returns The accounts that a request names, with null for each event that names none. An empty batch and an
 *   unreadable body return none, because they make no event.
 */
export function tenantsOf(
  { place }: TenantReading,
  rules: BodyRules,
  request: WebhookRequest,
): readonly (string | null)[] {
  if ("header" in place) return [nameOf(headerOf(request.headers, place.header) ?? undefined)];
  const body = decodeBody(request, rules);
  if (!body.ok) return [];
  const named = (path: string) => eachValueAt(path.includes("*") ? body.value : unwrapped(body.value), path);
  if (body.format !== "xml" && typeof place.path === "string") return named(place.path).map(nameOf);
  const found = [place.path]
    .flat()
    .flatMap((path) => (body.format === "xml" ? valuesThrough(body.value, path) : named(path)))
    .filter((value) => value !== undefined);
  return found.length === 0 ? [null] : found.map(nameOf);
}
