import Link from "next/link";
import { Door } from "./door.tsx";

export function NotFoundScreen() {
  return (
    <Door title="There is no such page">
      <p>The address may be mistyped, or belongs to a page this version does not have.</p>
      <Link className="hf-button" href="/">
        To the fleet
      </Link>
    </Door>
  );
}
