import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { allowedOrigins, ConfigError, isLoopback, publicUrlOf, readConfig } from "../../server/config.ts";

const faults = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
};

describe("the configuration", () => {
  it("has defaults for everything", () => {
    expect(readConfig({})).toEqual({
      host: "127.0.0.1",
      port: 4400,
      dataDir: resolve("data"),
      databaseUrl: undefined,
      publicUrl: undefined,
      bootstrapToken: undefined,
      logLevel: "info",
      retention: { "1s": 48 * 3_600_000, "1m": 30 * 86_400_000, "1h": 400 * 86_400_000 },
      notifyHosts: [],
      dev: false,
    });
  });

  it("takes hosts for notifications with commas or spaces between, and tells which are none", () => {
    expect(readConfig({ HOLDFAST_NOTIFY_HOSTS: "hooks.slack.com, 10.1.2.0/24" }).notifyHosts).toEqual(["hooks.slack.com", "10.1.2.0/24"]);
    expect(faults({ HOLDFAST_NOTIFY_HOSTS: "a.example,https://b.example/path" })).toEqual([
      'HOLDFAST_NOTIFY_HOSTS: "https://b.example/path" is not a host; give hosts such as hooks.slack.com, *.example.com:8443 or 10.1.2.0/24, with commas between',
    ]);
  });

  it("takes empty values for unset ones", () => {
    expect(readConfig({ HOLDFAST_PORT: "", HOLDFAST_BOOTSTRAP_TOKEN: " ", DATABASE_URL: "" })).toEqual(readConfig({}));
  });

  it("tells all faults at once: which variable, what is wrong, what to do", () => {
    const lines = faults({
      HOLDFAST_HOST: "http://x",
      HOLDFAST_PORT: "70000",
      DATABASE_URL: "mysql://x",
      HOLDFAST_PUBLIC_URL: "console.example.com",
      HOLDFAST_BOOTSTRAP_TOKEN: "short",
      HOLDFAST_LOG_LEVEL: "loud",
    });
    expect(lines).toEqual([
      'HOLDFAST_HOST: "http://x" is not a host name or address; give only the host, such as 127.0.0.1 or 0.0.0.0',
      'HOLDFAST_PORT: "70000" is not a port; give a number from 0 to 65535 (0 takes a free one)',
      "DATABASE_URL: it does not begin with postgresql://; give postgresql://user:password@host:5432/name, or unset it to use the embedded database",
      "HOLDFAST_BOOTSTRAP_TOKEN: it needs at least 32 printable characters without spaces; make one with: openssl rand -hex 32",
      'HOLDFAST_LOG_LEVEL: "loud" is not a level; use one of fatal, error, warn, info, debug, trace, silent',
      'HOLDFAST_PUBLIC_URL: "console.example.com" is not an http or https address; give the origin that people type, such as https://holdfast.example.com',
    ]);
  });

  it("takes hours and days for how long history is kept, and no finer tier for longer than a coarser one", () => {
    expect(readConfig({ HOLDFAST_KEEP_SECONDS: "6h", HOLDFAST_KEEP_HOURS: "1000d" }).retention).toEqual({
      "1s": 6 * 3_600_000,
      "1m": 30 * 86_400_000,
      "1h": 1_000 * 86_400_000,
    });
    expect(faults({ HOLDFAST_KEEP_SECONDS: "forever", HOLDFAST_KEEP_MINUTES: "0h" })).toEqual([
      'HOLDFAST_KEEP_SECONDS: "forever" is not a time to keep; give hours or days from 1h to 3660d, such as 48h or 30d',
      'HOLDFAST_KEEP_MINUTES: "0h" is not a time to keep; give hours or days from 1h to 3660d, such as 48h or 30d',
    ]);
    expect(faults({ HOLDFAST_KEEP_SECONDS: "31d" })[0]).toMatch(/^HOLDFAST_KEEP_MINUTES: a coarser tier is kept for a shorter time/);
  });

  it("never prints a secret", () => {
    const secret = "hunter2";
    const lines = faults({ HOLDFAST_BOOTSTRAP_TOKEN: secret, DATABASE_URL: `mysql://root:${secret}@db/x` });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain(secret);
  });

  it.each(["1e3", "-1", "80.5", "0x50", "65536", "port"])("does not take %s for a port", (port) => {
    expect(faults({ HOLDFAST_PORT: port })).toHaveLength(1);
  });

  it.each(["https://x.example.com/console", "https://x.example.com/?a=1", "ftp://x.example.com", "https://user@x.example.com"])(
    "does not take %s for the public address",
    (url) => {
      expect(faults({ HOLDFAST_PUBLIC_URL: url })).toHaveLength(1);
    },
  );

  it("ends the process with code 78 and one line for each fault", () => {
    const run = spawnSync(process.execPath, ["--import", "tsx", "server/main.ts"], {
      env: { ...process.env, HOLDFAST_PORT: "x", HOLDFAST_LOG_LEVEL: "y" },
      encoding: "utf8",
    });
    expect(run.status).toBe(78);
    expect(run.stderr.split("\n").filter((line) => line.startsWith("holdfast: HOLDFAST_"))).toHaveLength(2);
  }, 60_000);
});

describe("the addresses of the console", () => {
  const config = (environment: Record<string, string>) => readConfig(environment);

  it("are the public one, and the loopback names while bound to loopback", () => {
    expect([...allowedOrigins(config({}), 4400)]).toEqual(["http://127.0.0.1:4400", "http://localhost:4400"]);
    expect([...allowedOrigins(config({ HOLDFAST_PUBLIC_URL: "https://x.example.com/" }), 4400)]).toEqual([
      "https://x.example.com",
      "http://127.0.0.1:4400",
      "http://localhost:4400",
    ]);
    expect([...allowedOrigins(config({ HOLDFAST_HOST: "0.0.0.0", HOLDFAST_PUBLIC_URL: "https://x.example.com" }), 4400)]).toEqual([
      "https://x.example.com",
    ]);
  });

  it("are usable in a link", () => {
    expect(publicUrlOf(config({ HOLDFAST_HOST: "0.0.0.0" }), 80)).toBe("http://127.0.0.1:80");
    expect(publicUrlOf(config({ HOLDFAST_HOST: "::1" }), 80)).toBe("http://[::1]:80");
  });

  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["10.0.0.1", false],
    ["127.0.0.1.example.com", false],
  ])("%s is loopback: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
