/**
 * Rejections: verifies rejected requests again, with the source's current configuration and at their time of arrival.
 * Requests that verify are ingested as usual. Accepting one twice is safe, because events have dedupe keys.
 */

import type { Doctor, RejectedRequest } from "../../ports/ingest/doctor.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { StoredRejection, StoredRejectionStore } from "../../ports/ingest/stored-rejections.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import type { Identity } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { type Accepted, ingest, tooManyConflicts, verifyAndRead } from "./ingest.ts";

type ReviewPorts = {
  readonly webhooks: Webhooks;
  readonly doctor: Doctor;
  readonly rejections: StoredRejectionStore;
};
type AcceptRejectionPorts = ReviewPorts & {
  readonly identity: Identity;
  readonly inboxes: Pick<Inboxes, "accept">;
};

/** A rejection with its current verdict. */
export type Reviewed = {
  readonly rejection: StoredRejection;
  /** Whether the request is stored completely and was not accepted before. */
  readonly isStored: boolean;
  readonly verifiesNow: boolean;
  /** The reason why the request would be rejected now. Null if the request would be accepted, or if this is unknown. */
  readonly reason: string | null;
  readonly detail: string | null;
  readonly advice: string | null;
};

/** Result for a rejection that a person wants to accept. */
export type AcceptedEnd = { readonly id: string } & (
  | { readonly end: "accepted" | "would_accept"; readonly events: readonly Accepted[] }
  | { readonly end: "accepted_before"; readonly events: readonly string[] }
  | { readonly end: "refused"; readonly reason: string; readonly detail: string; readonly advice: string | null }
  | { readonly end: "not_kept" | "not_found" | "handshake" | "unavailable" }
);

/** Judges the newest rejections of a source again. */
export async function reviewRejections(ports: ReviewPorts, source: SourceCopy): Promise<Reviewed[]> {
  const [rejections, retired] = await Promise.all([
    ports.rejections.list(source.slug),
    ports.rejections.retired(source.slug),
  ]);
  const judged: { rejection: StoredRejection; refused: RejectedRequest; isGood: boolean }[] = [];
  for (const rejection of rejections) {
    const refused = ports.doctor.recall(source, rejection);
    const now = refused.isWhole ? await judgedNow(ports, source, refused) : refused;
    judged.push({ rejection, refused: now ?? refused, isGood: now === null });
  }
  const open = judged.filter(({ rejection, isGood }) => !isGood && rejection.acceptedAt === null);
  const advices = await ports.doctor.advise(
    source,
    retired,
    open.map(({ refused }) => refused),
  );
  return judged.map(({ rejection, refused, isGood }) => {
    const found = advices[open.findIndex((one) => one.rejection === rejection)];
    const { reason, detail } = refused;
    return {
      rejection,
      isStored: refused.isWhole && rejection.acceptedAt === null,
      verifiesNow: isGood || found?.isRightNow === true,
      ...(isGood || rejection.acceptedAt !== null ? { reason: null, detail: null } : { reason, detail }),
      advice: found?.advice ?? null,
    };
  });
}

/**
 * Accepts the rejections that verify now.
 *
 * @param ids Selected rejections; null for all.
 */
export async function acceptRejections(
  ports: AcceptRejectionPorts,
  source: SourceCopy,
  { ids, dryRun }: { readonly ids: readonly string[] | null; readonly dryRun: boolean },
  act: PersonAct,
): Promise<AcceptedEnd[]> {
  const rejections = await ports.rejections.list(source.slug);
  const byId = new Map(rejections.map((one) => [one.id, one]));
  // Requests are accepted in their order of arrival, so that later events are planned later.
  const meant = rejections.filter(({ id }) => ids === null || ids.includes(id)).sort((one, other) => one.at - other.at);
  const ends: AcceptedEnd[] = [];
  const refused: RejectedRequest[] = [];
  for (const rejection of meant) {
    const end = await acceptOne(ports, source, rejection, dryRun);
    if ("end" in end) ends.push({ id: rejection.id, ...end });
    else {
      refused.push(end);
      ends.push({ id: rejection.id, end: "refused", reason: end.reason, detail: end.detail, advice: null });
    }
  }
  const accepted = ends.flatMap((one) =>
    one.end === "accepted" ? [{ id: one.id, events: one.events.map(({ id }) => id) }] : [],
  );
  if (accepted.length > 0) await ports.rejections.accepted(source.slug, accepted, act);
  const missing = (ids ?? []).filter((id) => !byId.has(id)).map((id): AcceptedEnd => ({ id, end: "not_found" }));
  return [...(await advised(ports, source, ends, refused)), ...missing];
}

type OneEnd =
  | { readonly end: "accepted" | "would_accept"; readonly events: readonly Accepted[] }
  | { readonly end: "accepted_before"; readonly events: readonly string[] }
  | { readonly end: "not_kept" | "handshake" | "unavailable" };

async function acceptOne(
  ports: AcceptRejectionPorts,
  source: SourceCopy,
  rejection: StoredRejection,
  dryRun: boolean,
): Promise<OneEnd | RejectedRequest> {
  if (rejection.acceptedAt !== null) return { end: "accepted_before", events: rejection.acceptedEvents };
  const recalled = ports.doctor.recall(source, rejection);
  if (!recalled.isWhole) return { end: "not_kept" };
  // A handshake needed its answer at the time. The sender sends another at its next setup.
  if ((await ports.webhooks.handshake(source, recalled.request, recalled.at)) !== null) return { end: "handshake" };
  if (dryRun) return (await judgedNow(ports, source, recalled)) ?? { end: "would_accept", events: [] };
  const ingested = await ingest(ports, source, recalled.request, recalled.at);
  switch (ingested.kind) {
    case "accepted":
      return { end: "accepted", events: ingested.events };
    // The source changed at this moment. A retry is judged by its new configuration.
    case "left_out":
    case "unavailable":
      return { end: "unavailable" };
    default:
      return { ...recalled, reason: ingested.reason, detail: ingested.detail };
  }
}

/**
 * @returns Null if the request verifies and can be read now. A request rejected for its conflicts verified before, so
 *   accepting it would change nothing.
 */
async function judgedNow(
  { webhooks }: ReviewPorts,
  source: SourceCopy,
  recalled: RejectedRequest,
): Promise<RejectedRequest | null> {
  if (recalled.reason === tooManyConflicts.reason) return recalled;
  const judged = await verifyAndRead({ webhooks }, source, recalled.request, recalled.at);
  return judged.kind === "good" ? null : { ...recalled, reason: judged.reason, detail: judged.detail };
}

async function advised(
  { doctor, rejections }: ReviewPorts,
  source: SourceCopy,
  ends: readonly AcceptedEnd[],
  refused: readonly RejectedRequest[],
): Promise<AcceptedEnd[]> {
  if (refused.length === 0) return [...ends];
  const advices = await doctor.advise(source, await rejections.retired(source.slug), refused);
  let next = 0;
  return ends.map((one) => (one.end === "refused" ? { ...one, advice: advices[next++]?.advice ?? null } : one));
}
