/**
 * A text to take along, in a disclosure. The pages' script shows its button; without a script the text is selected by
 * hand.
 *
 * @param id Unique on its page.
 */
export function Copyable({ id, label, text }: { id: string; label: string; text: string }) {
  return (
    <details class="copyable">
      <summary>{label}</summary>
      <button type="button" class="quiet" data-copies={id} hidden>
        Copy
      </button>
      <textarea id={id} readonly rows={Math.min(16, text.split("\n").length + 1)} class="code-input" aria-label={label}>
        {`\n${text}`}
      </textarea>
    </details>
  );
}
