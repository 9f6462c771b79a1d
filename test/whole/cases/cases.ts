/** Inputs of real senders, as files of `test/cases/` describe them: what is configured, what is sent, what must come of it. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export type CaseRequest = {
  readonly method: string;
  /** `{slug}` stands for the source's. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_base64?: string;
};

export type Expected = {
  readonly http_status?: number;
  /** Numbers that the case's calls were placed to: these and no others. */
  readonly rings?: readonly string[];
  readonly never_rings?: readonly string[];
  /** Number of the source's events, including ignored events. */
  readonly events?: number;
  readonly about_contains?: string;
  readonly about_lacks?: readonly string[];
  readonly greeting?: string;
  readonly call_status?: string;
  readonly call_status_not?: string;
  readonly reason?: string;
  readonly event_reason?: string;
  readonly rejection_code?: string;
  readonly rejection_contains?: string;
  readonly occurred_at?: string;
  /** The hours of this zone in which every call of the case is due. */
  readonly rings_only_between?: { readonly zone: string; readonly from: string; readonly to: string };
};

export type Case = {
  readonly name: string;
  readonly kind: string;
  readonly why: string;
  readonly secret: string;
  readonly lines: Readonly<Record<string, object>>;
  readonly source_config: Readonly<Record<string, unknown>> & {
    readonly rules: readonly { readonly name: string }[];
    readonly settings?: Readonly<Record<string, unknown>>;
  };
  readonly request?: CaseRequest;
  readonly requests?: readonly CaseRequest[];
  readonly expected: Expected;
};

const folder = new URL("../../cases/", import.meta.url);

/** All cases, by the name of their file. */
export function casesByFile(): [file: string, cases: readonly Case[]][] {
  return readdirSync(folder)
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), "utf8"))]);
}

/** Replaces what a file cannot say: a time relative to now, an Ed25519 key, a signature by it. */
export function live(one: Case): Case {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const settings = Object.entries(one.source_config.settings ?? {}).map(([name, value]) =>
    typeof value === "string" && value.startsWith("{base64 of the SPKI") ? [name, spki] : [name, value],
  );
  return {
    ...one,
    source_config: { ...one.source_config, settings: Object.fromEntries(settings) },
    requests: requestsOf(one).map((request) => signedNow(request, privateKey)),
  };
}

export function requestsOf(one: Case): readonly CaseRequest[] {
  return one.requests ?? (one.request === undefined ? [] : [one.request]);
}

function signedNow(request: CaseRequest, key: KeyObject): CaseRequest {
  const body = request.body?.replace(/\{now minus (\d+) minutes, ISO 8601\}/gu, (_, minutes: string) =>
    new Date(Date.now() - Number(minutes) * 60_000).toISOString(),
  );
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) =>
    value.startsWith("{Ed25519 of the body")
      ? [name, sign(null, Buffer.from(body ?? ""), key).toString("base64")]
      : [name, value],
  );
  return { ...request, headers: Object.fromEntries(headers), ...(body === undefined ? {} : { body }) };
}

/** The bytes that are sent; `undefined`: none. */
export function bodyOf({ body, body_base64 }: CaseRequest): Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined && body_base64 === undefined) return undefined;
  return new Uint8Array(body_base64 === undefined ? Buffer.from(body ?? "") : Buffer.from(body_base64, "base64"));
}
