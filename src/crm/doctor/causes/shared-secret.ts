/** Shared secrets: the right secret in another form or another place. */

import { publicSecrets } from "../../../domain/config/public-secrets.ts";
import { isObject } from "../../../domain/json.ts";
import { equalDigests } from "../../../platform/bytes.ts";
import { sha256 } from "../../../platform/hashes.ts";
import type { SecretLocation, SecretRecipe } from "../../preset/recipe.ts";
import { secretsAt } from "../../rejected/presented-secret.ts";
import { decodeBody } from "../../request/body.ts";
import type { Finding, SecretPlace } from "../findings.ts";
import type { Patient } from "../trial.ts";
import { presentations } from "./keys.ts";

/** Limit of searched places in a request. */
const placesMax = 64;

/** Headers in which senders commonly present secrets. */
const secretHeader =
  /^(?:x-)?(?:api-?key|auth-?token|access-?token|token|secret|webhook-(?:secret|token)|hookline-(?:secret|token|key))$/i;

/** @returns The mistake in a presented secret; null if no mistake is found. */
export async function presentedFinding(patient: Patient, recipe: SecretRecipe): Promise<Finding | null> {
  const { location } = recipe;
  const known = new Set(patient.presented?.fingerprints ?? []);
  if (location.in === "basic" && patient.presented?.authorization === "basic" && known.size === 0)
    return { kind: "no_pair" };
  if (known.size > 0) {
    const found = await knownFinding(patient, known);
    if (found !== null) return found;
  }
  return (
    (patient.isWhole ? elsewhere(patient, location) : null) ??
    (patient.reason === "secret_missing" ? hint(patient, location) : null)
  );
}

async function knownFinding(
  { secrets, retired, isWhole, fingerprint }: Patient,
  known: ReadonlySet<string>,
): Promise<Finding | null> {
  const is = async (text: string): Promise<boolean> => known.has(await fingerprint(text));
  for (const { value } of secrets) {
    if (!isWhole && (await is(value))) return { kind: "right_now" };
    for (const [how, other] of presentations(value)) if (await is(other)) return { kind: "secret_spelling", how };
  }
  for (const { value, at } of retired) if (await is(value)) return { kind: "retired_secret", at };
  for (const { by, value } of publicSecrets) if (await is(value)) return { kind: "public_secret", by };
  return null;
}

/** The source's secret in another place. Digests are compared, as during verification. */
function elsewhere(patient: Patient, wanted: SecretLocation): Finding | null {
  const wanting = patient.secrets.map(({ value }) => sha256(value));
  for (const [came, name, text] of placesOf(patient).slice(0, placesMax)) {
    const digest = sha256(text);
    if (wanting.some((one) => equalDigests(one, digest)))
      return { kind: "place", came, name, wants: wordsFor(wanted), isProven: true };
  }
  return null;
}

function placesOf({ request, chosen }: Patient): readonly (readonly [SecretPlace, string, string])[] {
  const at = (location: SecretLocation) => secretsAt(location, request, chosen.body);
  const bare = request.headers.authorization?.trim() ?? "";
  const body = decodeBody(request, chosen.body);
  const fields = body.ok && isObject(body.value) ? Object.entries(body.value) : [];
  return [
    ...at({ in: "bearer" }).map((text) => ["bearer", "", text] as const),
    ...at({ in: "basic" }).map((text) => ["basic", "", text] as const),
    ["other", "", bare] as const,
    ["other", "", bare.replace(/^\S+ +/, "")] as const,
    ...at({ in: "path" }).map((text) => ["path", "", text] as const),
    ...Object.entries(request.query ?? {}).map(([name, text]) => ["query", clean(name), text] as const),
    ...Object.entries(request.headers).map(([name, text]) => ["header", clean(name), text.trim()] as const),
    ...fields.flatMap(([name, text]) => (typeof text === "string" ? [["body", clean(name), text] as const] : [])),
  ];
}

/** A guess from header names alone. */
function hint({ names, presented }: Patient, wanted: SecretLocation): Finding | null {
  const wants = wordsFor(wanted);
  const came = presented?.authorization ?? "none";
  if (came !== "none" && came !== wanted.in) return { kind: "place", came, name: "", wants, isProven: false };
  const name = names.find((one) => secretHeader.test(one) && !(wanted.in === "header" && wanted.name === one));
  return name === undefined ? null : { kind: "place", came: "header", name: clean(name), wants, isProven: false };
}

function wordsFor(location: SecretLocation): string {
  switch (location.in) {
    case "bearer":
      return "as Authorization: Bearer";
    case "basic":
      return "as Authorization: Basic";
    case "header":
      return `in the header ${location.name}`;
    case "query":
      return `as the query's ${location.name}`;
    case "path":
      return "as the last part of the path (/in/SOURCE/SECRET)";
    case "body":
      return `in the body at ${location.path}`;
  }
}

function clean(name: string): string {
  return name.replace(/[^\w.-]/g, "").slice(0, 64);
}
