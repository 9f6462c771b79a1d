// The checks of `doctor` against the running service.
import * as z from "zod";
import { rowsInWords } from "../../src/domain/problem-counts.ts";
import { wantedPauses } from "../../src/domain/reasons.ts";
import { callApi, get, type Service } from "../service.ts";
import { counted } from "../words.ts";
import { clockFindings, clocksReport, machineClock, unknownClock } from "./doctor-clocks.ts";
import type { SetupFinding } from "./doctor-setup.ts";

const dayMs = 86_400_000;
const soonDays = 14;

const readiness = z.looseObject({
  status: z.string(),
  reason: z.string().optional(),
  missing_migrations: z.array(z.string()).optional(),
  problems: z
    .array(
      z.looseObject({
        code: z.string(),
        severity: z.string().optional(), // Absent from the previous version.
        sentence: z.string(),
        count: z.number(),
        rows: z.array(z.string()),
      }),
    )
    .optional(),
  unsealed: z
    .looseObject({ entries: z.number(), oldest_age_s: z.number().nullable(), allowed_s: z.number() })
    .optional(), // Absent from the previous version.
  clocks: clocksReport,
});
const me = z.looseObject({ name: z.string(), scopes: z.array(z.string()) });

/** Whether the service is up with its database and migrations, and whether the token suffices for the other checks. */
export async function checkReadiness(
  service: Service,
): Promise<{ reachable: boolean; authorized: boolean; findings: SetupFinding[] }> {
  const answer = await callApi(service, "GET", "/readyz");
  const said = readiness.safeParse(answer.body);
  if (!said.success)
    return {
      reachable: false,
      authorized: false,
      findings: [{ state: "wrong", text: `${service.url} answers, but not as Hookline does` }],
    };
  const findings = [...readyFindings(service.url, said.data), ...(await machineClock(service))];
  if (findings.some(({ state }) => state === "wrong")) return { reachable: false, authorized: false, findings };
  const who = await callApi(service, "GET", "/v1/me");
  const known = me.safeParse(who.body);
  if (!who.ok || !known.success) {
    findings.push({
      state: "wrong",
      text: "HOOKLINE_TOKEN is missing, expired or revoked, so the rest was not checked: make one with `hookline token`",
    });
    return { reachable: true, authorized: false, findings };
  }
  const admin = known.data.scopes.includes("admin");
  findings.push(...problemFindings(said.data, admin), ...sealFindings(said.data), ...clockFindings(said.data.clocks));
  findings.push(
    admin
      ? { state: "good", text: `the token "${known.data.name}" is good` }
      : { state: "warning", text: `the token "${known.data.name}" lacks the scope admin, so the rest was not checked` },
  );
  return { reachable: true, authorized: admin, findings };
}

function readyFindings(url: string, said: z.output<typeof readiness>): SetupFinding[] {
  if (said.reason === "database_unavailable")
    return [
      { state: "wrong", text: `${url} is up but cannot reach Postgres: check Hyperdrive's address and Postgres` },
      unknownClock,
    ];
  const missing = said.missing_migrations ?? [];
  if (missing.length > 0)
    return [{ state: "wrong", text: `migrations have not run: ${missing.join(", ")}; run \`hookline migrate\`` }];
  return [{ state: "good", text: `${url} is up, Postgres is there, all migrations have run` }];
}

/** Problems that the other checks, which need the scope admin, report in their own words. */
const checkedElsewhere: ReadonlySet<string> = new Set(["line_paused", "chain_behind", "chain_differs", "token_ends"]);

/** All problems that the service reports. */
function problemFindings({ problems = [] }: z.output<typeof readiness>, admin: boolean): SetupFinding[] {
  return problems
    .filter(({ code }) => !(admin && checkedElsewhere.has(code)))
    .map(({ code, severity, sentence, count, rows }) => {
      const words = rowsInWords({ code, count, rows });
      const about = words === "" ? "" : `${words}: `;
      return {
        state: severity === "warning" || severity === "info" ? "warning" : "wrong",
        text: `${about}${sentence}`,
      };
    });
}

/** The wait of audit entries until they are signed. Above the bound, the service itself reports a problem. */
function sealFindings({ unsealed }: z.output<typeof readiness>): SetupFinding[] {
  if (unsealed === undefined) return [];
  const { entries, oldest_age_s: age, allowed_s: allowed } = unsealed;
  if (age === null) return [{ state: "good", text: "every audit entry is linked and signed" }];
  if (age > allowed) return [];
  const waiting = counted(entries, "audit entry", "audit entries");
  return [{ state: "good", text: `${waiting} not signed yet, the oldest for ${age} s of ${allowed} s at most` }];
}

const tokens = z.looseObject({
  data: z.array(
    z.looseObject({
      name: z.string(),
      expires_at: z.string(),
      revoked_at: z.string().nullable(),
      ends_soon: z.boolean().optional(), // Absent from the previous version.
    }),
  ),
});

/** Tokens that expire soon and that no token of the same name replaces. */
export async function checkTokens(service: Service, nowMs: number): Promise<SetupFinding[]> {
  const { data } = await get(service, "/v1/tokens", tokens);
  const valid = data.filter(({ expires_at, revoked_at }) => revoked_at === null && Date.parse(expires_at) > nowMs);
  const soon = valid.filter(
    ({ expires_at, ends_soon }) => ends_soon ?? Date.parse(expires_at) < nowMs + soonDays * dayMs,
  );
  const findings = soon.map(
    ({ name, expires_at }): SetupFinding => ({
      state: "warning",
      text: `the token "${name}" expires ${expires_at}, and none replaces it`,
    }),
  );
  return findings.length > 0
    ? findings
    : [{ state: "good", text: `${counted(valid.length, "valid token")}; none expires within ${soonDays} days` }];
}

const jwks = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string() })).min(1) });
const audit = z.looseObject({
  data: z.array(z.looseObject({ position: z.number(), at: z.string(), kid: z.string() })),
  problem: z.looseObject({ kind: z.string(), position: z.number(), found: z.number() }).nullable(),
});

/** Whether there are public keys for receipts, and whether the stored audit chain is the signed one. */
export async function checkAudit(service: Service): Promise<SetupFinding[]> {
  const [{ keys }, { data, problem }] = [
    await get(service, "/.well-known/jwks.json", jwks),
    await get(service, "/v1/audit/heads", audit),
  ];
  const known = new Set(keys.map(({ kid }) => kid));
  const orphans = data.filter(({ kid }) => !known.has(kid)).length;
  const last = data.at(-1);
  return [
    problem === null
      ? {
          state: "good",
          text:
            last === undefined
              ? "the audit chain is empty"
              : `the audit chain is signed up to ${last.position}, ${last.at}`,
        }
      : {
          state: "wrong",
          text: `the stored audit chain (up to ${problem.found}) is not the one that was signed (up to ${problem.position}): run \`hookline verify-audit\`; if the database was restored, say so with POST /v1/audit/restored`,
        },
    orphans === 0
      ? { state: "good", text: `${counted(keys.length, "public key")} for heads and receipts` }
      : {
          state: "wrong",
          text: `${counted(orphans, "head")} signed with a key that RECEIPT_KEYS does not hold any more: put its public part back at the end`,
        },
  ];
}

const lines = z.looseObject({
  data: z.array(
    z.looseObject({
      slug: z.string(),
      paused: z.looseObject({ reason: z.string(), reason_text: z.string() }).nullable(),
      warnings: z.array(z.string()),
    }),
  ),
});

/** Lines that are paused, or that may call at any hour. */
export async function checkLines(service: Service): Promise<SetupFinding[]> {
  const { data } = await get(service, "/v1/lines", lines);
  if (data.length === 0)
    return [
      { state: "warning", text: "there is no line yet, so no rule can call: add one to hookline.yaml, and apply it" },
    ];
  return data.flatMap(({ slug, paused, warnings }): SetupFinding[] => [
    paused === null
      ? { state: "good", text: `line ${slug} is not paused` }
      : {
          state: wantedPauses.includes(paused.reason) ? "warning" : "wrong",
          text: `line ${slug} is paused: ${paused.reason_text}`,
        },
    ...warnings.map((text): SetupFinding => ({ state: "warning", text: `line ${slug}: ${text}` })),
  ]);
}

const source = z.looseObject({
  slug: z.string(),
  warnings: z.array(z.string()),
  rules: z.array(z.looseObject({ mode: z.string() })),
  shards: z.number().optional(), // Absent from the previous version, as is `busiest`.
  heard: z
    .looseObject({
      busiest: z.looseObject({ since: z.string(), seconds: z.number(), requests_per_second: z.number() }).nullish(),
    })
    .nullish(),
});
const sourceNames = z.looseObject({ data: z.array(z.looseObject({ slug: z.string() })) });

/** Sources that reject every webhook, or have no rule that may call. */
export async function checkSources(service: Service): Promise<SetupFinding[]> {
  const { data: names } = await get(service, "/v1/sources", sourceNames);
  if (names.length === 0)
    return [{ state: "warning", text: "there is no source yet: add one to hookline.yaml, and apply it" }];
  // One by one: the list measures no rates, and each of these requests has a connection to Postgres of its own.
  const data: z.output<typeof source>[] = [];
  for (const { slug } of names) data.push(await get(service, `/v1/sources/${encodeURIComponent(slug)}`, source));
  return data.flatMap(({ slug, warnings, rules, shards, heard }): SetupFinding[] => {
    const ringing = rules.filter(({ mode }) => mode === "live").length;
    const quiet =
      rules.length > 0 && ringing === 0
        ? [
            rules.length === 1
              ? "its only rule is not live, so it never rings"
              : `none of its ${rules.length} rules is live, so it never rings`,
          ]
        : [];
    const found = [...warnings, ...quiet];
    if (found.length === 0)
      return [
        {
          state: "good",
          text: `source ${slug}: ${ringing} of ${rules.length} rules live${rateWords(shards, heard?.busiest)}`,
        },
      ];
    return found.map((text): SetupFinding => ({ state: "warning", text: `source ${slug}: ${text}` }));
  });
}

/** The measured rate of a source with enough inboxes. Otherwise the service itself warns. */
function rateWords(
  shards: number | undefined,
  busiest: { since: string; seconds: number; requests_per_second: number } | null | undefined,
): string {
  if (shards === undefined || busiest == null) return "";
  const rate = Number(busiest.requests_per_second.toFixed(1));
  return `; at its busiest ${rate} webhooks a second (${busiest.seconds} s from ${busiest.since}), for ${counted(shards, "inbox", "inboxes")}`;
}
