/** The field for a token, and the sentence about a token that was refused. The token is never written back. */
export function TokenField({ refused }: { refused: boolean }) {
  return (
    <>
      {refused ? (
        <p class="refused" role="alert" id="refused">
          This token is not valid: it is incomplete, expired or revoked. Copy it again, or get a new one.
        </p>
      ) : null}
      <label for="token">Token</label>
      <input
        id="token"
        name="token"
        type="password"
        required
        autocomplete="current-password"
        autocapitalize="off"
        spellcheck={false}
        {...(refused ? { "aria-invalid": "true", "aria-describedby": "refused" } : {})}
      />
    </>
  );
}
