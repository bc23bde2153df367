import type { Metadata } from "next";
import { PeopleScreen } from "../../../../ui/screens/settings/people-screen.tsx";

export const metadata: Metadata = { title: "People and roles" };

export default function PeoplePage() {
  return <PeopleScreen />;
}
