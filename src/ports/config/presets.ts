/** What a preset says of itself, for whoever sets up a source. Types only. */
import type { SecretOrigin } from "../../domain/config/secret-strength.ts";

export type PresetAbout = {
  readonly name: string;
  readonly title: string;
  /** The first is the default. */
  readonly schemes: readonly {
    readonly name: string;
    readonly title: string;
    readonly family: "hmac" | "hash" | "asymmetric" | "jwt" | "secret";
    /** What the signature covers, in the tokens of its template; `null`: nothing of the request. */
    readonly signs: string | null;
    /** Fields of an event that it does not cover. */
    readonly unsigned: readonly string[];
    /** Whether a source has to say whose events it takes; `when_named`: only events that name an account. */
    readonly tenant: "mandatory" | "when_named" | "optional" | "none";
  }[];
  readonly settings: readonly {
    readonly name: string;
    readonly kind: string;
    readonly about: string;
    readonly default: string;
    readonly choices?: readonly string[];
  }[];
  /** Steps in the sender's product, a sentence each. */
  readonly steps: readonly string[];
};

/** The settings of a source that choose how its sender signs. */
type ChosenPreset = { readonly preset: string; readonly settings: Readonly<Record<string, unknown>> };

/** What has to be pasted where. */
export type SourceSetup = {
  /** The path below the service's address; a secret that stands in it is not shown. */
  readonly path: string;
  readonly steps: readonly string[];
  /** Where the source's secret comes from: somebody sets it; the sender hands it over at its set-up; it has one key for everybody. */
  readonly secret: "set" | "handed_over" | "published";
  /** Whether one request of its sender may carry several events. */
  readonly batches: boolean;
};

export type PresetGuide = {
  /** @param address where the service is reached: its steps name the address of a source that has no name yet, `…/in/<source>` */
  all(address: string): readonly PresetAbout[];
  /** @returns `null`: there is no such preset */
  about(name: string, address: string): PresetAbout | null;
  /** @returns A sentence about a type of events that the preset does not know; `null`: it knows it, or cannot tell. */
  topicAdvice(preset: string, topic: string): string | null;
  /** @param address where the service is reached; `""`: nobody has said it */
  setup(source: ChosenPreset & { readonly slug: string }, address: string): SourceSetup;
  /** @returns `null`: the source's secret is a public key, or there is no such preset */
  secretOrigin(source: ChosenPreset & { readonly slug: string }): SecretOrigin | null;
};
