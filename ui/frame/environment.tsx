"use client";
/** Which environment is looked at. It lives in the URL as `env`; a link without it stays in the one that is looked at. */
import { createParser, useQueryState } from "nuqs";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { isName } from "../../protocol/text.ts";
import { DEFAULT_ENVIRONMENT, ENVIRONMENT_PARAM, withParam } from "./links.ts";

const parseName = createParser({ parse: (text: string) => (isName(text) ? text : null), serialize: (text: string) => text });

interface EnvironmentView {
  readonly environment: string;
  readonly choose: (name: string) => void;
}
const EnvironmentContext = createContext<EnvironmentView>({ environment: DEFAULT_ENVIRONMENT, choose: () => undefined });

export const useEnvironment = (): EnvironmentView => useContext(EnvironmentContext);

/** The one looked at last in this tab: the wall and the console each have a frame of their own and lead to one another. */
let last = DEFAULT_ENVIRONMENT;

/** Gives its children the environment of the URL. Those that must begin anew for another one take it as their key. */
export function EnvironmentProvider({ children }: { readonly children: (environment: string) => ReactNode }) {
  const [named, setNamed] = useQueryState(ENVIRONMENT_PARAM, parseName);
  const [kept, setKept] = useState(named ?? last);
  if (named !== null && named !== kept) setKept(named);
  const environment = named ?? kept;
  useEffect(() => {
    last = environment;
  }, [environment]);
  useEffect(() => {
    if (named === null && kept !== DEFAULT_ENVIRONMENT) void setNamed(kept);
  }, [named, kept, setNamed]);

  const choose = (name: string): void => {
    // The entry that is left says its environment too, so that going back goes back.
    window.history.replaceState(window.history.state, "", withParam(window.location.href, ENVIRONMENT_PARAM, environment));
    void setNamed(name, { history: "push" });
  };
  return <EnvironmentContext value={{ environment, choose }}>{children(environment)}</EnvironmentContext>;
}
