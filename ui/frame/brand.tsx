/** The mark: two posts and the beam that holds. */
export function Brand() {
  return (
    <span className="fr-brand">
      <svg width="20" height="16" viewBox="0 0 20 16" aria-hidden>
        <path
          d="M1 2.2c3 1.6 15 1.6 18 0M5.5 3.5V14M14.5 3.5V14M4 9.2h12M3 14h5M12 14h5"
          stroke="currentColor"
          strokeWidth="2"
          fill="none"
          strokeLinecap="round"
        />
      </svg>
      <span className="fr-word">Holdfast</span>
    </span>
  );
}
