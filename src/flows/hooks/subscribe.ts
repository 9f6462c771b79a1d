/**
 * Makes and changes hooks. A token's name and a URL have one hook: whoever subscribes twice, because an answer was lost
 * or a Zap was turned on again, gets the same hook, and never two deliveries.
 */
import type { HookPayload } from "../../domain/hooks/body.ts";
import { patternMistakes } from "../../domain/hooks/event-types.ts";
import { checkHeaders } from "../../domain/hooks/headers.ts";
import type { HookFormat } from "../../domain/hooks/hook.ts";
import { formerSecretMs, hooksMax } from "../../domain/hooks/limits.ts";
import { type HookSecrets, readSecrets, writeSecrets } from "../../domain/hooks/secrets.ts";
import { checkTargetUrl } from "../../domain/hooks/target-url.ts";
import { compileWhen } from "../../domain/hooks/when.ts";
import type { Mistake } from "../../domain/rules/rule.ts";
import type { HookRow, HookSealer, HookStore, HookWish } from "../../ports/hooks/hooks.ts";

export type SubscribePorts = {
  readonly hooks: HookStore;
  readonly sealer: HookSealer;
  /** A new secret of a hook: `whsec_` and random bytes. */
  newSecret(): string;
};

/** The fields of a request about a hook. A field that is left out has its default, or stays. */
type HookRequest = {
  readonly events?: readonly string[] | undefined;
  readonly format?: HookFormat | undefined;
  readonly when?: string | null | undefined;
  readonly payload?: HookPayload | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | null | undefined;
};

/** The place of the service, on which it depends whether a target is allowed. `mail`: whether e-mails can be sent. */
export type TargetPlace = Parameters<typeof checkTargetUrl>[1] & { readonly mail: boolean };

/** @returns The URL as it is stored: one form for each way of writing it. A URL with a mistake stays as it is. */
export function storedTarget(url: string, place: TargetPlace): string {
  const checked = checkTargetUrl(url, place);
  return checked.ok ? checked.url : url;
}

/** The hook. `secret`: shown in this answer alone. */
type Subscribed =
  | { readonly ok: true; readonly made: boolean; readonly hook: HookRow; readonly secret: string | null }
  | { readonly ok: false; readonly problem: "too_many_hooks" | "hook_changed" | "secret_unreadable" };

/** @returns The mistakes of a request, with their paths. */
export function hookMistakes(request: HookRequest & { target_url?: string }, place: TargetPlace): Mistake[] {
  const mistakes: Mistake[] = [];
  const { target_url: url, format = "webhook", events, when, headers } = request;
  const wrong = url === undefined ? null : targetMistake(url, format, place);
  if (wrong !== null) mistakes.push({ path: ["target_url"], reason: wrong });
  for (const { index, reason } of events === undefined ? [] : patternMistakes(events))
    mistakes.push({ path: ["events", index], reason });
  if (format !== "webhook")
    for (const [index, pattern] of (events ?? []).entries())
      if (!isForPeople(pattern))
        mistakes.push({
          path: ["events", index],
          reason: `is not sent as ${format}: choose among ${forPeople.join(", ")}`,
        });
  const compiled = typeof when === "string" ? compileWhen(when) : null;
  if (compiled?.ok === false) mistakes.push({ ...compiled.mistake, path: ["when"] });
  const checked = checkHeaders(headers ?? {});
  if (!checked.ok) for (const { name, reason } of checked.mistakes) mistakes.push({ path: ["headers", name], reason });
  return mistakes;
}

/** Events of which there are messages. The others are too many for people. */
const forPeople: readonly string[] = ["call.review", "line.*", "source.*", "hook.*"];

function isForPeople(pattern: string): boolean {
  return forPeople.some((one) => one === pattern || (one.endsWith("*") && pattern.startsWith(one.slice(0, -1))));
}

const address = /^mailto:[^\s@,;<>"()?&]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,63}$/i;

function targetMistake(url: string, format: HookFormat, place: TargetPlace): string | null {
  if (format === "email") {
    if (!place.mail) return "cannot get e-mails: MAIL_API_URL, MAIL_API_KEY and MAIL_FROM are not set";
    return address.test(url) ? null : "must be one address, such as mailto:ops@example.com";
  }
  const checked = checkTargetUrl(url, place);
  return checked.ok ? null : checked.reason;
}

/** Attempts of a request that others overtake: each of them found the hook otherwise than it left it. */
const attemptsMax = 5;

/** Makes the hook of an owner and a URL, or makes it so. @param newSecret rotates the secret of a hook that exists */
export async function subscribe(
  ports: SubscribePorts,
  { owner, targetUrl, newSecret }: { owner: string; targetUrl: string; newSecret: boolean },
  request: HookRequest & { events: readonly string[] },
  actor: string,
): Promise<Subscribed> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const known = await ports.hooks.findByUrl(owner, targetUrl);
    const done =
      known === null
        ? await make(ports, { owner, targetUrl }, request, actor)
        : await again(ports, known, newSecret, request, actor);
    if (done.ok || done.problem !== "hook_changed") return done;
  }
  return { ok: false, problem: "hook_changed" };
}

async function make(
  ports: SubscribePorts,
  place: { owner: string; targetUrl: string },
  request: HookRequest & { events: readonly string[] },
  actor: string,
): Promise<Subscribed> {
  const secret = ports.newSecret();
  const wish: HookWish = {
    ...place,
    format: request.format ?? "webhook",
    events: request.events,
    condition: request.when ?? null,
    payload: request.payload ?? "full",
    headerNames: Object.keys(request.headers ?? {}),
    description: request.description ?? null,
  };
  const sealed = await sealHook(ports, { secret, former: null, headers: request.headers ?? {} });
  const added = await ports.hooks.add(wish, sealed, actor, hooksMax);
  if (added === "too_many") return { ok: false, problem: "too_many_hooks" };
  // Another request was first. Its hook is this one.
  return added === "exists" ? { ok: false, problem: "hook_changed" } : { ok: true, made: true, hook: added, secret };
}

/** A hook that its receiver had ended is at work again: it has just asked for it. */
async function again(
  ports: SubscribePorts,
  known: HookRow,
  newSecret: boolean,
  request: HookRequest,
  actor: string,
): Promise<Subscribed> {
  const changed = await changeHook(ports, known, request, newSecret, actor);
  if (!changed.ok || changed.hook.state !== "disabled") return changed;
  const resumed = await ports.hooks.resume(changed.hook.id, actor);
  return { ...changed, hook: resumed ?? changed.hook };
}

/** Changes a hook, and rotates its secret if that is asked for: for a while both secrets sign. */
export async function changeHook(
  ports: SubscribePorts,
  known: HookRow,
  request: HookRequest,
  rotates: boolean,
  actor: string,
): Promise<Subscribed> {
  const { format, events, when: condition, payload, headers, description } = request;
  const opened = rotates || headers !== undefined ? await openHook(ports, known.sealed) : undefined;
  if (opened === null) return { ok: false, problem: "secret_unreadable" };
  const isSame =
    !rotates &&
    (headers === undefined || textOf(headers) === textOf(opened?.headers ?? {})) &&
    [
      [format, known.format],
      [condition, known.condition],
      [payload, known.payload],
      [description, known.description],
      [events?.join(), known.events.join()],
    ].every(([wanted, present]) => wanted === undefined || wanted === present);
  if (isSame) return { ok: true, made: false, hook: known, secret: null };
  const secret = rotates ? ports.newSecret() : null;
  const sealed =
    opened &&
    (await sealHook(ports, {
      secret: secret ?? opened.secret,
      former: rotates ? opened.secret : opened.former,
      headers: headers ?? opened.headers,
    }));
  const changed = await ports.hooks.change(
    known.id,
    {
      ...(format === undefined ? {} : { format }),
      ...(events === undefined ? {} : { events }),
      ...(condition === undefined ? {} : { condition }),
      ...(payload === undefined ? {} : { payload }),
      ...(headers === undefined ? {} : { headerNames: Object.keys(headers) }),
      ...(description === undefined ? {} : { description }),
      ...(sealed === undefined ? {} : { sealed }),
      ...(rotates ? { formerForMs: formerSecretMs } : {}),
    },
    known.sealed,
    actor,
  );
  return changed === null ? { ok: false, problem: "hook_changed" } : { ok: true, made: false, hook: changed, secret };
}

const textOf = (headers: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(headers).sort());

/** @returns The secrets of a hook; null if their sealing key is missing. */
export async function openHook(
  { sealer }: Pick<SubscribePorts, "sealer">,
  sealed: string,
): Promise<HookSecrets | null> {
  const opened = await sealer.open(sealed);
  return opened.ok ? readSecrets(opened.text) : null;
}

export async function sealHook({ sealer }: Pick<SubscribePorts, "sealer">, secrets: HookSecrets): Promise<string> {
  return await sealer.seal(writeSecrets(secrets));
}
