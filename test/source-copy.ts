import type { SourceCopy } from "../src/ports/source-copy.ts";

/** A source of Shopify's as an inbox copies it, without secrets and rules. */
export function sourceCopy(more: Partial<SourceCopy> = {}): SourceCopy {
  return {
    slug: "shop",
    version: 1,
    shards: 1,
    preset: "shopify",
    tenant: null,
    country: "US",
    zone: null,
    settings: {},
    orderNumber: null,
    recordType: null,
    recordId: null,
    secrets: [],
    rules: [],
    ...more,
  };
}
