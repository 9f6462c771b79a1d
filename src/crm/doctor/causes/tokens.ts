/** Claims of a rejected token. They are unverified and used for comparison only. */
import type { JwtRecipe } from "../../preset/recipe.ts";
import { decodeTokenPart, presentedIn } from "../../rejected/presented-secret.ts";
import { signedUrl } from "../../request/signed-url.ts";
import type { Finding } from "../findings.ts";
import type { Patient } from "../trial.ts";
import { shown } from "./urls.ts";

const algorithm = /^(?:(?:HS|RS|ES|PS)(?:256|384|512)|EdDSA|none)$/;

/** @returns The reason for the rejection according to the token's own claims; null if they show none. */
export async function tokenFinding(patient: Patient, recipe: JwtRecipe): Promise<Finding | null> {
  const { chosen, request, fingerprint, nowMs } = patient;
  const presented = patient.presented ?? (await presentedIn(chosen, request, fingerprint));
  const [header, claims] = (presented?.token ?? "").split(".").map(decodeTokenPart);
  switch (patient.reason) {
    case "token_expired":
      return { kind: "token_over", offMs: typeof claims?.exp === "number" ? nowMs - claims.exp * 1_000 : null };
    case "timestamp_outside_tolerance":
      return { kind: "token_early" };
    case "audience_wrong": {
      const [aud] = [claims?.aud].flat();
      if (typeof aud !== "string") return null;
      const saw =
        recipe.audience !== null && "text" in recipe.audience
          ? recipe.audience.text
          : signedUrl(chosen.settings, request);
      return recipe.audience !== null && "url" in recipe.audience
        ? { kind: "url", signed: shown(aud), saw: saw === null ? null : shown(saw) }
        : { kind: "audience", is: shown(aud), wants: saw ?? "" };
    }
    case "token_wrong":
    case "token_malformed": {
      const is = header?.alg;
      if (typeof is !== "string" || !algorithm.test(is) || is === recipe.algorithm) return null;
      return { kind: "algorithm", is, wants: recipe.algorithm };
    }
    default:
      return null;
  }
}
