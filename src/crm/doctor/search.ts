/**
 * The search for a change under which a signature verifies: single deviations first, then likely pairs, within a
 * budget.
 */

import type { RejectReason } from "../../domain/events/webhook.ts";
import { bodyRules } from "../preset/body-rules.ts";
import { decodeBody } from "../request/body.ts";
import { signedUrl } from "../request/signed-url.ts";
import { byFamily, publishedKeyId } from "../signature/verify.ts";
import { otherBodies } from "./causes/bodies.ts";
import { clockFinding } from "./causes/clock.ts";
import { otherKeys, otherSecrets, otherSpellingsOfSecret, othersPublicSecrets } from "./causes/keys.ts";
import { guesses, otherHeaders, otherPresets, otherSchemes } from "./causes/schemes.ts";
import { otherSpellings, otherTimes } from "./causes/spellings.ts";
import { otherUrls } from "./causes/urls.ts";
import type { Finding } from "./findings.ts";
import type { Axis, Patient, Trial } from "./trial.ts";

/** Budget of one rejected request: signatures computed, and bytes hashed for them. */
const doctorTriesMax = 400;
const doctorBytesMax = 16_777_216;

/** Remaining budget of one answer, shared by all its requests. */
export type Budget = { tries: number; bytes: number };

const single: readonly Axis[] = [
  otherSecrets,
  otherSchemes,
  otherUrls,
  otherSpellings,
  otherHeaders,
  otherTimes,
  otherBodies,
  otherSpellingsOfSecret,
  otherKeys,
  guesses,
  otherPresets,
  othersPublicSecrets,
];

const double: readonly (readonly [Axis, Axis])[] = [
  [otherSchemes, otherUrls],
  [otherSchemes, otherSecrets],
  [otherSecrets, otherUrls],
  [otherSecrets, otherBodies],
  [otherSpellings, otherUrls],
  [otherSpellings, otherSecrets],
  [otherSpellings, otherKeys],
  [otherSpellings, otherSpellingsOfSecret],
  [otherSpellings, guesses],
  [otherHeaders, otherSpellings],
  [guesses, otherSpellings],
  [guesses, otherKeys],
];

/** Reasons that imply a valid signature: only the time or the audience is wrong. */
const isSigned: ReadonlySet<RejectReason> = new Set(["timestamp_outside_tolerance", "token_expired", "audience_wrong"]);

/** @returns The changes under which the signature verifies; null if no change within the budget makes it verify. */
export async function search(patient: Patient, budget: Budget): Promise<readonly Finding[] | null> {
  const own: Budget = { tries: Math.min(doctorTriesMax, budget.tries), bytes: Math.min(doctorBytesMax, budget.bytes) };
  const before = { ...own };
  const found = await firstRight(patient, own);
  budget.tries -= before.tries - own.tries;
  budget.bytes -= before.bytes - own.bytes;
  return found;
}

async function firstRight(patient: Patient, own: Budget): Promise<readonly Finding[] | null> {
  for (const trial of trials(patient)) {
    if (own.tries <= 0 || own.bytes <= 0) return null;
    const answer = await run(trial, patient.nowMs);
    if (answer.ok) return trial.findings;
    if (isSigned.has(answer.reason)) {
      const clock = clockFinding(trial, patient.nowMs);
      return clock === null ? trial.findings : [...trial.findings, clock];
    }
    // A trial that fails before a signature is computed costs nothing.
    if (answer.reason !== "signature_wrong" && answer.reason !== "token_wrong") continue;
    own.tries -= trial.secrets.length;
    own.bytes -= trial.secrets.length * (trial.request.body.byteLength + 256);
  }
  return null;
}

function* trials(patient: Patient): Iterable<Trial> {
  const base = trialAtTheDoor(patient);
  for (const axis of single) yield* axis(patient, base);
  for (const [first, second] of double) for (const one of first(patient, base)) yield* second(patient, one);
}

/** @returns The trial without a deviation: the request and settings as they were. */
export function trialAtTheDoor({ chosen, secrets, request }: Patient): Trial {
  const { recipe, scheme, settings } = chosen;
  const published = recipe.family === "asymmetric" ? recipe.publishedKey : undefined;
  return {
    findings: [],
    recipe,
    formats: scheme.formats,
    request,
    url: signedUrl(settings, request),
    secrets: published === undefined ? secrets : [{ id: publishedKeyId, value: published }],
  };
}

function run({ recipe, formats, request, url, secrets }: Trial, nowMs: number) {
  const body = () => {
    const read = decodeBody(request, bodyRules({ formats }, recipe));
    return read.ok ? read.value : undefined;
  };
  return byFamily(recipe, { request, url, body, secrets, nowMs });
}
