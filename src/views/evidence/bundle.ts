/**
 * The evidence bundle of an order: a zip with everything about it, receipts that can be verified, and a page that verifies them offline.
 *
 * | file                    | content                                                                            |
 * | ----------------------- | ---------------------------------------------------------------------------------- |
 * | `timeline.json`, `.html`| events, calls, entries, verdicts, reports and deliveries, masked for the reader     |
 * | `receipts/<call>.jws`   | the receipt of each call, as `GET /v1/calls/:id/receipt` answers it                 |
 * | `heads.json`            | the signed heads that the receipts refer to                                         |
 * | `keys.json`             | the public keys (RFC 7517)                                                          |
 * | `manifest.jws`          | signed: the bundle's facts, the SHA-256 of each file, and calls without a receipt   |
 * | `verify.html`           | the verifier, with the files above inside it                                        |
 *
 * It is made file by file while it is sent, so a call that changes meanwhile may be newer in its receipt than in the timeline. If a part
 * fails, the stream fails. It has at most {@link evidenceCallsMax} calls and as many events; `more` says if there are others.
 *
 * One entry is written before the first byte: the order number and the calls. It says nothing about how much the client took.
 */
import { makeZip } from "client-zip";
import { decodeJwt } from "jose";
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import type { DeliveryStore } from "../../ports/hooks/delivery-lookups.ts";
import type { CallLookups, CallRow } from "../../ports/lookups/calls.ts";
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import type { EventLookups, EventRow } from "../../ports/lookups/events.ts";
import type { OrderLookups } from "../../ports/lookups/orders.ts";
import { answerOf } from "../calls/order-answer.ts";
import { type ReceiptPorts, receiptOf } from "../calls/receipt.ts";
import { type PulledStream, pulled } from "../exports/pulled.ts";
import { iso } from "../moment.ts";
import { actorOf, type Reader, seesAll } from "../reader.ts";
import { timelinePage, verifierPage } from "./pages.ts";
import { timelineOf } from "./timeline.ts";

/** Calls of one bundle, and events. Their receipts are in memory while the last page is made. */
const evidenceCallsMax = 50;

/** JWS type of a manifest, so that none passes for a receipt or a head. */
const manifestType = "hookline-evidence+jws";

const masks =
  "Numbers, texts, summaries, recordings and parts of the evidence are masked, because the reader has no scope pii:read. A masked value is " +
  "shown as •••. The receipts leave these values out.";

type EvidencePorts = Omit<ReceiptPorts, "lookups"> & {
  readonly lookups: CallLookups & EventLookups & ReadingLog & Pick<OrderLookups, "tokenNames">;
  readonly deliveries: Pick<DeliveryStore, "ofCall">;
  readonly signer: { readonly jwks: unknown };
  /** The service's public address, where its keys are; null if it is not known. */
  readonly publicUrl: string | null;
};

/** @returns Null if there is neither an event nor a call. */
export async function orderEvidence(
  ports: EvidencePorts,
  reader: Reader,
  orderNumber: string,
): Promise<PulledStream | null> {
  const orderNumberKey = normaliseOrderNumber(orderNumber);
  const calls = await ports.lookups.calls({ orderNumberKey }, evidenceCallsMax, null);
  const events = await ports.lookups.events({ orderNumberKey }, evidenceCallsMax, null);
  if (calls.rows.length === 0 && events.rows.length === 0) return null;
  const masked = !seesAll(reader);
  await ports.lookups.noteRead({
    subject: "reading",
    subjectId: reader.jti,
    action: "exported",
    actor: actorOf(reader),
    reason: null,
    data: {
      ...{ what: "evidence", filter: { order_number: orderNumber }, masked },
      ...{ rows_at_most: calls.rows.length, calls: calls.rows.map(({ id }) => id) },
    },
  });
  const made: Found = {
    orderNumber,
    calls: calls.rows,
    events: events.rows,
    more: { calls: calls.next !== null, events: events.next !== null },
    at: ports.clock.now(),
  };
  const zip = makeZip(filesOf(ports, reader, made), { buffersAreUTF8: true });
  return pulled(partsOf(zip), async () => {});
}

type Found = {
  readonly orderNumber: string;
  readonly calls: readonly CallRow[];
  readonly events: readonly EventRow[];
  readonly more: { readonly calls: boolean; readonly events: boolean };
  readonly at: number;
};

/** A call's receipt as the manifest names it. `problem`: why there is none, and `why` as a sentence. */
type ManifestReceipt = {
  readonly call: string;
  readonly file: string | null;
  readonly erased_at: string | null;
  readonly problem: "differs" | "unlinked" | null;
  readonly why: string | null;
};

type ZipFile = { readonly name: string; readonly input: string; readonly lastModified: Date };

async function* filesOf(ports: EvidencePorts, reader: Reader, found: Found): AsyncGenerator<ZipFile, void> {
  const { orderNumber, calls, events, more, at } = found;
  const { sha256Hex } = ports.identity;
  const lastModified = new Date(at);
  const masked = !seesAll(reader);
  const facts = {
    ...{ iss: "hookline", order_number: orderNumber, at: iso(at), service: ports.publicUrl, masked },
    ...{ masks: masked ? masks : null, limits: { calls: evidenceCallsMax, events: evidenceCallsMax }, more },
  };
  const hashes: Record<string, string> = {};
  const shown: Record<string, string> = {};
  const file = (name: string, input: string, embedded = true): ZipFile => {
    hashes[name] = sha256Hex(input);
    if (embedded) shown[name] = input;
    return { name, input, lastModified };
  };

  const timeline = await timelineOf(ports, reader, calls, events);
  const answer = answerOf(
    orderNumber,
    { calls, events, more: more.calls || more.events },
    { zone: "UTC", nowMs: at, open: !masked },
  );
  yield file("timeline.json", jsonText({ ...facts, answer, ...timeline }));
  yield file("timeline.html", timelinePage({ ...facts, answer, ...timeline }), false);

  const heads = new Map<number, unknown>();
  const receipts: ManifestReceipt[] = [];
  for (const call of calls) {
    const made = await receiptOf(ports, reader, call);
    const name = made.kind === "made" ? `receipts/${call.id}.jws` : null;
    receipts.push({
      ...{ call: call.id, file: name, erased_at: iso(call.erasedAt) },
      ...{ problem: made.kind === "made" ? null : made.kind, why: whyNone(made) },
    });
    if (made.kind !== "made" || name === null) continue;
    for (const head of headsIn(made.jws)) heads.set(head.position, head);
    yield file(name, made.jws);
  }
  // On one line, as the answer of the API: `verify-receipt --heads` reads both.
  yield file("heads.json", `${JSON.stringify({ data: [...heads.values()] })}\n`);
  yield file("keys.json", jsonText(ports.signer.jwks));
  const manifest = { ...facts, receipts, files: hashes };
  const { jws } = await ports.signer.sign(manifestType, manifest);
  yield { name: "manifest.jws", input: jws, lastModified };
  yield { name: "verify.html", input: verifierPage(orderNumber, { ...shown, "manifest.jws": jws }), lastModified };
}

function whyNone(made: Awaited<ReturnType<typeof receiptOf>>): string | null {
  switch (made.kind) {
    case "made":
      return null;
    case "unlinked":
      return "Some of the call's entries were not in the audit chain yet. Make the bundle again.";
    case "differs":
      return `The call's row does not show what its entries say (${made.columns.join(", ")}), so it is not signed. Run hookline verify-audit.`;
  }
}

/** The heads of a receipt that the service has just signed. */
function headsIn(jws: string): { position: number; hash: string; at: number; jws: string }[] {
  const { pieces } = decodeJwt<{ pieces: { head: string }[] }>(jws);
  return pieces.map(({ head }) => {
    const { position, hash, at } = decodeJwt<{ position: number; hash: string; at: number }>(head);
    return { position, hash, at, jws: head };
  });
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
