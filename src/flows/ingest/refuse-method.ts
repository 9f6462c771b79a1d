import type { Rejection } from "../../ports/ingest/rejections.ts";
import { type AcceptPorts, type ReadRequest, rejectionOf } from "./accept.ts";

/**
 * Rejects a webhook by another method than POST. Its sender is misconfigured, so the operator gets a rejection to see.
 *
 * @param read Called only for a source that exists.
 * @returns The rejection; null if the source does not exist or cannot be looked up now.
 */
export async function refuseMethod(
  ports: Pick<AcceptPorts, "clock" | "identity" | "inboxes" | "webhooks" | "takesEvidence">,
  slug: string,
  read: ReadRequest,
): Promise<Rejection | "body_too_large" | null> {
  const source = await ports.inboxes.describe(slug).catch(() => null);
  if (source === null || source.disconnected === true) return null;
  const request = await read();
  if (request === null) return "body_too_large";
  const method = request.method.replace(/[^A-Z]/gi, "").slice(0, 16);
  const detail = `The request came by ${method}, but events are accepted by POST only.`;
  const refused = { source, request, nowMs: ports.clock.now() };
  return await rejectionOf(ports, refused, { code: "method_not_allowed", detail });
}
