/** Other secrets, other spellings of a secret, and other encodings of its key. */

import { publicSecrets } from "../../../domain/config/public-secrets.ts";
import { encodeBase64, utf8 } from "../../../platform/bytes.ts";
import type { KeyEncoding } from "../../../platform/signature/encodings.ts";
import type { SecretSpelling } from "../findings.ts";
import type { Axis, Trial } from "../trial.ts";

const encodings: readonly KeyEncoding[] = ["utf8", "base64", "hex", "whsec"];

/** The published keys of this preset's sender, then retired secrets of the source. */
export const otherSecrets: Axis = function* otherSecrets({ preset, retired }, base) {
  for (const { by, value } of publicSecrets)
    if (by === preset.title) yield withSecrets(base, [value], { kind: "public_secret", by });
  for (const { value, at } of retired) yield withSecrets(base, [value], { kind: "retired_secret", at });
};

/** Published keys of all other senders. They are too many to be combined with a second deviation. */
export const othersPublicSecrets: Axis = function* othersPublicSecrets({ preset }, base) {
  for (const { by, value } of publicSecrets)
    if (by !== preset.title) yield withSecrets(base, [value], { kind: "public_secret", by });
};

/** The source's secrets with likely copy-and-paste errors. */
export const otherSpellingsOfSecret: Axis = function* otherSpellingsOfSecret({ secrets }, base) {
  for (const { value } of secrets)
    for (const [how, other] of spellingsOf(value)) yield withSecrets(base, [other], { kind: "secret_spelling", how });
};

/** The source's secrets under another key encoding. */
export const otherKeys: Axis = function* otherKeys(_patient, base) {
  const { recipe } = base;
  if (recipe.family === "hmac")
    for (const is of encodings.filter((one) => one !== recipe.key))
      yield {
        ...base,
        recipe: { ...recipe, key: is },
        findings: [...base.findings, { kind: "key", is, wants: recipe.key }],
      };
};

/** @returns Texts that are easily mistaken for this secret. */
function spellingsOf(value: string): readonly (readonly [SecretSpelling, string])[] {
  const trimmed = value.trim();
  const unquoted = /^(["'`])(.*)\1$/s.exec(trimmed)?.[2];
  const word = /^\w+ +(\S+)$/.exec(trimmed)?.[1];
  const found: [SecretSpelling, string][] = [
    ["spaces", trimmed],
    ...(unquoted === undefined ? [] : [["quotes", unquoted] satisfies [SecretSpelling, string]]),
    ...(word === undefined ? [] : [["bearer_word", word] satisfies [SecretSpelling, string]]),
    ["newline", `${value}\n`],
    ["prefix_missing", `whsec_${value}`],
    ["prefix_extra", value.replace(/^[a-z]+_/i, "")],
    ["escaped", unescaped(value)],
    ["escaped", encodeURIComponent(value.toWellFormed())],
  ];
  return found.filter(([, other]) => other !== value && other !== "");
}

/** @returns Texts that a sender presents if this secret is configured in a wrong form. */
export function presentations(value: string): readonly (readonly [SecretSpelling, string])[] {
  const wrapped: [SecretSpelling, string][] = [
    ["quotes", `"${value}"`],
    ["bearer_word", `Bearer ${value}`],
    ["bearer_word", `bearer ${value}`],
    ...(/^[\x20-\x7e]*$/.test(value) ? [["base64", encodeBase64(utf8(value))] satisfies [SecretSpelling, string]] : []),
  ];
  return [...spellingsOf(value), ...wrapped];
}

function withSecrets(base: Trial, values: readonly string[], finding: Trial["findings"][number]): Trial {
  const secrets = values.map((value, index) => ({ id: `tried-${index}`, value }));
  return { ...base, secrets, findings: [...base.findings, finding] };
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
