/** Guesses from header names: another sender than the preset's, or a renamed header. */
import type { Finding } from "../findings.ts";
import type { Patient } from "../trial.ts";
import { presetsOfHeaders, sameNames } from "./schemes.ts";
import { isTemplated } from "./spellings.ts";

/** @returns The likely reason for a missing signature; null if the header names suggest none. */
export function namesFinding(patient: Patient): Finding | null {
  const { chosen, names, preset, reason } = patient;
  const { recipe } = chosen;
  const isMissing = reason === "signature_missing" || reason === "secret_missing";
  if (!isMissing) return null;
  const others = presetsOfHeaders(patient).map((one) => one.preset);
  if (isTemplated(recipe)) {
    const [wants = ""] = [recipe.header].flat();
    const [came] = sameNames(names, wants);
    if (came !== undefined) return { kind: "header", came, wants };
  }
  if (others.length > 0)
    return {
      kind: "other_preset",
      titles: others.map(({ title }) => title),
      names: others.map(({ name }) => name),
      isRight: false,
    };
  const presenting = names.find((name) => /authorization$|^x-api-key$/.test(name));
  const isSigned = recipe.family !== "secret" && recipe.family !== "jwt";
  return isSigned && presenting !== undefined && preset.name !== "bearer"
    ? { kind: "secret_instead", name: presenting }
    : null;
}
