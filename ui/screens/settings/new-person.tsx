"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { UserAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { ROLES, ROLE_WORDS, type Role } from "./roles.ts";

const PASSWORD_LEAST = 12;

/** Makes an account. The first password is told by the administrator, outside of the console. */
export function NewPerson({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => post<UserAnswer>("/users", { name: name.trim(), email: email.trim(), password, role }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["users"] });
      onClose();
    },
  });
  const short = password !== "" && password.length < PASSWORD_LEAST;
  return (
    <form
      className="st-new"
      aria-label="Add a person"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Field
        label="Name"
        value={name}
        required
        maxLength={64}
        autoFocus
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <Field label="Email" type="email" value={email} required autoComplete="off" onChange={(event) => setEmail(event.target.value)} />
      <Field
        label="First password"
        type="password"
        hint="at least 12 characters; tell it them yourself"
        error={short ? `${String(PASSWORD_LEAST - password.length)} more characters` : undefined}
        value={password}
        required
        maxLength={128}
        autoComplete="new-password"
        onChange={(event) => setPassword(event.target.value)}
      />
      <div className="st-field">
        <span>Role</span>
        <Segmented
          label="Role"
          value={role}
          options={ROLES.map((value) => ({ value, label: ROLE_WORDS[value].name }))}
          onChange={setRole}
        />
        <p className="hf-hint">{ROLE_WORDS[role].may}</p>
      </div>
      <ErrorNote error={make.error} />
      <div className="st-actions">
        <Button
          type="submit"
          tone="primary"
          disabled={make.isPending || name.trim() === "" || email.trim() === "" || password.length < PASSWORD_LEAST}
        >
          {make.isPending ? "Adding…" : "Add"}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
