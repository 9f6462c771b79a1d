/** Implements the flows' port for presets: handshakes, verification, reading, and evidence of rejected requests. */
import { withNote } from "../domain/events/body-notes.ts";
import type { WebhookRequest } from "../domain/events/webhook.ts";
import type { Sealer } from "../platform/seal.ts";
import type { Webhooks } from "../ports/ingest/webhooks.ts";
import type { SourceCopy } from "../ports/source-copy.ts";
import { type Chosen, schemeOf } from "./preset/chosen-scheme.ts";
import type { ActiveSecret, GivenSettings, ValueLocation } from "./preset/preset.ts";
import { secretHeaders } from "./preset/secret-headers.ts";
import { textSettings } from "./preset/settings.ts";
import { findPreset } from "./presets/index.ts";
import { readEvents } from "./reading/events.ts";
import { handshakeIn } from "./reading/handshake.ts";
import { evidenceOf } from "./rejected/stored-request.ts";
import { decodeBody } from "./request/body.ts";
import { headerOf } from "./request/paths.ts";
import { verifySignature } from "./signature/verify.ts";

/** Characters of a stored header. */
const storedHeaderCharactersMax = 256;

/** @param sealer Opens the secrets of a source, once per copy of it. */
export function webhooks(sealer: Sealer): Webhooks {
  // Secrets are cached, never promises of them: workerd does not let a request await a promise that another request
  // created.
  const opened = new WeakMap<SourceCopy, ActiveSecret[]>();
  const openedOf = async (source: SourceCopy): Promise<ActiveSecret[]> => {
    const known = opened.get(source);
    if (known !== undefined) return known;
    const secrets = await openAll(sealer, source);
    opened.set(source, secrets);
    return secrets;
  };
  /**
   * Secrets that have not expired at the request's time. The sweep retires expired ones later, and cannot while
   * Postgres is down.
   */
  const secretsOf = async (source: SourceCopy, nowMs: number): Promise<ActiveSecret[]> => {
    const secrets = await openedOf(source);
    const over = source.secrets.filter(({ expiresAt }) => typeof expiresAt === "number" && expiresAt <= nowMs);
    return over.length === 0 ? secrets : secrets.filter(({ id }) => !over.some((one) => one.id === id));
  };
  return {
    async handshake(source, request, nowMs) {
      const preset = presetOf(source);
      const asked = handshakeIn(schemeOf(preset, settingsOf(source)), request, source.secrets.length > 0);
      if (asked === null) return null;
      if ("ok" in asked) return { kind: "refused", reason: asked.reason, detail: asked.detail };
      const { answer } = asked;
      if (asked.kind === "capture") {
        const [sealed, fingerprint] = [await sealer.seal(asked.secret), await sealer.fingerprint(asked.secret)];
        return { kind: "capture", secret: { sealed, kid: sealer.kid, fingerprint }, answer };
      }
      if (!asked.signed) return { kind: "answer", answer };
      const secrets = await secretsOf(source, nowMs);
      const { tenant } = source;
      const settings = settingsOf(source);
      const verified = await verifySignature({ preset, settings, tenant, secrets, request, nowMs, skipTenant: true });
      if (verified.ok) return { kind: "answer", answer };
      return { kind: "refused", reason: verified.reason, detail: verified.detail };
    },
    async verify(source, request, nowMs) {
      const preset = presetOf(source);
      const secrets = await secretsOf(source, nowMs);
      return await verifySignature({
        preset,
        settings: settingsOf(source),
        tenant: source.tenant,
        secrets,
        request,
        nowMs,
      });
    },
    async read(source, request, nowMs) {
      return await readEvents({ preset: presetOf(source), settings: settingsOf(source), request, nowMs });
    },
    storedHeaders(source, request) {
      const chosen = schemeOf(presetOf(source), settingsOf(source));
      const body = decodeBody(request, chosen.body);
      const headers = headersToStore(chosen, request);
      return body.ok && body.notes.length > 0 ? withNote(headers, body.notes.join(", ")) : headers;
    },
    async evidence(source, request, reason) {
      const preset = presetOf(source);
      const chosen = schemeOf(preset, settingsOf(source));
      const witness = { preset, chosen, secrets: await openedOf(source), fingerprint: sealer.fingerprint };
      return await evidenceOf(witness, request, reason);
    },
    notNow: (source) => presetOf(source).retries.notNow,
    answer: (source) => schemeOf(presetOf(source), settingsOf(source)).scheme.answer,
  };
}

/** @returns The source's secrets that the sealing keys can open. */
export async function openAll(sealer: Sealer, source: Pick<SourceCopy, "secrets">): Promise<ActiveSecret[]> {
  const secrets: ActiveSecret[] = [];
  for (const { id, sealed } of source.secrets) {
    const answer = await sealer.open(sealed);
    // A secret whose sealing key is missing must not stop the others from verifying.
    if (answer.ok) secrets.push({ id, value: answer.text });
  }
  return secrets;
}

/** Throws for a preset that is not registered. Removing a preset while sources use it is a bug. */
export function presetOf(source: SourceCopy) {
  const preset = findPreset(source.preset);
  if (preset === null) throw new Error(`source ${source.slug} has a preset that is not registered: ${source.preset}`);
  return preset;
}

const settings = new WeakMap<SourceCopy, GivenSettings>();

/** @returns The source's settings, one object per copy of the source. The chosen scheme is cached by this object. */
export function settingsOf(source: SourceCopy): GivenSettings {
  const known = settings.get(source);
  if (known !== undefined) return known;
  const made = textSettings(source.settings);
  settings.set(source, made);
  return made;
}

/**
 * Headers that are stored with an event: those that name it and its sender. Any other header may carry a secret.
 * Settings may name the secret's own header as the event's id, so headers with secrets are excluded last.
 */
function headersToStore(chosen: Chosen, request: WebhookRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of storedHeaderNames(chosen)) {
    const value = headerOf(request.headers, name);
    if (value !== null) headers[name] = value.slice(0, storedHeaderCharactersMax);
  }
  return headers;
}

const storedHeaderNamesOf = new WeakMap<Chosen, ReadonlySet<string>>();

function storedHeaderNames(chosen: Chosen): ReadonlySet<string> {
  const known = storedHeaderNamesOf.get(chosen);
  if (known !== undefined) return known;
  const { scheme, recipe, reading } = chosen;
  const names = new Set(["content-type", "user-agent"]);
  const add = (place: ValueLocation): void => {
    if ("header" in place) names.add(place.header.toLowerCase());
    else if ("joined" in place) place.joined.forEach(add);
  };
  for (const place of [...reading.id, ...reading.type, ...reading.time]) add(place);
  for (const name of secretHeaders(scheme, recipe)) names.delete(name);
  storedHeaderNamesOf.set(chosen, names);
  return names;
}
