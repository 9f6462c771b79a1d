/** A refused request with all that is known of its source; and one deviation of either, under which it may be right. */
import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { Presented } from "../../ports/ingest/rejections.ts";
import type { Chosen } from "../preset/chosen-scheme.ts";
import type { ActiveSecret, GivenSettings, Preset, Scheme } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import type { Finding } from "./findings.ts";

export type Patient = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly chosen: Chosen;
  readonly tenant: string | null;
  readonly secrets: readonly ActiveSecret[];
  /** Those that the source had. */
  readonly retired: readonly { readonly value: string; readonly at: number }[];
  readonly request: WebhookRequest;
  /** Whether nothing of the request is missing: only then a signature is computed. */
  readonly isWhole: boolean;
  /** Names of all headers that came, in lower case. */
  readonly names: readonly string[];
  readonly presented: Presented | null;
  readonly reason: string;
  readonly detail: string;
  /** When it came. */
  readonly nowMs: number;
  readonly fingerprint: (text: string) => Promise<string>;
};

/** What is tried: all that is not given is as it is. */
export type Trial = {
  readonly findings: readonly Finding[];
  readonly recipe: SignatureRecipe;
  readonly formats: Scheme["formats"];
  readonly request: WebhookRequest;
  readonly url: string | null;
  readonly secrets: readonly ActiveSecret[];
};

/** One way in which requests go wrong: from a trial to others that deviate from it. The likeliest first. */
export type Axis = (patient: Patient, base: Trial) => Iterable<Trial>;
