import { describe, expect, it } from "vitest";
import { checkTargetUrl } from "../../../src/domain/hooks/target-url.ts";

const ownUrls = ["https://hookline.acme.com"];
const production = { ownUrls, local: false };

describe("the URL of a hook", () => {
  it.each([
    ["https://hooks.zapier.com/hooks/standard/1/a/", "https://hooks.zapier.com/hooks/standard/1/a/"],
    ["https://HOOKS.Example.com", "https://hooks.example.com/"],
    ["https://hooks.example.com:8443/a/../b?c=%2Fd&e", "https://hooks.example.com:8443/b?c=%2Fd&e"],
    [
      "https://prod-1.westeurope.logic.azure.com:443/workflows/1?sp=%2Ftriggers%2Fmanual%2Frun&sig=a-b_c",
      "https://prod-1.westeurope.logic.azure.com/workflows/1?sp=%2Ftriggers%2Fmanual%2Frun&sig=a-b_c",
    ],
    ["https://not-hookline.acme.com/x", "https://not-hookline.acme.com/x"],
  ])("%s is kept as %s", (text, url) => {
    expect(checkTargetUrl(text, production)).toEqual({ ok: true, url });
    expect(checkTargetUrl(url, production)).toEqual({ ok: true, url });
  });

  it.each([
    ["", "is not a URL"],
    ["hooks.example.com", "is not a URL"],
    ["ftp://hooks.example.com", "is not a URL"],
    ["https:/hooks.example.com", "is not a URL"],
    ["https://hooks.example.com/\r\nhost: x", "is not a URL"],
    ["https://hooks.example.com/ü", "is not a URL"],
    ["https:\\\\hooks.example.com", "is not a URL"],
    [`https://hooks.example.com/${"x".repeat(2_048)}`, "is not a URL"],
    ["https://hooks.example.com:99999/", "is not a URL"],
    ["https://user:secret@hooks.example.com", "user or a password"],
    ["https://hooks.example.com@127.0.0.1/", "user or a password"],
    ["https://hooks.example.com/#a", "fragment"],
    ["http://hooks.example.com", "https://"],
    ["https://hookline.acme.com/in/x", "own address"],
    ["https://HOOKLINE.acme.com:8443/in/x", "own address"],
    ["http://hookline.acme.com/", "own address"],
    ["https://localhost/", "public host"],
    ["https://metadata/", "public host"],
    ["https://hooks.example.com./", "public host"],
    ["https://hookline.acme.com./", "public host"],
    ["https://127.0.0.1/", "IP address"],
    ["https://127.1/", "IP address"],
    ["https://2130706433/", "IP address"],
    ["https://0x7f000001/", "IP address"],
    ["https://%31%32%37.0.0.1/", "IP address"],
    ["https://10.0.0.1/", "IP address"],
    ["https://169.254.169.254/latest/meta-data/", "IP address"],
    ["https://[::1]/", "IP address"],
    ["https://[::ffff:169.254.169.254]/", "IP address"],
    ["https://[fd00:ec2::254]/", "IP address"],
    ["https://metadata.google.internal/", "internal network"],
    ["https://x.svc.cluster.local/", "internal network"],
    ["https://printer.lan/", "internal network"],
    ["https://127.0.0.1.nip.io/", "internal network"],
  ])("%s is refused: %s", (text, said) => {
    expect(checkTargetUrl(text, production)).toEqual({ ok: false, reason: expect.stringContaining(said) });
  });

  const local = { ownUrls: ["http://localhost:8787"], local: true };

  it.each(["http://127.0.0.1:9000/hook", "http://localhost:9000/", "http://[::1]:9000/", "https://localhost/"])(
    "%s is allowed on this machine",
    (text) => {
      expect(checkTargetUrl(text, local).ok).toBe(true);
      expect(checkTargetUrl(text, production).ok).toBe(false);
    },
  );

  it.each([
    "http://localhost:8787/in/x",
    "http://127.0.0.1:8787/",
    "http://[::1]:8787/",
    "http://10.0.0.1:9000/",
    "http://hooks.example.com/",
    "http://127.0.0.2:9000/",
    "http://0.0.0.0:8787/",
  ])("%s is refused even on this machine", (text) => {
    expect(checkTargetUrl(text, local).ok).toBe(false);
  });
});
