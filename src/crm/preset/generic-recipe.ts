/** Recipes of the preset `generic`: every family of signature, with its parameters from the source's settings. */
import type { FullSettings, SettingMistake } from "./preset.ts";
import type { JwtRecipe, SignatureRecipe, Templated, TimestampFormat } from "./recipe.ts";
import { choiceOf, settingOf } from "./settings.ts";

const bodyOnly = "{body}";

/** Schemes of `generic`. The first is the default. */
export const genericSchemes = [
  ["hmac", "An HMAC over a template"],
  ["hash", "A plain hash over a template that holds the secret"],
  ["ed25519", "An Ed25519 signature; the source's secret is the sender's public key"],
  ["rsa-sha256", "An RSA signature (PKCS #1 v1.5, SHA-256); the source's secret is the sender's public key"],
  ["ecdsa-p256", "An ECDSA signature (P-256, SHA-256, DER); the source's secret is the sender's public key"],
  ["jwt-hs256", "A JSON Web Token with HS256"],
  ["jwt-rs256", "A JSON Web Token with RS256; the source's secret is the sender's public key"],
] as const;

export type GenericScheme = (typeof genericSchemes)[number][0];

/** @returns The recipe for these settings. */
export function genericRecipe(scheme: GenericScheme, settings: FullSettings): SignatureRecipe {
  switch (scheme) {
    case "hmac":
      return {
        ...templatedRecipe(settings, bodyOnly),
        family: "hmac",
        algorithm: choiceOf(settings, "hash", ["sha256", "sha1", "sha512"]),
        key: choiceOf(settings, "key", ["utf8", "base64", "hex", "whsec"]),
      };
    case "hash":
      return {
        ...templatedRecipe(settings, "{secret}{body}"),
        family: "hash",
        algorithm: choiceOf(settings, "hash", ["sha256", "sha1", "sha512"]),
      };
    case "ed25519":
      return {
        ...templatedRecipe(settings, bodyOnly),
        family: "asymmetric",
        algorithm: "ed25519",
        key: choiceOf(settings, "public_key", ["spki", "raw", "whpk"]),
      };
    case "rsa-sha256":
      return {
        ...templatedRecipe(settings, bodyOnly),
        family: "asymmetric",
        algorithm: "rsa-pkcs1-sha256",
        key: "spki",
      };
    case "ecdsa-p256":
      return {
        ...templatedRecipe(settings, bodyOnly),
        family: "asymmetric",
        algorithm: "ecdsa-p256-sha256",
        key: "spki",
      };
    case "jwt-hs256":
      return jwtRecipe("HS256", settings);
    case "jwt-rs256":
      return jwtRecipe("RS256", settings);
  }
}

/** @returns Whether the signature covers the header with the event's id. */
export function signsId(scheme: GenericScheme, settings: FullSettings): boolean {
  return !scheme.startsWith("jwt-") && settingOf(settings, "template").includes("{id}");
}

/** @returns Whether the token authenticates only the sender and covers nothing of the request. */
export function signsNothing(scheme: GenericScheme, settings: FullSettings): boolean {
  return scheme.startsWith("jwt-") && settingOf(settings, "jwt_body_hash") === "";
}

/** @returns Mistakes in the combination of settings that are each valid. */
export function genericMistakes(settings: FullSettings): readonly SettingMistake[] {
  if (settingOf(settings, "scheme").startsWith("jwt-")) return [];
  const mistakes: SettingMistake[] = [];
  const note = (path: string, reason: string): void => void mistakes.push({ path, reason });
  const template = settingOf(settings, "template");
  const names = (name: string): boolean => template.includes(`{${name}}`);
  const isHash = settings.scheme === "hash";
  if (template !== "" && !names("body") && !names("form"))
    note("template", "It must have {body} or {form}: anybody can change the parts that are not signed.");
  if (template !== "" && isHash !== names("secret"))
    note("template", isHash ? "A plain hash needs {secret} in it." : "{secret} is only for the scheme hash.");
  const place = settingOf(settings, "timestamp");
  if (names("timestamp") && place !== "header" && place !== "list")
    note("timestamp", "The template has {timestamp}: set `timestamp` to its place, header or list.");
  if (!names("timestamp") && (place === "header" || place === "list"))
    note("template", "It must have {timestamp}, because an unsigned time proves nothing.");
  const isList = settingOf(settings, "list_part") !== "";
  if (place === "list" && !isList)
    note("list_part", "The time is in the list: set `list_part` to the name of the list's signature as well.");
  if (isList && settingOf(settings, "prefix") !== "")
    note("prefix", "With `list_part` there is no prefix: leave it out.");
  if (settings.public_key !== "spki" && settings.scheme !== "ed25519")
    note("public_key", "raw and whpk are only for the scheme ed25519.");
  return mistakes;
}

function templatedRecipe(settings: FullSettings, byDefault: string): Templated {
  const template = settingOf(settings, "template");
  const part = settingOf(settings, "list_part");
  const prefix = settingOf(settings, "prefix");
  return {
    template: template === "" ? byDefault : template,
    digest: choiceOf(settings, "encoding", ["hex", "base64"]),
    header: settingOf(settings, "header"),
    ...(template.includes("{id}") ? { idHeader: settingOf(settings, "dedupe_header") } : {}),
    ...(part === ""
      ? { prefix }
      : { list: { item: settingOf(settings, "list_item"), pair: settingOf(settings, "list_pair"), signature: part } }),
    covers: choiceOf(settings, "signed_bytes", ["raw", "inflated"]),
    ...timestampOf(settings),
  };
}

function timestampOf(settings: FullSettings): Pick<Templated, "timestamp"> {
  const place = choiceOf(settings, "timestamp", ["none", "header", "list", "body"]);
  if (place === "none") return {};
  const from = {
    header: { header: settingOf(settings, "timestamp_header") },
    list: { part: settingOf(settings, "timestamp_part") },
    body: { path: settingOf(settings, "timestamp_path") },
  }[place];
  return {
    timestamp: {
      from,
      format: choiceOf<TimestampFormat>(settings, "timestamp_format", ["s", "ms", "s-or-ms", "iso", "http-date"]),
      toleranceSeconds: Number(settingOf(settings, "tolerance")),
    },
  };
}

function jwtRecipe(algorithm: JwtRecipe["algorithm"], settings: FullSettings): JwtRecipe {
  const audience = settingOf(settings, "jwt_audience");
  const scheme = settingOf(settings, "jwt_scheme");
  const claim = settingOf(settings, "jwt_body_hash");
  return {
    family: "jwt",
    algorithm,
    header: settingOf(settings, "jwt_header"),
    scheme: scheme === "" ? null : scheme,
    audience: audience === "" ? null : audience === "{url}" ? { url: true } : { text: audience },
    expiryRequired: settings.jwt_expiry !== "optional",
    toleranceSeconds: Number(settingOf(settings, "jwt_leeway")),
    ...(claim === "" ? {} : { bodyHashClaim: claim }),
  };
}
