"use client";
/** What every page with live state stands on, in the console's frame or without it: queries, address, environment, keys, socket. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";
import { KeysProvider } from "../keys/keys-provider.tsx";
import { LiveProvider } from "../live/live-provider.tsx";
import { EnvironmentProvider } from "./environment.tsx";

/** Everything beneath begins anew for another environment. */
export function LivePage({ children }: { readonly children: (environment: string) => ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false } } }));
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <EnvironmentProvider>
          {(environment) => (
            <KeysProvider key={environment}>
              <LiveProvider environment={environment}>{children(environment)}</LiveProvider>
            </KeysProvider>
          )}
        </EnvironmentProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
