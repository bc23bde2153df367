import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublic, plainAddress } from "../../server/notify/addresses.ts";
import { allowedHosts, wrongEntries } from "../../server/notify/allowed-hosts.ts";

const refusal = (hosts: readonly string[], url: string): string | null => allowedHosts(hosts).refusal(new URL(url));

describe("hosts that notifications may go to", () => {
  it("are those that are named, over https, at the port that is named", () => {
    const hosts = ["hooks.slack.com", "relay.example.com:8443", "*.corp.example", "http://plain.example:9000"];
    for (const url of [
      "https://hooks.slack.com/services/x",
      "https://HOOKS.slack.com./x",
      "https://relay.example.com:8443/",
      "https://a.b.corp.example/",
      "http://plain.example:9000/",
      "https://plain.example:9000/",
    ])
      expect(refusal(hosts, url), url).toBeNull();
    for (const url of [
      "https://evil.example/",
      "https://hooks.slack.com.evil.example/",
      "https://xhooks.slack.com/",
      "https://corp.example/",
      "https://evilcorp.example/",
    ])
      expect(refusal(hosts, url), url).toMatch(/not one of the hosts/);
    expect(refusal(hosts, "http://hooks.slack.com/")).toMatch(/in the clear/);
    expect(refusal(hosts, "https://hooks.slack.com:8080/")).toMatch(/does not name port 8080/);
    expect(refusal(hosts, "https://relay.example.com/")).toMatch(/does not name port 443/);
    expect(refusal([], "https://hooks.slack.com/")).not.toBeNull();
  });

  it("may be at public addresses, and at others only when those are named themselves", () => {
    const hosts = allowedHosts(["relay.internal", "10.1.2.0/24", "[fd00::7]"]);
    for (const address of ["93.184.216.34", "2606:4700::1", "10.1.2.9", "::ffff:10.1.2.9", "fd00::7"])
      expect(hosts.allowsAddress(address), address).toBe(true);
    for (const address of [
      "10.1.3.9",
      "127.0.0.1",
      "169.254.169.254",
      "::1",
      "::ffff:169.254.169.254",
      "fd00::8",
      "fe80::1%eth0",
      "0.0.0.0",
      "x",
    ])
      expect(hosts.allowsAddress(address), address).toBe(false);
    // However an address is written, it is the same one.
    expect(refusal(["relay.internal"], "https://2130706433/")).toMatch(/127\.0\.0\.1 is not one/);
    expect(refusal(["relay.internal"], "https://[::ffff:7f00:1]/")).toMatch(/not one/);
    expect(refusal(["10.1.2.0/24"], "https://10.1.2.9/")).toBeNull();
    expect(refusal(["10.1.2.0/24"], "http://10.1.2.9/")).toMatch(/in the clear/);
  });

  it("never are inside of a private, loopback, link-local or reserved network by themselves", () => {
    const within = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.integer({ min: 224, max: 255 }), fc.nat(255), fc.nat(255), fc.nat(255)),
    );
    fc.assert(
      fc.property(within, (parts) => {
        const address = parts.join(".");
        const asV6 = plainAddress(`::ffff:${address}`);
        return !isPublic(address) && asV6 === address;
      }),
    );
    const v6 = fc.tuple(fc.constantFrom("::", "fc00::", "fd12::", "fe80::", "ff02::", "64:ff9b::", "2002::", "2001:db8::"), fc.nat(0xffff));
    fc.assert(fc.property(v6, ([net, last]) => !isPublic(plainAddress(`${net}${last.toString(16)}`) ?? "")));
  });

  it("are told apart from what is no host", () => {
    const good = ["a", "a.example", "*.a.example:1", "http://a:9", "https://a.example", "10.0.0.0/8", "[::1]:80", "fd00::/8", "1.2.3.4:5"];
    const bad = ["https://a/path", "a b", "ftp://a", "a:0", "a:70000", "10.0.0.0/33", "*", "*.", "user@a", "a/b", "-a"];
    expect(wrongEntries(good)).toEqual([]);
    expect(wrongEntries(bad)).toEqual(bad);
  });
});
