// The senders that `dev/send/sign.ts` does not know: the fixtures of the contract suite, which is loaded only when one is used.
import { schemeOf } from "../../src/crm/preset/chosen-scheme.ts";
import type { GivenSettings, Preset } from "../../src/crm/preset/preset.ts";
import { fullSettings } from "../../src/crm/preset/settings.ts";

/** A request to send, and its address. */
type SampleWanted = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly secret: string;
  /** The source's address, as registered with its sender. */
  readonly url: string;
  readonly tenant?: string;
  /** Instead of the sender's own sample. */
  readonly body?: string;
};

/** A request as it goes over the wire; a secret in the path is part of `address` already. */
export type SampleSent = { readonly address: string; readonly headers: Record<string, string>; readonly body: string };

/**
 * Signs the sample of a preset's scheme, or another body, as its sender does it now.
 *
 * @throws Error for a scheme whose private key is only the sender's.
 */
export async function signedSample({ preset, settings, ...sending }: SampleWanted): Promise<SampleSent> {
  const { fixtures } = await import("../../test/crm/fixtures/index.ts");
  const { scheme, recipe } = schemeOf(preset, settings);
  const { name } = scheme;
  if (recipe.family === "asymmetric" || (recipe.family === "jwt" && !recipe.algorithm.startsWith("HS")))
    throw new Error(`${preset.title} signs by ${name} with a private key, which only the sender has.`);
  const wanted = fullSettings(preset, settings);
  const isMeant = (one: GivenSettings): boolean =>
    Object.entries(fullSettings(preset, one)).every(([key, value]) => key === "url" || wanted[key] === value);
  const known = fixtures.filter((one) => one.preset === preset.name && one.scheme === name);
  const fixture = known.find((one) => isMeant(one.settings ?? {})) ?? known[0];
  if (fixture === undefined)
    throw new Error(`Hookline cannot sign as the sender of the preset ${preset.name} and its scheme ${name}.`);
  const { url, key, headers, body } = fixture.send({ ...sending, at: Date.now() });
  const at = url.indexOf("?");
  const [path, query] = at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at)];
  return {
    address: key === undefined ? url : `${path}/${encodeURIComponent(key)}${query}`,
    headers: { ...headers },
    body,
  };
}
