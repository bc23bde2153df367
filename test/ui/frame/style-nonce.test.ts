import { describe, expect, it } from "vitest";
import { shareNonce } from "../../../ui/frame/style-nonce.tsx";

const page = (script: { nonce: string } | null) => ({ querySelector: () => script }) as unknown as Pick<Document, "querySelector">;

describe("the nonce of the page", () => {
  it("is shared under the name that the lock on scrolling asks for", () => {
    const scope = {};
    shareNonce(page({ nonce: "abc" }), scope);
    expect(scope).toEqual({ __webpack_nonce__: "abc" });
  });

  it("is not made up where the page has none", () => {
    const scope = {};
    shareNonce(page(null), scope);
    shareNonce(page({ nonce: "" }), scope);
    expect(scope).toEqual({});
  });
});
