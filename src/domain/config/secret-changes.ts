/** Changes of a source's secrets. */
import { secretsPerSourceMax } from "../limits.ts";
import {
  type ConfigPlan,
  emptyPlan,
  noteUnchanged,
  secretName,
  type WantedSecret,
  type WantedSource,
} from "./change-plan.ts";
import type { Path } from "./check.ts";
import type { WeakSecret } from "./secret-strength.ts";
import type { StoredConfig, StoredSecret } from "./stored.ts";

/**
 * Adds one secret to a source, and sets an end for the others.
 *
 * @param endsAtMs End of the others, unless they have an earlier one; null keeps them.
 * @returns Null if there is no such source.
 */
export function planSecretAdded(
  stored: StoredConfig,
  slug: string,
  secret: WantedSecret & { readonly kind: "value" },
  endsAtMs: number | null,
): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  const known = source.secrets.find(({ fingerprint }) => fingerprint === secret.fingerprint);
  if (known === undefined) {
    noteWeak(plan, secret.weak, ["value"]);
    addSecret(plan, slug, secret, true);
  } else {
    // The secret is wanted again, so an earlier end is cleared.
    if (known.expiresAt !== null) endSecret(plan, slug, known, null);
    else noteUnchanged(plan, "secret", secretName(slug, known));
    if (secret.env !== null && secret.env !== known.env) nameSecret(plan, slug, known, secret.env);
  }
  for (const other of source.secrets) {
    if (endsAtMs === null || other.id === known?.id || (other.expiresAt !== null && other.expiresAt <= endsAtMs))
      continue;
    endSecret(plan, slug, other, endsAtMs);
  }
  if (known === undefined && source.secrets.length >= secretsPerSourceMax)
    plan.mistakes.push({
      path: ["value"],
      reason: `a source may have ${secretsPerSourceMax} secrets; remove one first`,
    });
  return plan;
}

/**
 * Removes one secret of a source at once.
 *
 * @returns The plan; null if the source has no such secret; `"last"` if nothing would verify without the secret and the
 *   removal was not forced.
 */
export function planSecretRemoval(
  stored: StoredConfig,
  slug: string,
  id: string,
  { nowMs, force }: { readonly nowMs: number; readonly force: boolean },
): ConfigPlan | "last" | null {
  const source = stored.sources.find((one) => one.slug === slug);
  const secret = source?.secrets.find((one) => one.id === id);
  if (source === undefined || secret === undefined) return null;
  const others = source.secrets.filter((one) => one.id !== id && verifies(one, nowMs));
  if (others.length === 0 && !force) return "last";
  const plan = emptyPlan();
  retireSecret(plan, slug, secret);
  return plan;
}

/** Whether a secret still verifies, because its expiry time is not reached. */
export function verifies({ expiresAt }: Pick<StoredSecret, "expiresAt">, nowMs: number): boolean {
  return expiresAt === null || expiresAt > nowMs;
}

/**
 * Plans a source's secrets: the given ones and no others, except those of a rotation. A rotation must survive an apply
 * of an older file.
 *
 * - A secret that the rotation added stays until a file names it. From then on it belongs to the file.
 * - A secret that the rotation gave an end verifies until then. Once a file has named the new one, a file without the
 *   old one removes it at once.
 * - A secret that the rotation ended is not added again by a file that still contains it. It may have been rotated
 *   because it leaked.
 * Each of them is in the plan's `left`. A person can remove one by its id. To bring back an ended secret, a person
 * rotates again or adds the secret to the source directly (`PUT /v1/sources/:slug`).
 */
export function planSecrets(plan: ConfigPlan, stored: StoredConfig, wanted: WantedSource): void {
  if (wanted.secrets === null) return;
  const { slug } = wanted;
  const source = stored.sources.find((one) => one.slug === slug);
  const known = source?.secrets ?? [];
  // A closed source that is reopened starts without its former secrets.
  const ended = wanted.isFile && source?.disconnectedAt === null ? (source.endedSecrets ?? []) : [];
  const kept = new Set<string>();
  const added = new Set<string>();
  for (const [index, secret] of wanted.secrets.entries()) {
    const path = [...wanted.path, "secrets", index];
    const found = findSecret(known, kept, secret);
    if (found !== undefined) {
      const env = secret.kind === "value" ? secret.env : null;
      if (found.rotated) adoptSecret(plan, slug, found, env ?? found.env);
      else if (env !== null && env !== found.env) nameSecret(plan, slug, found, env);
      else if (!kept.has(found.id)) noteUnchanged(plan, "secret", secretName(slug, found));
      // A stored secret already works, so it must not make another change fail.
      if (secret.kind === "value" && !kept.has(found.id)) warnOfStored(plan, secret.weak, path);
      kept.add(found.id);
    } else if (secret.kind === "value") {
      if (added.has(secret.fingerprint)) continue;
      added.add(secret.fingerprint);
      const over = ended.find(({ fingerprint }) => fingerprint === secret.fingerprint);
      if (over === undefined) {
        noteWeak(plan, secret.weak, path);
        addSecret(plan, slug, secret, false);
      } else plan.left.push({ source: slug, id: null, env: secret.env ?? over.env, why: "ended", at: over.endedAt });
    } else {
      const over = secret.kind === "env" ? ended.find(({ env }) => env === secret.env) : undefined;
      if (over !== undefined) {
        plan.left.push({ source: slug, id: null, env: over.env, why: "ended", at: over.endedAt });
        continue;
      }
      const reason =
        secret.kind === "env"
          ? `has no value: set the environment variable ${secret.env}, because no secret is stored under that name`
          : "there is no active secret of this id";
      plan.mistakes.push({ path, reason });
    }
  }
  const rotating = known.some(({ rotated }) => rotated);
  for (const secret of known) {
    if (kept.has(secret.id)) continue;
    const { id, env, rotated, expiresAt: at } = secret;
    if (rotating && at !== null) plan.left.push({ source: slug, id, env, why: "ending", at });
    else if (rotated) plan.left.push({ source: slug, id, env, why: "added", at });
    else retireSecret(plan, slug, secret);
  }
}

/** Only new secrets are rejected for their weakness. A stored one never blocks a change. */
function noteWeak(plan: ConfigPlan, weak: WeakSecret | null, path: Path): void {
  if (weak !== null) (weak.refused ? plan.mistakes : plan.warnings).push({ path: [...path], reason: weak.reason });
}

function warnOfStored(plan: ConfigPlan, weak: WeakSecret | null, path: Path): void {
  if (weak !== null)
    plan.warnings.push({ path: [...path], reason: `${weak.reason}; it is stored already and stays in use` });
}

function addSecret(
  plan: ConfigPlan,
  source: string,
  secret: WantedSecret & { readonly kind: "value" },
  rotated: boolean,
): void {
  const { env, sealed, kid, fingerprint } = secret;
  plan.changes.push({ kind: "create", what: "secret", name: `${source}/${env ?? "(unnamed)"}` });
  plan.writes.push({ do: "add_secret", source, env, sealed, kid, fingerprint, rotated });
}

/** A file names a secret that a rotation added. */
function adoptSecret(plan: ConfigPlan, source: string, secret: StoredSecret, env: string | null): void {
  const renamed = env === secret.env ? [] : [{ field: "env", from: secret.env, to: env }];
  const fields = [...renamed, { field: "added_by", from: "rotation", to: "file" }];
  plan.changes.push({ kind: "change", what: "secret", name: secretName(source, secret), fields });
  plan.writes.push({ do: "name_secret", source, id: secret.id, env });
}

function nameSecret(plan: ConfigPlan, source: string, secret: StoredSecret, env: string): void {
  const fields = [{ field: "env", from: secret.env, to: env }];
  plan.changes.push({ kind: "change", what: "secret", name: secretName(source, secret), fields });
  plan.writes.push({ do: "name_secret", source, id: secret.id, env });
}

function endSecret(plan: ConfigPlan, source: string, secret: StoredSecret, at: number | null): void {
  const fields = [{ field: "expires_at", from: secret.expiresAt, to: at }];
  plan.changes.push({ kind: "change", what: "secret", name: secretName(source, secret), fields });
  plan.writes.push({ do: "end_secret", source, id: secret.id, at });
}

function findSecret(
  known: readonly StoredSecret[],
  kept: ReadonlySet<string>,
  secret: WantedSecret,
): StoredSecret | undefined {
  switch (secret.kind) {
    case "value":
      return known.find(({ fingerprint }) => fingerprint === secret.fingerprint);
    case "id":
      return known.find(({ id }) => id === secret.id);
    case "env":
      // Secrets are newest first, and each is used once, because two secrets may have one name during a rotation.
      return known.findLast(({ id, env }) => env === secret.env && !kept.has(id));
  }
}

export function retireSecret(plan: ConfigPlan, source: string, secret: StoredSecret): void {
  plan.changes.push({ kind: "remove", what: "secret", name: secretName(source, secret) });
  plan.writes.push({ do: "retire_secret", source, id: secret.id });
}
