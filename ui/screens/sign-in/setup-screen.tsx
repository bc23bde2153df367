"use client";
import { useState, type SyntheticEvent } from "react";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Door } from "./door.tsx";

const SHORTEST_PASSWORD = 12;

export function SetupScreen() {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const short = password.length > 0 && password.length < SHORTEST_PASSWORD;

  async function submit(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const token = new URLSearchParams(window.location.search).get("token") ?? "";
      await post("/auth/setup", { token, name, email, password });
      window.location.assign("/");
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Door title="Set up the console">
      <p className="hf-hint">You are the first person here: this account will be an administrator.</p>
      <form onSubmit={(event) => void submit(event)}>
        <Field
          label="Your name"
          autoComplete="name"
          required
          autoFocus
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label="Email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Field
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          minLength={SHORTEST_PASSWORD}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={`At least ${SHORTEST_PASSWORD} characters. A few words are better than one with tricks.`}
          error={short ? `${SHORTEST_PASSWORD - password.length} more characters` : undefined}
        />
        <ErrorNote error={error} />
        <Button type="submit" tone="primary" disabled={busy || short}>
          {busy ? "Creating…" : "Create the account"}
        </Button>
      </form>
    </Door>
  );
}
