import type { PropsWithChildren } from "hono/jsx";
import type { Reader } from "../../views/reader.ts";
import { assetPaths } from "../assets/paths.ts";
import { visible } from "../parts/visible.ts";
import { reviewCountMax, useViewer } from "../viewer.ts";
import { didWords } from "./did.ts";
import { FindBox } from "./find-box.tsx";

type Props = PropsWithChildren<{ title: string; reader: Reader | null; sought?: string }>;

/** Pages of the navigation, each with the scopes of which a reader needs one. */
const sections = [
  { path: "/calls", name: "Calls", anyOf: ["calls:read"] },
  { path: "/review", name: "Review", anyOf: ["calls:read"] },
  { path: "/sources", name: "Sources", anyOf: ["calls:read"] },
  { path: "/lines", name: "Lines", anyOf: ["calls:read"] },
  { path: "/hooks", name: "Hooks", anyOf: ["hooks:write", "admin"] },
  { path: "/health", name: "Health", anyOf: ["calls:read"] },
  { path: "/people", name: "People", anyOf: ["calls:write", "admin"] },
] as const;

/** htmx takes its settings from here. It adds no style of its own, and swaps nothing in for an error. */
const htmxConfig = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  noSwap: [204, 304, "3xx", "4xx", "5xx"],
  defaultSwap: "outerMorph",
});

/** The frame of every page. */
export function Layout({ title, reader, sought = "", children }: Props) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{`${visible(title)} · Hookline`}</title>
        <link rel="stylesheet" href={assetPaths.style} />
        {/* A header that is drawn before its last part has arrived would shift. */}
        <link rel="expect" href="#main" blocking="render" />
        <link rel="icon" href={assetPaths.icon} type="image/svg+xml" />
        <script defer src={assetPaths.htmx} />
        <script defer src={assetPaths.script} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <div class="width">
            <a class="brand" href="/">
              Hookline
            </a>
            {reader === null ? null : <Sections reader={reader} />}
            {reader?.scopes.includes("calls:read") ? <FindBox value={sought} /> : null}
            {reader === null ? null : <SignedIn reader={reader} />}
          </div>
        </header>
        <main id="main" class="width" tabindex={-1}>
          <Did />
          {children}
        </main>
        {reader === null ? null : <Zone />}
      </body>
    </html>
  );
}

function Sections({ reader }: { reader: Reader }) {
  const { path, toReview } = useViewer();
  return (
    <nav class="pages" aria-label="All pages">
      {sections
        .filter(({ anyOf }) => anyOf.some((scope) => reader.scopes.includes(scope)))
        .map((section) => (
          <a href={section.path} {...(isWithin(path, section.path) ? { "aria-current": "page" } : {})}>
            {section.name}
            {section.path === "/review" && toReview !== null && toReview > 0 ? <ToReview count={toReview} /> : null}
          </a>
        ))}
    </nav>
  );
}

/** Number of calls that wait for a decision. */
function ToReview({ count }: { count: number }) {
  const isMore = count >= reviewCountMax;
  return (
    <span class="count">
      {isMore ? `${reviewCountMax - 1}+` : count}
      <span class="unseen"> calls wait for a person</span>
    </span>
  );
}

function isWithin(path: string, section: string): boolean {
  const isOrder = section === "/calls" && (path === "/" || path.startsWith("/orders") || path.startsWith("/events"));
  const isLine = section === "/lines" && path.startsWith("/all-lines/");
  const isOfHealth = path === "/people/audit" || /^\/(?:receipts|tasks)(?:\/|$)/.test(path);
  if (isOfHealth) return section === "/health";
  return isOrder || isLine || path === section || path.startsWith(`${section}/`);
}

function SignedIn({ reader }: { reader: Reader }) {
  return (
    <form class="who" method="post" action="/signout">
      <span class="name">
        <span class="unseen">Signed in as </span>
        <bdi>{visible(reader.name)}</bdi>
      </span>
      <button type="submit" class="quiet">
        Sign out
      </button>
    </form>
  );
}

/** A message about what the person has just done. Only codes of our own have one, so no link can put words here. */
function Did() {
  const { did } = useViewer();
  const words = did !== null && Object.hasOwn(didWords, did) ? didWords[did] : undefined;
  return words === undefined ? null : (
    <p class="did" role="status">
      {words}
    </p>
  );
}

function Zone() {
  const { zone } = useViewer();
  return (
    <footer class="width foot">
      <p>Times are in {zone === "UTC" ? "UTC" : zone.replaceAll("_", " ")}.</p>
    </footer>
  );
}
