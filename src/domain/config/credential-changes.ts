/** Changes of the credential for a sender's API. */
import { type ConfigPlan, noteUnchanged, secretName, type WantedSource } from "./change-plan.ts";
import type { StoredConfig, StoredCredential } from "./stored.ts";

/**
 * Plans a source's credential. It belongs to the URL that it was entered for. If the URL changes, the credential is
 * removed, so that it is never sent anywhere else.
 */
export function planCredential(plan: ConfigPlan, stored: StoredConfig, wanted: WantedSource): void {
  if (wanted.source === null) return;
  const { slug, credential, baseUrl = null } = wanted;
  const known = stored.sources.find((one) => one.slug === slug)?.credential ?? null;
  const path = [...wanted.path, "api", "credential"];
  if (credential === undefined || credential === null) {
    if (known === null) return;
    if (credential === undefined && known.baseUrl === baseUrl)
      noteUnchanged(plan, "credential", secretName(slug, known));
    else removeCredential(plan, slug, known, credential === null ? "not_wanted" : "base_url_changed", baseUrl);
    return;
  }
  if (credential.kind !== "value") {
    const found =
      known !== null && (credential.kind === "id" ? known.id === credential.id : known.env === credential.env);
    if (found && known.baseUrl === baseUrl) noteUnchanged(plan, "credential", secretName(slug, known));
    else if (found)
      plan.mistakes.push({
        path,
        reason: `was stored for ${known.baseUrl}, and the address changes: give the credential's value again`,
      });
    else
      plan.mistakes.push({
        path,
        reason:
          credential.kind === "id"
            ? "there is no credential of this id"
            : `has no value: set the environment variable ${credential.env}, because no credential is stored under that name`,
      });
    return;
  }
  const { env, sealed, kid, fingerprint } = credential;
  if (known?.fingerprint === fingerprint && known.baseUrl === baseUrl) {
    if (env === null || env === known.env) noteUnchanged(plan, "credential", secretName(slug, known));
    else {
      const fields = [{ field: "env", from: known.env, to: env }];
      plan.changes.push({ kind: "change", what: "credential", name: secretName(slug, known), fields });
      plan.writes.push({ do: "name_credential", source: slug, env });
    }
    return;
  }
  // If the URL is unknown, the source has mistakes that are reported elsewhere.
  if (baseUrl === null) return;
  const name = `${slug}/${env ?? "(unnamed)"}`;
  const fields = [{ field: "base_url", from: known?.baseUrl ?? null, to: baseUrl }];
  plan.changes.push({ kind: known === null ? "create" : "change", what: "credential", name, fields });
  plan.writes.push({ do: "set_credential", source: slug, env, sealed, kid, fingerprint, baseUrl });
}

export function removeCredential(
  plan: ConfigPlan,
  source: string,
  known: StoredCredential,
  reason: "not_wanted" | "base_url_changed",
  to: string | null = null,
): void {
  const fields = reason === "not_wanted" ? [] : [{ field: "base_url", from: known.baseUrl, to }];
  plan.changes.push({ kind: "remove", what: "credential", name: secretName(source, known), fields });
  plan.writes.push({ do: "remove_credential", source, reason });
}
