import type { PropsWithChildren } from "hono/jsx";
import type { Reader } from "../views/reader.ts";
import { visible } from "./visible.ts";

type Props = PropsWithChildren<{ title: string; reader: Reader | null }>;

/** The frame of every page. */
export function Layout({ title, reader, children }: Props) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${visible(title)} · Hookline`}</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
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
            {reader === null ? null : (
              <nav class="pages" aria-label="All pages">
                <a href="/">Calls</a>
                <a href="/sources">Sources</a>
              </nav>
            )}
            {reader === null ? null : <SignedIn reader={reader} />}
          </div>
        </header>
        <main id="main" class="width" tabindex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
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
