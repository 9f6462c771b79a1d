/**
 * Strength of a secret against guessing. Pure.
 *
 * A secret that requests carry in clear can be guessed online by anybody. The key of a keyed hash can be guessed
 * offline with one signed request (an HMAC key needs at least 112 bits). So a weak secret is refused if its user chose
 * it. A weak secret that the sender generated cannot be replaced, so it is accepted with a warning.
 *
 * @see https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf section 10
 * @see https://datatracker.ietf.org/doc/html/rfc2104#section-3
 */
import { isGuessed, isUnfilled, unguessedMin } from "./guessed-text.ts";
import { publisherOf } from "./public-secrets.ts";
import { secretText } from "./secret-text.ts";

/**
 * Minimum length of a secret that its user chooses, in code points without surrounding white space. 16 random hex
 * digits have 64 bits.
 */
const secretCharactersMin = 16;

/** Minimum number of different characters. Fewer occur in 16 random decimal digits once in two million. */
const differentCharactersMin = 4;

/** Origin and use of a secret, by its source's preset and settings. */
export type SecretOrigin = {
  /** `carried`: requests contain the secret. `key`: requests are signed with it. */
  readonly use: "carried" | "key";
  readonly madeBy: "you" | "sender";
  /** The secret may be `user:password`. The user name does not count. */
  readonly isPair: boolean;
  /** Setting that declares the sender as its maker; null if the preset knows. */
  readonly setting: string | null;
  /** Names of the preset and the source. Attackers try them first. */
  readonly preset: string;
  readonly source?: string;
  /** Longest secret that the sender's form accepts. Absent: at least the length of `openssl rand -hex 24`. */
  readonly charactersMax?: number;
};

/**
 * A weak secret. `refused`: its user can choose another, so a new one is rejected. `verifies`: requests are accepted
 * with it if it is stored.
 */
export type WeakSecret = { readonly refused: boolean; readonly verifies: boolean; readonly reason: string };

/** @returns A command that generates a secret within the limit of the sender's form. */
export function secretCommand(charactersMax = 48): string {
  return `openssl rand -hex ${Math.min(24, Math.floor(charactersMax / 2))}`;
}

/**
 * @param value The secret. No result contains a part of it.
 * @param origin Null for a public key, which is refused only if its private key is published as well.
 * @returns The weakness; null if the secret is strong, and for an empty text, which is another mistake.
 */
export function weakSecret(value: string, origin: SecretOrigin | null): WeakSecret | null {
  const text = secretText(value);
  if (text === "") return null;
  const publisher = publisherOf(text);
  if (publisher !== null)
    return {
      refused: true,
      verifies: false,
      reason: `is published in the documentation of ${publisher}, so anybody can sign with it and Hookline refuses it: store the secret that the sender shows for your own webhook`,
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
      reason: `${head}; it is accepted because the sender made it: let the sender make a longer one if it can`,
    };
  const way = `make one with \`${secretCommand(origin.charactersMax)}\` and give it to the sender too`;
  const other =
    origin.setting === null ? "" : `; if the sender made it and has no other, set ${origin.setting}: sender`;
  return { refused: true, verifies: true, reason: `${head}: ${way}${other}` };
}

/** Invisible characters add length but no strength. */
const invisible = /[\p{Cc}\p{Cf}]/gu;

function faultOf(text: string, { preset, source, isPair, madeBy }: SecretOrigin): string | null {
  const shown = text.replace(invisible, "");
  const characters = [...shown];
  const what = isPair ? "password" : "secret";
  const { length } = characters;
  const counted = `${length} ${length === 1 ? "character" : "characters"}`;
  if (length < secretCharactersMin) return `is a ${what} of ${counted} and not of ${secretCharactersMin} or more`;
  if (new Set(characters).size < differentCharactersMin || isRepeated(characters))
    return "is a short text that is repeated";
  if (isUnfilled(shown)) return "is the name or the place of a secret, not the secret";
  // A generator writes no words. Apparent words in its output are a coincidence and cause no warning.
  return madeBy === "you" && isGuessed(shown, [preset, source ?? ""])
    ? `has fewer than ${unguessedMin} characters beside what is tried first: words that stand in every example, its names, repetitions, rows of keys`
    : null;
}

/** Whether a text repeats a shorter one that would be too short for a secret. The last repetition may be partial. */
function isRepeated(characters: readonly string[]): boolean {
  for (let unit = 1; unit < secretCharactersMin && unit <= characters.length / 2; unit++)
    if (characters.every((one, at) => one === characters[at % unit])) return true;
  return false;
}
