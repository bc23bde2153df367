import type { Metadata } from "next";
import { notFound } from "next/navigation";

export const metadata: Metadata = { title: "Workbench" };

/** Every component in every state, for those who build them. A production build answers 404 and holds none of it. */
export default async function WorkbenchPage() {
  // Written out, because the build replaces it and then leaves out what follows.
  // eslint-disable-next-line no-restricted-properties
  if (process.env.NODE_ENV === "production") notFound();
  const { WorkbenchScreen } = await import("../../../ui/screens/workbench/workbench-screen.tsx");
  return <WorkbenchScreen />;
}
