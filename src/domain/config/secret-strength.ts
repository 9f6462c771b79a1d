/**
 * The strength of a secret against guesses. Pure.
 *
 * A secret that a request carries as it is can be tried at the door by anybody, and the key of a keyed hash can be tried at home by whoever
 * has one signed request (an HMAC needs a key of at least 112 bits). So one that its user chooses is refused if it is weak. One that its
 * sender makes cannot be chosen: it is taken, with a warning.
 *
 * @see https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf section 10
 * @see https://datatracker.ietf.org/doc/html/rfc2104#section-3
 */
import { isGuessed, isUnfilled, unguessedMin } from "./guessed-text.ts";
import { publisherOf } from "./public-secrets.ts";
import { secretText } from "./secret-text.ts";

/** Characters of a secret that its user chooses, as code points without white space around them. 16 random hex digits have 64 bits. */
const secretCharactersMin = 16;

/** Different characters in it. A random text of 16 decimal digits has fewer once in two million. */
const differentCharactersMin = 4;

/** The source of a secret and its use, by its source's preset and settings. */
export type SecretOrigin = {
  /** `carried`: requests hold the secret itself. `key`: they are signed with it. */
  readonly use: "carried" | "key";
  readonly madeBy: "you" | "sender";
  /** The secret may be `user:password`, of which the user is no secret. */
  readonly isPair: boolean;
  /** The setting that says that the sender made it; `null`: its preset knows. */
  readonly setting: string | null;
  /** The preset's name and the source's, which are the first things to be tried. */
  readonly preset: string;
  readonly source?: string;
  /** The most characters that the sender's form takes; absent: as many as `openssl rand -hex 24` writes, at least. */
  readonly charactersMax?: number;
};

/** A weak secret. `refused`: its user can choose another, so it is not taken anew. `verifies`: the door takes requests by it, if it is stored. */
export type WeakSecret = { readonly refused: boolean; readonly verifies: boolean; readonly reason: string };

/** @returns the command that makes a secret, of no more characters than the sender's form takes */
export function secretCommand(charactersMax = 48): string {
  return `openssl rand -hex ${Math.min(24, Math.floor(charactersMax / 2))}`;
}

/**
 * @param value the secret, of which no answer holds a part
 * @param origin `null`: a public key, which is no secret; it is refused only if its private key is published as well
 * @returns `null`: nothing is to be said against it, or it is empty, which is another mistake
 */
export function weakSecret(value: string, origin: SecretOrigin | null): WeakSecret | null {
  const text = secretText(value);
  if (text === "") return null;
  const publisher = publisherOf(text);
  if (publisher !== null)
    return {
      refused: true,
      verifies: false,
      reason: `is published in the documentation of ${publisher}, so anybody can sign with it, and the door refuses all that comes with it: store the secret that the sender shows for your own webhook`,
    };
  if (origin === null) return null;
  const fault = faultOf(origin.isPair ? text.slice(text.indexOf(":") + 1) : text, origin);
  if (fault === null) return null;
  const danger = { carried: "anybody may try at the door", key: "whoever sees one signed request may try" }[origin.use];
  const head = `${fault}, which ${danger}`;
  if (origin.madeBy === "sender")
    return {
      refused: false,
      verifies: true,
      reason: `${head}; its sender made it, so it is taken: have a longer one made if it can`,
    };
  const way = `make one with \`${secretCommand(origin.charactersMax)}\` and give it to the sender too`;
  const other =
    origin.setting === null ? "" : `; if the sender made it and has no other, set ${origin.setting}: sender`;
  return { refused: true, verifies: true, reason: `${head}: ${way}${other}` };
}

/** Invisible characters: they lengthen a secret and are no part of what has to be guessed. */
const invisible = /[\p{Cc}\p{Cf}]/gu;

function faultOf(text: string, { preset, source, isPair, madeBy }: SecretOrigin): string | null {
  const shown = text.replace(invisible, "");
  const characters = [...shown];
  const what = isPair ? "password" : "secret";
  const { length } = characters;
  const counted = `${length} ${length === 1 ? "character" : "characters"}`;
  if (length < secretCharactersMin) return `is a ${what} of ${counted} and not of ${secretCharactersMin} or more`;
  if (new Set(characters).size < differentCharactersMin || isRepeated(characters)) return "is a short text repeated";
  if (isUnfilled(shown)) return "is the place or the name of a value, and not the value";
  // A sender's generator writes no words. What looks like some in its text is no reason to warn.
  return madeBy === "you" && isGuessed(shown, [preset, source ?? ""])
    ? `has fewer than ${unguessedMin} characters beside what is tried first: words that stand in every example, its names, repetitions, rows of keys`
    : null;
}

/** Whether a text is a shorter one, of less than a secret's characters, written several times; the last time perhaps in part. */
function isRepeated(characters: readonly string[]): boolean {
  for (let unit = 1; unit < secretCharactersMin && unit <= characters.length / 2; unit++)
    if (characters.every((one, at) => one === characters[at % unit])) return true;
  return false;
}
