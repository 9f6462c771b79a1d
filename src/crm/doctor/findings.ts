/** Causes of a rejection with their evidence, and the sentence for each. */

import type { DigestEncoding, HashAlgorithm, KeyEncoding } from "../../platform/signature/encodings.ts";
import type { Preset } from "../preset/preset.ts";
import type { TimestampFormat } from "../preset/recipe.ts";
import { timeOff } from "./time-off.ts";

export type BodyChange =
  | "trimmed"
  | "newline_added"
  | "newline_lost"
  | "crlf"
  | "lf"
  | "bom_added"
  | "bom_lost"
  | "json_rewritten"
  | "body_lost";

export type SecretSpelling =
  | "spaces"
  | "newline"
  | "quotes"
  | "prefix_missing"
  | "prefix_extra"
  | "bearer_word"
  | "escaped"
  | "base64";

export type SecretPlace = "bearer" | "basic" | "other" | "header" | "query" | "path" | "body";

export type Finding =
  | { readonly kind: "public_secret"; readonly by: string }
  | { readonly kind: "retired_secret"; readonly at: number }
  | { readonly kind: "scheme"; readonly is: string; readonly wants: string }
  | { readonly kind: "url"; readonly signed: string; readonly saw: string | null }
  | { readonly kind: "body"; readonly how: BodyChange }
  | { readonly kind: "encoding"; readonly is: DigestEncoding | "base64url"; readonly wants: DigestEncoding }
  | { readonly kind: "prefix_missing"; readonly prefix: string }
  | { readonly kind: "prefix_extra"; readonly prefix: string }
  | { readonly kind: "quotes" }
  | { readonly kind: "key"; readonly is: KeyEncoding; readonly wants: KeyEncoding }
  | { readonly kind: "secret_spelling"; readonly how: SecretSpelling }
  | { readonly kind: "hash"; readonly is: HashAlgorithm; readonly wants: HashAlgorithm }
  | { readonly kind: "header"; readonly came: string; readonly wants: string }
  | { readonly kind: "template"; readonly is: string; readonly more: string }
  | { readonly kind: "time_form"; readonly is: TimestampFormat; readonly wants: string }
  | { readonly kind: "clock"; readonly offMs: number; readonly allowedSeconds: number }
  | { readonly kind: "token_over"; readonly offMs: number | null }
  | { readonly kind: "token_early" }
  | { readonly kind: "algorithm"; readonly is: string; readonly wants: string }
  | {
      readonly kind: "other_preset";
      readonly titles: readonly string[];
      readonly names: readonly string[];
      readonly isRight: boolean;
    }
  | { readonly kind: "tenant"; readonly came: readonly string[]; readonly wants: string }
  | { readonly kind: "tenant_unsaid"; readonly came: readonly string[] }
  | {
      readonly kind: "place";
      readonly came: SecretPlace;
      readonly name: string;
      readonly wants: string;
      readonly isProven: boolean;
    }
  | { readonly kind: "audience"; readonly is: string; readonly wants: string }
  | { readonly kind: "secret_instead"; readonly name: string }
  | { readonly kind: "no_pair" }
  | { readonly kind: "right_now" };

const bodyChanges: Readonly<Record<BodyChange, string>> = {
  trimmed: "Valid without the white space around the body: a proxy added some",
  newline_added: "Valid without the newline at the body's end: a proxy, or copying and pasting, added it",
  newline_lost: "Valid with a newline at the end of the body: a proxy, or copying and pasting, removed the newline",
  crlf: "Valid with CR LF line ends: a proxy, or copying and pasting, changed those of the body",
  lf: "Valid with LF line ends: a proxy, or copying and pasting, changed those of the body",
  bom_added: "Valid without the byte order mark at the body's beginning: something on the way added it",
  bom_lost: "Valid with a byte order mark at the body's beginning: something on the way removed it",
  json_rewritten:
    "Valid with the JSON written in another form: something on the way parsed the body and wrote it again",
  body_lost: "Valid for an empty body: the sender signed the request without one",
};

const secretSpellings: Readonly<Record<SecretSpelling, string>> = {
  spaces: "Valid with the secret without the white space around it: store the secret again, without the white space",
  newline: "Valid with the secret and a newline at its end: remove the newline from the sender's copy",
  quotes: "Valid with the secret without its quotation marks: store the secret again, without the quotation marks",
  prefix_missing: "Valid with whsec_ before the secret: store the whole text, as the sender shows it",
  prefix_extra: "Valid with the secret from behind its first underscore: store only that part",
  bearer_word: "Valid with the secret without the word before it, such as Bearer: store and send the secret alone",
  escaped: "Valid with the secret in another percent-encoding: store it in the sender's",
  base64: "The sender sent the secret in base64: have it send the secret as it is",
};

const passOn = "Configure the proxy between the sender and Hookline to forward the bytes unchanged.";

/** @returns One or two sentences that say what to change, and in which product. */
export function sentenceFor(finding: Finding, preset: Preset): string {
  const set = (name: string, value: string, otherwise: string): string =>
    Object.hasOwn(preset.settings, name) ? `set settings.${name} to ${value}` : otherwise;
  switch (finding.kind) {
    case "public_secret":
      return `It is signed with ${finding.by}'s published test key (a test from an editor, or an example of the documentation). Anybody can sign with it, so Hookline refuses it. Send a real event, and store the webhook's own secret.`;
    case "retired_secret":
      return `It is signed with the secret that was retired on ${day(finding.at)}: give the sender the new secret, or store the old one again.`;
    case "scheme":
      return `Valid as ${finding.is}, but this source expects ${finding.wants}: set settings.scheme to ${finding.is}, or have the sender sign as ${finding.wants}.`;
    case "url": {
      const where = Object.hasOwn(preset.settings, "url") ? "settings.url (or PUBLIC_URL)" : "PUBLIC_URL";
      return `Signed for the address ${finding.signed}, but Hookline expects ${finding.saw ?? "none"}: set ${where} to the address that the sender has, or correct the address there.`;
    }
    case "body":
      return `${bodyChanges[finding.how]}. ${passOn}`;
    case "encoding":
      return `The signature is in ${finding.is}, but the ${Object.hasOwn(preset.settings, "encoding") ? "source" : "preset"} expects ${finding.wants}: ${
        finding.is === "base64url"
          ? "have the sender write it with +, / and its padding"
          : set("encoding", finding.is, `have the sender write the signature in ${finding.wants}`)
      }.`;
    case "prefix_missing":
      return `The prefix "${finding.prefix}" is missing before the signature: ${set("prefix", "nothing", "have the sender write the prefix, and check whether a proxy removes it")}.`;
    case "prefix_extra":
      return `"${finding.prefix}" stands before the signature: ${set("prefix", `"${finding.prefix}"`, "have the sender leave it out")}.`;
    case "quotes":
      return "The signature is in quotation marks: have the sender leave them out.";
    case "key":
      return `Valid with the secret read as ${finding.is}, but the source reads it as ${finding.wants}: ${set("key", finding.is, "store the whole secret, as the sender shows it; if it is whole already, use the preset generic")}.`;
    case "secret_spelling":
      return `${secretSpellings[finding.how]}.`;
    case "hash":
      return `This is a ${finding.is} signature, but the source expects ${finding.wants}: ${set("hash", finding.is, "choose it in the sender's settings")}.`;
    case "header":
      return `The signature came in the header ${finding.came}, but the source expects it in ${finding.wants}: ${set("header", finding.came, "configure the proxy that renames headers to forward them unchanged")}.`;
    case "template":
      return `The sender signs ${finding.is}: set settings.template to that${finding.more}.`;
    case "time_form":
      return `The signature's time is written as ${finding.is}, but the source reads it as ${finding.wants}: ${set("timestamp_format", finding.is, "have the sender write it so")}.`;
    case "clock":
      return `The signature is valid, but ${timeOff(finding.offMs)}; ${finding.allowedSeconds} s are allowed. ${
        finding.offMs > 0
          ? "A clock is wrong, or the request was delayed or sent again on its way. Have the sender send it anew."
          : "A clock is wrong: the sender's is ahead, or Hookline's is behind. Set it by NTP."
      }`;
    case "token_over":
      return `The token's signature is valid, but the token expired ${finding.offMs === null ? "before" : `${timeOff(finding.offMs).replace(" old", " before")}`} the request came: a clock is wrong, or the request was delayed.`;
    case "token_early":
      return "The token is not valid yet (nbf): a clock is wrong. Set it by NTP.";
    case "algorithm":
      return `The token is signed with ${finding.is}, but the source expects ${finding.wants}: set settings.scheme to the scheme of that algorithm.`;
    case "other_preset": {
      const whose = finding.titles.map((title) => `${title}'s`).join(" or ");
      const mend = `give the source the preset ${finding.names.join(" or ")}, or the sender the address of another source`;
      return `${finding.isRight ? "Valid as" : "These headers are"} ${finding.isRight ? finding.titles.join(" or ") : whose}; this source has the preset ${preset.name}: ${mend}.`;
    }
    case "tenant":
      return finding.came.length === 0
        ? `The request names no account, but this source accepts only ${finding.wants}: have the sender name it, or remove tenant from the source.`
        : `The request is of the account ${finding.came.join(", ")}, but this source accepts only ${finding.wants}: correct the source's tenant, or send it to another source.`;
    case "tenant_unsaid":
      return `One key signs for many accounts, but the source names none: set tenant to the account whose events it accepts${
        finding.came.length === 0 ? "" : ` (this request is of ${finding.came.join(", ")})`
      }.`;
    case "place": {
      const came = {
        bearer: "as Authorization: Bearer",
        basic: "as Authorization: Basic",
        other: "in Authorization, without the word Bearer or Basic",
        header: `in the header ${finding.name}`,
        query: `as the query's ${finding.name}`,
        path: "as the last part of the path",
        body: `in the body at ${finding.name}`,
      }[finding.came];
      return `${finding.isProven ? "The secret came" : "A secret may have come"} ${came}, but the source expects it ${finding.wants}: ${set("location", "its place", "set settings.scheme to one that looks there")}, or have the sender put it where it is expected.`;
    }
    case "audience":
      return `The token is for ${finding.is}, but the source expects ${finding.wants}: ${set("jwt_audience", "the sender's value", "correct it in the sender's settings")}.`;
    case "secret_instead":
      return `The request is not signed; it has a secret instead (${finding.name}): give the source the preset bearer, or have the sender sign its webhooks.`;
    case "no_pair":
      return "The value after Basic is not a user and password: have the sender write user:password there, in base64 and with the colon.";
    case "right_now":
      return "The request came with a secret that the source has by now, but its body was not stored. Have the sender send it again.";
  }
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
