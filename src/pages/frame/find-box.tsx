/** Characters of a search. The longest id that is sought is shorter. */
const soughtCharactersMax = 300;

/** The search of every page. Without a script, Enter opens the page of results. */
export function FindBox({ value }: { value: string }) {
  return (
    <search class="find">
      <form method="get" action="/find">
        <label for="q" class="unseen">
          Find an order, call, event, record or number
        </label>
        <input
          id="q"
          name="q"
          type="search"
          value={value}
          maxlength={soughtCharactersMax}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="Order, call, number…"
          hx-get="/find/suggestions"
          hx-trigger="input changed delay:120ms"
          hx-target="#suggestions"
          hx-swap="innerHTML"
          hx-sync="this:replace"
        />
        <button type="submit" class="quiet">
          Find
        </button>
      </form>
      <div id="suggestions" class="suggestions" aria-live="polite" />
    </search>
  );
}
