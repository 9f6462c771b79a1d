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
  trimmed: "Right after trimming: a proxy changed the body",
  newline_added: "Right without the newline at its end: a proxy, or a copy and paste, added one to the body",
  newline_lost: "Right with a newline at its end: a proxy, or a copy and paste, took it from the body",
  crlf: "Right with line ends of CR and LF: a proxy, or a copy and paste, changed those of the body",
  lf: "Right with line ends of LF alone: a proxy, or a copy and paste, changed those of the body",
  bom_added: "Right without the byte order mark at its beginning: something on the way added it to the body",
  bom_lost: "Right with a byte order mark at its beginning: something on the way took it from the body",
  json_rewritten:
    "Right after the JSON is written anew in another spacing: something on the way read the body and wrote it again",
  body_lost: "Right for an empty body: what was signed had none",
};

const secretSpellings: Readonly<Record<SecretSpelling, string>> = {
  spaces: "It fits the secret without the white space around it: store the secret again, without",
  newline: "It fits the secret with a newline at its end: the sender's copy has one, take it out there",
  quotes: "It fits the secret without the quotation marks around it: store the secret again, without",
  prefix_missing: "It fits the secret with whsec_ before it: store the whole text, as the sender shows it",
  prefix_extra: "It fits the secret without what stands before its first underscore: store it without",
  bearer_word:
    "It fits the secret without the word before it (Bearer …): only the secret itself is stored, or presented",
  escaped: "It fits the secret in its other percent-encoding: store it as the sender uses it",
  base64: "What came is the secret in base64: have the sender present it as it is",
};

const passOn = "Have whatever stands between the sender and Hookline pass the bytes on as they came.";

/** @returns One or two sentences that say what to change, and in which product. */
export function sentenceFor(finding: Finding, preset: Preset): string {
  const set = (name: string, value: string, otherwise: string): string =>
    Object.hasOwn(preset.settings, name) ? `set settings.${name} to ${value}` : otherwise;
  switch (finding.kind) {
    case "public_secret":
      return `It is signed with ${finding.by}'s published test key (a test from an editor, or an example of its documentation): anybody can sign so, and the door refuses it. Send a real event, and store the webhook's own secret.`;
    case "retired_secret":
      return `It comes with the secret that was retired on ${day(finding.at)}: give the sender the new one, or store the old one again.`;
    case "scheme":
      return `Valid as ${finding.is}, but this source expects ${finding.wants}: set settings.scheme to ${finding.is}, or have the sender sign as ${finding.wants}.`;
    case "url": {
      const where = Object.hasOwn(preset.settings, "url") ? "settings.url (or PUBLIC_URL)" : "PUBLIC_URL";
      return `Signed for ${finding.signed}, we saw ${finding.saw ?? "none"}: set ${where} to the address that the sender has, or correct it there.`;
    }
    case "body":
      return `${bodyChanges[finding.how]}. ${passOn}`;
    case "encoding":
      return `This is ${finding.is}, the ${Object.hasOwn(preset.settings, "encoding") ? "source" : "preset"} wants ${finding.wants}: ${
        finding.is === "base64url"
          ? "have the sender write it with + and / and its padding"
          : set("encoding", finding.is, `have the sender write the signature in ${finding.wants}`)
      }.`;
    case "prefix_missing":
      return `The signature lacks "${finding.prefix}" before it: ${set("prefix", "nothing", "have the sender write it, or nothing on the way take it out")}.`;
    case "prefix_extra":
      return `"${finding.prefix}" stands before the signature: ${set("prefix", `"${finding.prefix}"`, "have the sender leave it out")}.`;
    case "quotes":
      return "The signature stands in quotation marks: have the sender leave them out.";
    case "key":
      return `It fits the secret read as ${finding.is}, and it is read as ${finding.wants}: ${set("key", finding.is, "store the whole secret, as the sender shows it; if it is that, choose the preset generic")}.`;
    case "secret_spelling":
      return `${secretSpellings[finding.how]}.`;
    case "hash":
      return `This is a ${finding.is} signature, and the source expects ${finding.wants}: ${set("hash", finding.is, "choose it in the sender's settings")}.`;
    case "header":
      return `The signature came in ${finding.came}, and is looked for in ${finding.wants}: ${set("header", finding.came, "something on the way renames headers; have it pass them on as they are")}.`;
    case "template":
      return `What is signed is ${finding.is}: set settings.template to it${finding.more}.`;
    case "time_form":
      return `The signature's time is written as ${finding.is}, and is read as ${finding.wants}: ${set("timestamp_format", finding.is, "have the sender write it so")}.`;
    case "clock":
      return `The signature is right, but ${timeOff(finding.offMs)}; ${finding.allowedSeconds} s are allowed. ${
        finding.offMs > 0
          ? "A clock is off, or the request came late: something held it back, or sent it again."
          : "A clock is off: the sender's is ahead, or ours is behind."
      }`;
    case "token_over":
      return `The token's signature is right, but it was over ${finding.offMs === null ? "before" : `${timeOff(finding.offMs).replace(" old", " before")}`} it came: a clock is off, or the request came late.`;
    case "token_early":
      return "The token is not right yet (nbf): a clock is off.";
    case "algorithm":
      return `The token is signed with ${finding.is}, and the source expects ${finding.wants}: choose the scheme of that algorithm.`;
    case "other_preset": {
      const whose = finding.titles.map((title) => `${title}'s`).join(" or ");
      const mend = `give the source the preset ${finding.names.join(" or ")}, or the sender the address of another source`;
      return `${finding.isRight ? "Valid as" : "These headers are"} ${finding.isRight ? finding.titles.join(" or ") : whose}; this source has the preset ${preset.name}: ${mend}.`;
    }
    case "tenant":
      return finding.came.length === 0
        ? `The request names no account, and this source takes ${finding.wants} only: have the sender name it, or take the tenant off the source.`
        : `The request is of ${finding.came.join(", ")}, and this source takes ${finding.wants} only: correct the source's tenant, or send it to another source.`;
    case "tenant_unsaid":
      return `One key signs for many accounts, and the source does not say whose events it takes: set tenant${
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
      return `${finding.isProven ? "The secret came" : "A secret may have come"} ${came}, and is looked for ${finding.wants}: ${set("location", "where it stands", "choose the scheme that looks there")}, or have the sender present it there.`;
    }
    case "audience":
      return `The token is for ${finding.is}, and the source expects ${finding.wants}: ${set("jwt_audience", "what the sender writes", "correct it in the sender's settings")}.`;
    case "secret_instead":
      return `Nothing in the request is signed; a secret is presented instead (${finding.name}): give the source the preset bearer, or have the sender sign.`;
    case "no_pair":
      return "What follows Basic is no user and password: have the sender write user:password in base64 there, with the colon.";
    case "right_now":
      return "What was presented is a secret of the source now. Of the request itself nothing was kept: have the sender send it again.";
  }
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
