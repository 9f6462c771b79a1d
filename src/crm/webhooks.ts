/** The registry, the verifier and the readers as the flows know them. */
import type { ActiveSecret, EventReading, Place, SourceSettings, WebhookRequest } from "../domain/source.ts";
import type { Sealer } from "../platform/seal.ts";
import type { SourceCopy, Webhooks } from "../ports/inbox.ts";
import { readEvents } from "./read.ts";
import { findPreset } from "./registry.ts";
import { fullSettings } from "./settings.ts";
import { verifySignature } from "./verify.ts";

/** Longer values say nothing that a person would look up. */
const keptHeaderCharactersMax = 256;

/** @param sealer opens the secrets of a source; each copy of a source is opened once */
export function webhooks(sealer: Sealer): Webhooks {
  // The secrets are kept and not a promise of them: a request may not await what another one began.
  const opened = new WeakMap<SourceCopy, ActiveSecret[]>();
  const secretsOf = async (source: SourceCopy): Promise<ActiveSecret[]> => {
    const known = opened.get(source);
    if (known !== undefined) return known;
    const secrets = await openAll(sealer, source);
    opened.set(source, secrets);
    return secrets;
  };
  return {
    async verify(source, request, nowMs) {
      const preset = presetOf(source);
      const secrets = await secretsOf(source);
      return await verifySignature({
        preset,
        settings: settingsOf(source),
        tenant: source.tenant,
        secrets,
        request,
        nowMs,
      });
    },
    async read(source, request, json, text) {
      return await readEvents({ preset: presetOf(source), settings: settingsOf(source), request, json, text });
    },
    keptHeaders: (source, request) => {
      const preset = presetOf(source);
      return kept(preset.reading(fullSettings(preset, settingsOf(source))), request);
    },
    answer: (source) => presetOf(source).answer,
  };
}

async function openAll(sealer: Sealer, source: SourceCopy): Promise<ActiveSecret[]> {
  const secrets: ActiveSecret[] = [];
  for (const { id, sealed } of source.secrets) {
    const answer = await sealer.open(sealed);
    // One that cannot be opened (its key is gone) must not keep the others from verifying.
    if (answer.ok) secrets.push({ id, value: answer.text });
  }
  return secrets;
}

/** A preset that is stored and not in the registry was removed from the code under a running service: a bug. */
function presetOf(source: SourceCopy) {
  const preset = findPreset(source.preset);
  if (preset === null) throw new Error(`source ${source.slug} has a preset that is not registered: ${source.preset}`);
  return preset;
}

const settings = new WeakMap<SourceCopy, SourceSettings>();

/** Settings were checked before they were stored: every value is a text. */
function settingsOf(source: SourceCopy): SourceSettings {
  const known = settings.get(source);
  if (known !== undefined) return known;
  const made = textsOf(source);
  settings.set(source, made);
  return made;
}

function textsOf(source: SourceCopy): SourceSettings {
  return Object.fromEntries(
    Object.entries(source.settings).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The headers that name the event, and what sent it. Nothing else: any other header may carry a secret. */
function kept(reading: EventReading, request: WebhookRequest): Record<string, string> {
  const names = new Set(["content-type", "user-agent"]);
  const add = (place: Place): void => {
    if ("header" in place) names.add(place.header.toLowerCase());
    else if ("joined" in place) place.joined.forEach(add);
  };
  for (const place of [...reading.id, ...reading.type, ...reading.time]) add(place);
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value.slice(0, keptHeaderCharactersMax);
  }
  return headers;
}
