/** A trial: a rejected request and its source's settings, with a deviation under which the signature may verify. */
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
  /** Retired secrets of the source. */
  readonly retired: readonly { readonly value: string; readonly at: number }[];
  readonly request: WebhookRequest;
  /** Whether the stored request is complete. A signature is computed only for a complete one. */
  readonly isWhole: boolean;
  /** Names of all headers of the request, in lower case. */
  readonly names: readonly string[];
  readonly presented: Presented | null;
  readonly reason: string;
  readonly detail: string;
  /** Time of arrival, in epoch milliseconds. */
  readonly nowMs: number;
  readonly fingerprint: (text: string) => Promise<string>;
};

/** One verification to try, and the findings that it proves. */
export type Trial = {
  readonly findings: readonly Finding[];
  readonly recipe: SignatureRecipe;
  readonly formats: Scheme["formats"];
  readonly request: WebhookRequest;
  readonly url: string | null;
  readonly secrets: readonly ActiveSecret[];
};

/** One kind of mistake: derives further trials from a trial, the likeliest first. */
export type Axis = (patient: Patient, base: Trial) => Iterable<Trial>;
