"use client";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { post } from "../api/client.ts";
import { useMe } from "../api/queries.ts";

const THEME_COOKIE_SECONDS = 31_536_000;

function setTheme(theme: "dark" | "light"): void {
  document.documentElement.dataset["theme"] = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${THEME_COOKIE_SECONDS}; samesite=lax`;
}

/** Who is signed in and with what role; theme; sign out. */
export function AccountMenu() {
  const me = useMe();
  const [leaving, setLeaving] = useState(false);
  const name = me.data?.name ?? "…";
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="fr-account" aria-label={`Account: ${name}`}>
        {name.slice(0, 1).toUpperCase()}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="fr-menu" align="end" sideOffset={6}>
          <DropdownMenu.Label>
            {name}
            <span className="hf-hint"> {me.data?.role}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Item onSelect={() => setTheme("dark")}>Dark theme</DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => setTheme("light")}>Light theme</DropdownMenu.Item>
          <DropdownMenu.Separator />
          <DropdownMenu.Item
            disabled={leaving}
            onSelect={() => {
              setLeaving(true);
              void post("/auth/sign-out", {}).finally(() => window.location.assign("/sign-in"));
            }}
          >
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
