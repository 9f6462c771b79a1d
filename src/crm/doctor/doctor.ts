/**
 * The signature doctor: explains why a request was rejected, and what to change.
 *
 * It repeats the verification with the most common mistakes undone, one or two at a time. If a trial verifies, its
 * cause is proven. A conclusion from header names alone is reported as a guess. The doctor does no I/O and never
 * accepts a request.
 */
import type { UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import type { Sealer } from "../../platform/seal.ts";
import type { Advice, Doctor, RejectedRequest } from "../../ports/ingest/doctor.ts";
import type { RetiredSecret, StoredRejection } from "../../ports/ingest/stored-rejections.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { schemeOf } from "../preset/chosen-scheme.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { presentedIn } from "../rejected/presented-secret.ts";
import { headersRead, hiddenValue, restoredRequest } from "../rejected/stored-request.ts";
import { signs } from "../request/signed-text.ts";
import { signedUrl } from "../request/signed-url.ts";
import { openAll, presetOf, settingsOf } from "../webhooks.ts";
import { clockFinding } from "./causes/clock.ts";
import { namesFinding } from "./causes/names.ts";
import { presentedFinding } from "./causes/shared-secret.ts";
import { tenantFinding } from "./causes/tenants.ts";
import { tokenFinding } from "./causes/tokens.ts";
import { fallbackFor } from "./fallback.ts";
import { type Finding, sentenceFor } from "./findings.ts";
import { type Budget, search, trialAtTheDoor } from "./search.ts";
import type { Patient } from "./trial.ts";

/** Budget of one answer: signatures computed and bytes hashed, for all requests that it explains. */
const doctorTriesPerAnswerMax = 4_000;
const doctorBytesPerAnswerMax = 67_108_864;

/** Characters of one piece of advice. */
const adviceCharactersMax = 1_000;

/** Reasons for which the signature needs no search: it was valid, or was never checked. */
const isUnreadable: ReadonlySet<string> = new Set<
  UnreadableReason | "refused" | "method_not_allowed" | "too_many_conflicts"
>([
  "empty",
  "not_json",
  "not_xml",
  "not_multipart",
  "multipart_signed",
  "encoding_unknown",
  "encoding_broken",
  "inflated_too_large",
  "charset_unknown",
  "too_deep",
  "too_many_fields",
  "not_an_object",
  "batch_missing",
  "too_many_events",
  "split_too_large",
  "refused",
  "method_not_allowed",
  "too_many_conflicts",
]);

/** @param sealer Opens a source's secrets, retired ones included. */
export function doctor(sealer: Sealer): Doctor {
  return {
    async advise(source, retired, refused) {
      const known = await knownOf(sealer, source, retired);
      const budget: Budget = { tries: doctorTriesPerAnswerMax, bytes: doctorBytesPerAnswerMax };
      const advices: Advice[] = [];
      // Requests are diagnosed one after another, because they share one budget.
      for (const one of refused) advices.push(await adviceFor(await patientOf(known, one), budget));
      return advices;
    },
    recall,
    schemeOf: (source) => schemeOf(presetOf(source), settingsOf(source)).scheme.name,
  };
}

type Known = Pick<Patient, "preset" | "settings" | "chosen" | "tenant" | "fingerprint"> & {
  readonly secrets: readonly { readonly id: string; readonly value: string; readonly endsAt: number | null }[];
  readonly retired: Patient["retired"];
};

async function knownOf(sealer: Sealer, source: SourceCopy, retired: readonly RetiredSecret[]): Promise<Known> {
  const [preset, settings] = [presetOf(source), settingsOf(source)];
  const [active, had] = await Promise.all([openAll(sealer, source), openAll(sealer, { secrets: [...retired] })]);
  return {
    preset,
    settings,
    chosen: schemeOf(preset, settings),
    tenant: source.tenant,
    fingerprint: sealer.fingerprint,
    secrets: active.map(({ id, value }) => ({
      id,
      value,
      endsAt: source.secrets.find((one) => one.id === id)?.expiresAt ?? null,
    })),
    retired: had.flatMap(({ id, value }) => {
      const at = retired.find((one) => one.id === id)?.retiredAt;
      return at === undefined ? [] : [{ value, at }];
    }),
  };
}

async function patientOf({ secrets, retired, ...known }: Known, refused: RejectedRequest): Promise<Patient> {
  const isOver = (endsAt: number | null): endsAt is number => endsAt !== null && endsAt <= refused.at;
  const { chosen, fingerprint } = known;
  return {
    ...known,
    secrets: secrets.filter(({ value, endsAt }) => value !== "" && !isOver(endsAt)),
    retired: [...secrets.flatMap(({ value, endsAt }) => (isOver(endsAt) ? [{ value, at: endsAt }] : [])), ...retired],
    request: refused.request,
    isWhole: refused.isWhole,
    names: refused.headers.map((name) => name.toLowerCase()),
    presented: refused.presented ?? (refused.isWhole ? await presentedIn(chosen, refused.request, fingerprint) : null),
    reason: refused.reason,
    detail: refused.detail,
    nowMs: refused.at,
  };
}

async function adviceFor(patient: Patient, budget: Budget): Promise<Advice> {
  const findings = await findingsOf(patient, budget);
  const sentences = findings.map((finding) => sentenceFor(finding, patient.preset));
  const advice = sentences.length > 0 ? sentences.join(" ") : fallbackFor(patient.reason) + addressHint(patient);
  return {
    advice: advice.slice(0, adviceCharactersMax),
    isPublicSecret: findings.length === 1 && findings[0]?.kind === "public_secret",
    isRightNow: findings.some(({ kind }) => kind === "right_now"),
  };
}

/** If no trial verified, a different URL is as likely a cause as a wrong secret. */
function addressHint({ chosen: { recipe, settings }, request, reason }: Patient): string {
  if (reason !== "signature_wrong" || !("template" in recipe) || !signs(recipe, "url")) return "";
  const url = signedUrl(settings, request);
  // The last part of the path may be a secret, so it is not shown.
  const [address] = (url ?? "")
    .split("?")
    .map((whole) => (request.key === null ? whole : whole.replace(/[^/]*$/, hiddenValue)));
  return address === "" || address === undefined
    ? ""
    : ` The signature covers the address too, and was checked with ${address}: if the sender has another one, set PUBLIC_URL or settings.url to it.`;
}

async function findingsOf(patient: Patient, budget: Budget): Promise<readonly Finding[]> {
  const { recipe } = patient.chosen;
  switch (patient.reason) {
    case "tenant_missing":
    case "tenant_mismatch":
      return some(patient.isWhole || patient.tenant === null ? tenantFinding(patient) : null);
    case "handshake_refused":
      return [];
    case "timestamp_outside_tolerance":
      return some(recipe.family === "jwt" ? await tokenFinding(patient, recipe) : clockOf(patient));
    default:
      return isUnreadable.has(patient.reason) ? [] : await byFamily(patient, recipe, budget);
  }
}

async function byFamily(patient: Patient, recipe: SignatureRecipe, budget: Budget): Promise<readonly Finding[]> {
  const told =
    recipe.family === "secret"
      ? await presentedFinding(patient, recipe)
      : recipe.family === "jwt"
        ? await tokenFinding(patient, recipe)
        : null;
  if (told !== null) return [told];
  const isSearched = patient.isWhole && recipe.family !== "secret";
  return (isSearched ? await search(patient, budget) : null) ?? some(namesFinding(patient));
}

function clockOf(patient: Patient): Finding | null {
  return clockFinding(trialAtTheDoor(patient), patient.nowMs);
}

function some(finding: Finding | null): readonly Finding[] {
  return finding === null ? [] : [finding];
}

const nothing: WebhookRequest = {
  method: "POST",
  url: null,
  key: null,
  headers: {},
  search: "",
  body: new Uint8Array(),
};

/**
 * Rebuilds a rejected request from its stored part. It is complete if it has everything that the source's present
 * scheme reads.
 */
function recall(source: SourceCopy, { code, detail, headers, at, request: kept }: StoredRejection): RejectedRequest {
  const request = kept === null ? nothing : restoredRequest(kept);
  const { scheme, settings, recipe } = schemeOf(presetOf(source), settingsOf(source));
  const lacks = headersRead(scheme, recipe, settings).some(
    (name) => headers.includes(name) && request.headers[name] === undefined,
  );
  const isHidden = signsUrl(recipe) && (signedUrl(settings, request)?.includes(hiddenValue) ?? false);
  const isWhole = kept?.bodyKept === "whole" && !lacks && !isHidden;
  return { reason: code, detail, request, headers, isWhole, presented: kept?.presented ?? null, at };
}

function signsUrl(recipe: SignatureRecipe): boolean {
  return "template" in recipe && (recipe.template.includes("{url}") || recipe.bodyDigest !== undefined);
}
