/**
 * Explain: the endpoint's verdict on a request, and the change that would make it valid. The endpoint's own code judges
 * it. Nothing is stored, and nobody is called.
 */
import type { IncomingEvent, WebhookRequest } from "../../domain/events/webhook.ts";
import type { Doctor } from "../../ports/ingest/doctor.ts";
import type { StoredRejectionStore } from "../../ports/ingest/stored-rejections.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { verifyAndRead } from "./ingest.ts";

type DiagnosePorts = {
  readonly webhooks: Webhooks;
  readonly doctor: Doctor;
  readonly rejections: Pick<StoredRejectionStore, "retired">;
};

export type Diagnosis = {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly advice: string | null;
  readonly scheme: string;
  /** Id of the secret that verified the signature. */
  readonly secretId: string | null;
  /** Whether the request is a handshake at setup, which carries no event. */
  readonly isHandshake: boolean;
  readonly events: readonly IncomingEvent[];
};

/** A request to explain. */
type RequestToDiagnose = {
  /** Whether the caller says that the request's URL is the URL that the sender uses. */
  readonly request: WebhookRequest;
  /** The URL under which the endpoint would see the request; null if unknown. */
  readonly doorUrl: string | null;
  /** Time for the check of the signature's age, in epoch milliseconds. */
  readonly at: number;
  /** In local mode a published test key is valid. Everywhere else the endpoint rejects it. */
  readonly isLocal: boolean;
};

export async function diagnose(
  ports: DiagnosePorts,
  source: SourceCopy,
  { request, doorUrl, at, isLocal }: RequestToDiagnose,
): Promise<Diagnosis> {
  const scheme = ports.doctor.schemeOf(source);
  const good = {
    ok: true,
    reason: null,
    detail: null,
    advice: null,
    scheme,
    secretId: null,
    isHandshake: false,
    events: [],
  };
  const refused = async (reason: string, detail: string): Promise<Diagnosis> => {
    const headers = Object.keys(request.headers);
    const retired = await ports.rejections.retired(source.slug);
    const given = { reason, detail, request, headers, isWhole: true, presented: null, at };
    const [found] = await ports.doctor.advise(source, retired, [given]);
    const advice = found?.advice ?? null;
    if (found?.isPublicSecret !== true) return { ...good, ok: false, reason, detail, advice };
    if (!isLocal) return { ...good, ok: false, reason: "public_secret", detail: publicSecretDetail, advice };
    const read = await ports.webhooks.read(source, request, at);
    return { ...good, advice, events: read.ok ? read.events : [] };
  };

  const asked = await ports.webhooks.handshake(source, request, at);
  if (asked?.kind === "refused") return await refused(asked.reason, asked.detail);
  if (asked !== null) return { ...good, isHandshake: true, advice: handshakeAdvice };
  const verified = await verifyAndRead(ports, source, request, at);
  if (verified.kind !== "good") return await refused(verified.reason, verified.detail);
  const atDoor = await verifyAndRead(ports, source, { ...request, url: doorUrl }, at);
  const advice = atDoor.kind === "good" ? null : otherAddress(doorUrl);
  return { ...good, secretId: verified.secretId, events: verified.events, advice };
}

function otherAddress(doorUrl: string | null): string {
  const address = doorUrl?.match(/^https?:\/\/[^/?#]+/i)?.[0];
  return address === undefined
    ? "Valid for the pasted address, but Hookline knows no address of its own: set PUBLIC_URL or settings.url."
    : `Valid for the pasted address, but Hookline expects ${address}: set PUBLIC_URL or settings.url to the address that the sender has.`;
}

const publicSecretDetail =
  "It is signed with a published key, so anybody can sign with it and Hookline refuses it. Send a real event, and store the webhook's own secret.";
const handshakeAdvice = "This is the sender's set-up request. Hookline answers it, and makes no event of it.";
