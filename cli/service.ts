// The service that the verbs talk to, and the client of its API.
import * as z from "zod";
import { CommandError, type Io } from "./command.ts";
import { readIfThere } from "./local/files.ts";
import { devFile } from "./local/paths.ts";

export type Service = { url: string; token: string | undefined; from: "environment" | "dev.json" };

/** A response of the API. `body` is the parsed JSON; undefined if the response has no JSON. */
export type ApiAnswer = { status: number; ok: boolean; body: unknown };

const answerLimitMs = 30_000;
const devInfo = z.looseObject({ url: z.string(), token: z.string() });

/**
 * HOOKLINE_URL and HOOKLINE_TOKEN, or the address and token in .hookline/dev.json of a running `npm start`. A token from there is
 * never sent to another address; HOOKLINE_URL may name the same one.
 */
export function findService(io: Io): Service {
  const { HOOKLINE_URL, HOOKLINE_TOKEN } = io.env;
  const text = readIfThere(devFile);
  const running = text === undefined ? undefined : devInfo.parse(JSON.parse(text));
  if (HOOKLINE_URL) {
    const url = HOOKLINE_URL.replace(/\/+$/, "");
    const token = HOOKLINE_TOKEN || (running?.url === url ? running.token : undefined);
    return { url, token, from: "environment" };
  }
  if (running === undefined)
    throw new CommandError("no running Hookline is found: run `npm start`, or set HOOKLINE_URL and HOOKLINE_TOKEN");
  return { url: running.url, token: HOOKLINE_TOKEN || running.token, from: "dev.json" };
}

/** Sends a request to the API. Throws one sentence if it cannot be reached; returns any response. */
export async function callApi(service: Service, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const headers = new Headers({ accept: "application/json" });
  if (service.token !== undefined) headers.set("authorization", `Bearer ${service.token}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  const text = body === undefined ? undefined : jsonText(body);
  try {
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
      redirect: "manual",
      signal: AbortSignal.timeout(answerLimitMs),
    });
    return { status: answer.status, ok: answer.ok, body: readJson(await answer.text()) };
  } catch (error) {
    throw new CommandError(`${service.url} cannot be reached (${reasonOf(error)})`);
  }
}

/**
 * GET of a file, which may take as long as it needs. Throws the API's own sentence if the status is not 2xx.
 *
 * @returns The body. It fails if the connection breaks before its end.
 */
export async function openAnswer(service: Service, path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const headers = new Headers(service.token === undefined ? {} : { authorization: `Bearer ${service.token}` });
  const answer = await fetch(`${service.url}${path}`, { headers, redirect: "manual" }).catch((error: unknown) => {
    throw new CommandError(`${service.url} cannot be reached (${reasonOf(error)})`);
  });
  if (answer.ok && answer.body !== null) return answer.body;
  throw refusal({ status: answer.status, ok: false, body: readJson(await answer.text()) });
}

/** Throws one sentence for a value that is nested more deeply than the call stack is long. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError("the file's value is nested too deeply");
    throw error;
  }
}

/** GET. Throws the API's own sentence if the status is not 2xx. */
export async function get<T extends z.ZodType>(service: Service, path: string, schema: T): Promise<z.output<T>> {
  const answer = await callApi(service, "GET", path);
  if (!answer.ok) throw refusal(answer);
  return read(schema, answer.body);
}

/** Parses a response by its schema. */
export function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new CommandError(
      "the answer is not one of this version of Hookline: check HOOKLINE_URL, and that both have the same version",
    );
  return parsed.data;
}

const problem = z.looseObject({ detail: z.string(), code: z.string() });

/** The API's problem as one sentence, with advice. */
export function refusal({ status, body }: ApiAnswer): CommandError {
  const said = problem.safeParse(body);
  const words = said.success ? `${said.data.detail} (${status} ${said.data.code})` : `answered with ${status}`;
  const advice = status === 401 ? "; set HOOKLINE_TOKEN to a valid token" : "";
  return new CommandError(`${words}${advice}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}
