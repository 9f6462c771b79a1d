/** Descriptions of presets, for setting up sources. Types only. */
import type { SecretOrigin } from "../../domain/config/secret-strength.ts";

export type PresetAbout = {
  readonly name: string;
  readonly title: string;
  /** The first is the default. */
  readonly schemes: readonly {
    readonly name: string;
    readonly title: string;
    readonly family: "hmac" | "hash" | "asymmetric" | "jwt" | "secret";
    /** Parts of the request that the signature covers, as tokens of its template; null if it covers none. */
    readonly signs: string | null;
    /** Fields of an event that the signature does not cover. */
    readonly unsigned: readonly string[];
    /**
     * Whether a source must name the account whose events it takes. `when_named`: the check applies only to events that
     * name an account.
     */
    readonly tenant: "mandatory" | "when_named" | "optional" | "none";
  }[];
  readonly settings: readonly {
    readonly name: string;
    readonly kind: string;
    readonly about: string;
    readonly default: string;
    readonly choices?: readonly string[];
  }[];
  /** Steps in the sender's product, one sentence each. */
  readonly steps: readonly string[];
};

/** Settings of a source that choose how its sender signs. */
type ChosenPreset = { readonly preset: string; readonly settings: Readonly<Record<string, unknown>> };

/** Setup of a source: values to paste into the sender's product. */
export type SourceSetup = {
  /** Path below the service's base URL. A secret in it is not shown. */
  readonly path: string;
  readonly steps: readonly string[];
  /**
   * Origin of the source's secret: configured by a person; handed over by the sender at setup; one public key for all
   * customers.
   */
  readonly secret: "set" | "handed_over" | "published";
  /** Whether one request of its sender may carry several events. */
  readonly batches: boolean;
};

export type PresetGuide = {
  /** @param address Base URL of the service. Steps name the URL of a source without a name as `…/in/<source>`. */
  all(address: string): readonly PresetAbout[];
  /** @returns Null if the preset does not exist. */
  about(name: string, address: string): PresetAbout | null;
  /**
   * @returns A sentence about an event type that the preset does not know; null if it knows the type or cannot tell.
   */
  topicAdvice(preset: string, topic: string): string | null;
  /** @param address Base URL of the service; `""` if it is not configured. */
  setup(source: ChosenPreset & { readonly slug: string }, address: string): SourceSetup;
  /** @returns Null if the source's secret is a public key, or the preset does not exist. */
  secretOrigin(source: ChosenPreset & { readonly slug: string }): SecretOrigin | null;
};
