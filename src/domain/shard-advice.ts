/**
 * How many inboxes a source needs, by its measured rate. Pure.
 *
 * The rule: an inbox is one object, which handles its requests one after another, and a request counts once however many events it carries.
 * Advice is given only if the source certainly sent more requests than its inboxes take: the events of a sender that may batch count as
 * one request for each commit, because a commit holds whole requests.
 *
 * Not measured: requests that were redelivered, refused or turned away, and a peak before the newest events that are looked at.
 */
import { shardsMax } from "./limits.ts";

/**
 * Requests that one inbox takes in a second. Cloudflare names 200 to 500 a second for an object that writes. This is
 * the lowest of these figures.
 *
 * @see https://developers.cloudflare.com/durable-objects/best-practices/rules-of-durable-objects/
 */
export const requestsPerInboxSecond = 200;

/** Length of the window that is measured: a shorter peak waits in the inbox's memory. */
export const busyWindowSeconds = 5;

/** The newest events of a source that are looked at: as many as the most inboxes take in one window. */
export const busyEventsMax = shardsMax * requestsPerInboxSecond * busyWindowSeconds;

/** Days that are looked back: advice about an older peak would stand for ever at a source that is quiet since. */
export const busyDaysMax = 7;

/** The busiest window of a source. `since`: its begin, epoch milliseconds. */
export type BusiestWindow = { readonly since: number; readonly events: number; readonly commits: number };

/** The least number of requests a second. @param batches whether one request may carry several events */
export function requestsPerSecond({ events, commits }: BusiestWindow, batches: boolean): number {
  return (batches ? commits : events) / busyWindowSeconds;
}

/** @returns the inboxes that the rate needs; `null`: the source has enough, or as many as it can have */
export function moreInboxes(perSecond: number, inboxes: number): number | null {
  const needed = Math.min(shardsMax, Math.ceil(perSecond / requestsPerInboxSecond));
  return needed > inboxes ? needed : null;
}
