"use client";
/** Every component in every state, the themes beside one another. Only development serves it. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { THEMES, THEME_WORDS } from "../../frame/appearance.ts";
import { LiveContext } from "../../live/live-provider.tsx";
import { LiveStore } from "../../live/live-store.ts";
import { useHydrated } from "../../live/use-hydrated.ts";
import { ActBench } from "./act-bench.tsx";
import { ChartBench } from "./chart-bench.tsx";
import { ListBench } from "./list-bench.tsx";
import { StatusBench } from "./status-bench.tsx";
import "./workbench.css";

export function WorkbenchScreen() {
  const [store] = useState(() => new LiveStore({ schedule: (flush) => requestAnimationFrame(flush), clock: () => Date.now() }));
  const [client] = useState(() => new QueryClient());
  if (!useHydrated()) return null;
  return (
    <QueryClientProvider client={client}>
      <LiveContext value={store}>
        <main className="wb">
          {THEMES.map((theme) => (
            <div key={theme} className="wb-theme" data-theme={theme}>
              <h1>{THEME_WORDS[theme]}</h1>
              <StatusBench />
              <ActBench />
              <ListBench />
              <ChartBench />
            </div>
          ))}
        </main>
      </LiveContext>
    </QueryClientProvider>
  );
}
