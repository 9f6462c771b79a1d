/** Answers of the API, held to the schemas that describe them. */
import { possibleProblems, routesOfApi } from "../dev/openapi/routes.ts";
import { operations } from "../src/http/api/operations/operations.ts";
import { problems } from "../src/http/problem.ts";

const routes = routesOfApi().map((route) => ({
  ...route,
  /** Names in the path are matched last: `/calls/cancel` is no call's id. */
  names: route.path.split(":").length,
  pattern: new RegExp(`^/v1${route.path.replace(/:\w+/g, "[^/]+")}/?$`),
}));

/**
 * @param url with or without an origin
 * @param text the answer's body
 * @returns what is wrong with an answer; null: it is as described, or is none of the API's
 */
export function undescribed(
  method: string,
  url: string,
  { status, headers }: Pick<Response, "status" | "headers">,
  text: string,
): string | null {
  const { pathname } = new URL(url, "http://localhost");
  const route = routes
    .filter((one) => one.method === (method === "HEAD" ? "GET" : method) && one.pattern.test(pathname))
    .sort((one, other) => one.names - other.names)[0];
  if (route === undefined || method === "HEAD") return null;
  const operation = operations[route.name];
  if (operation === undefined) return null;
  const where = `${route.name} answered ${status}`;
  if (headers.get("content-type")?.startsWith("application/problem+json")) {
    const { code } = JSON.parse(text);
    const known = possibleProblems(route, operation).find((one) => one === code);
    if (known === undefined) return `${where} with the problem ${code}, which is not described`;
    return problems[known][0] === status ? null : `${where} with the problem ${code}, whose status is another`;
  }
  const answer = Object.entries(operation.answers).find(([known]) => Number(known) === status)?.[1];
  if (answer === undefined) return `${where}, which is not described`;
  if (answer.schema === null) return text === "" ? null : `${where} with a body`;
  const type = headers.get("content-type")?.split(";")[0] ?? "nothing";
  if (![answer.type ?? "application/json"].flat().includes(type)) return `${where} as ${type}`;
  const parsed = answer.schema.safeParse(type === "application/json" ? JSON.parse(text) : text);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `${where}: ${issue?.path.join(".")}: ${issue?.message}\n${JSON.stringify(parsed.error.issues).slice(0, 800)}`;
}
