import { NotFoundScreen } from "../ui/screens/sign-in/not-found-screen.tsx";

export default function NotFound() {
  return <NotFoundScreen />;
}
