import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { LiveProvider } from "../../../ui/live/live-provider.tsx";
import { PolicyEditor } from "../../../ui/screens/service/policy-editor.tsx";
import { PolicySection } from "../../../ui/screens/service/policy-section.tsx";

const policy: PolicyAnswer = {
  name: "payments",
  policy: "breaker",
  services: ["shop", "search"],
  instances: { total: 3, live: 2 },
  revision: 7,
  settings: [
    {
      key: "openMs",
      type: "int",
      default: 30_000,
      min: 1,
      max: 3_600_000,
      bounds: [1_000, 60_000],
      fixed: false,
      code: [
        { value: 20_000, instances: 2, names: ["shop/a", "shop/b"] },
        { value: 10_000, instances: 1, names: ["search/c"] },
      ],
      effective: [{ value: 25_000, instances: 3, names: ["shop/a", "shop/b", "search/c"], origin: "remote", revision: 6 }],
    },
    {
      key: "shadow",
      type: "flag",
      default: false,
      bounds: null,
      fixed: true,
      code: [{ value: false, instances: 3, names: ["shop/a", "shop/b", "search/c"] }],
      effective: [{ value: false, instances: 3, names: ["shop/a", "shop/b", "search/c"], origin: "code", revision: 0 }],
    },
  ],
  note: "calls under way keep theirs",
  states: ["forced_open", "forced_closed", "disabled"],
  override: [{ id: "o1", revision: 7, instances: 3, state: "forced_open" }],
  fault: { allowed: 0, inForce: [] },
  changes: [
    {
      id: "o1",
      kind: "override",
      key: "payments",
      policy: "breaker",
      body: { policy: "breaker", state: "forced_open" },
      environment: "production",
      scope: { service: "shop" },
      reason: "payments are <b>down</b>",
      author: "user:ada",
      createdAt: 0,
      expiresAt: null,
      revision: 7,
      status: "live",
      endedAt: null,
      endedBy: null,
      receipts: { targeted: 3, pending: 0, sent: 1, applied: 2, refused: 0, unknown: 0 },
    },
  ],
  lastChange: null,
};

function render(role: "viewer" | "operator", children: ReactNode): string {
  const client = new QueryClient();
  client.setQueryData(["policies", "production", "shop", null], [policy]);
  client.setQueryData(["me"], { name: "Ada", email: null, role, kind: "user", environments: ["production"] });
  const live = createElement(LiveProvider, { environment: "production", children });
  return renderToStaticMarkup(createElement(QueryClientProvider, { client }, live)).replaceAll("<!-- -->", "");
}
const editor = (kind: "settings" | "override" | "fault") =>
  createElement(PolicyEditor, { kind, policy, service: "shop", environment: "production", refusal: undefined, onClose: () => undefined });
const buttons = (html: string) =>
  [...html.matchAll(/<button([^>]*)>([^<]*)</g)].map(([, attributes, label]) => [label, / disabled/.test(attributes ?? "")]);

describe("the policies on a service's page", () => {
  it("show values with where they come from, drift, limits, and what is in force with its way back", () => {
    const html = render("operator", createElement(PolicySection, { service: "shop" }));
    for (const text of [
      "25000",
      "r6",
      "20000 on 2, 10000 on 1: instances differ",
      "1000 to 60000 (by the code)",
      "fixed by the code",
      "calls under way keep theirs",
      "2/3 applied",
      "forced open",
      "no expiry",
    ])
      expect(html).toContain(text);
    expect(html).toContain("payments are &lt;b&gt;down&lt;/b&gt;");
    expect(buttons(html)).toEqual([
      ["Revert r7", false],
      ["Change settings", false],
      ["Override", false],
    ]);
  });

  it("let a viewer look and not act, and say why", () => {
    const html = render("viewer", createElement(PolicySection, { service: "shop" }));
    expect(buttons(html).every(([, disabled]) => disabled)).toBe(true);
    expect(html).toContain("You are a viewer");
  });
});

describe("the form to change one", () => {
  it("has a labelled input for each setting, with limits and what is now; what is fixed cannot be typed in", () => {
    const html = render("operator", editor("settings"));
    const inputs = [...html.matchAll(/<(?:input|select)[^>]* id="([^"]+)"[^>]*>/g)].map(([tag, id]) => ({ tag, id }));
    expect(inputs).toHaveLength(4);
    for (const { id } of inputs) expect(html).toContain(`for="${id}"`);
    expect(html).toContain("1000 to 60000, now 25000");
    expect(inputs.filter(({ tag }) => tag.includes("disabled"))).toHaveLength(1);
    expect(buttons(html)).toContainEqual(["Change settings now", true]);
  });

  it("offers the states that fit and the scopes there are", () => {
    const html = render("operator", editor("override"));
    for (const text of ["forced open", "forced closed", "disabled", "every service that has it: shop, search", "No expiry"])
      expect(html).toContain(text);
    expect(render("operator", editor("fault"))).not.toContain("No expiry");
  });
});
