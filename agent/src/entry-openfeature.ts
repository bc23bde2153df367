export { holdfastProvider } from "./openfeature/provider.ts";
export type { HoldfastProvider, HoldfastProviderOptions } from "./openfeature/provider.ts";
