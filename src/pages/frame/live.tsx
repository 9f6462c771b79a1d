import type { PropsWithChildren } from "hono/jsx";

/** How often an open page asks for its newest state. */
const every = "every 5s";

type Props = PropsWithChildren<{
  /** The part's id, unique on its page. */
  id: string;
  /** Address of the page with its query. */
  path: string;
  label: string;
}>;

/**
 * A part of a page that stays current by itself. It stands still while the page is hidden, and while somebody points at
 * it, selects in it or has the focus in it. The pages' script sees to that and says since when the part is old.
 */
export function Live({ id, path, label, children }: Props) {
  return (
    <section
      id={id}
      aria-label={label}
      class="live"
      hx-get={path}
      hx-trigger={every}
      hx-select={`#${id}`}
      hx-swap="outerMorph"
    >
      <p class="live-state" aria-hidden="true">
        <span class="live-word" />
      </p>
      {children}
    </section>
  );
}
