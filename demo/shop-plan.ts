/** Who is in the shop: the services, how many of each, where they run and who owns them. */

export const ROLES = ["storefront", "catalog", "search", "recommendations", "orders", "payments", "inventory", "images"] as const;
export type Role = (typeof ROLES)[number];

interface RolePlan {
  readonly instances: number;
  readonly team: string;
  readonly version: string;
}

const PLANS: Readonly<Record<Role, RolePlan>> = {
  storefront: { instances: 2, team: "web", version: "4.12.0" },
  catalog: { instances: 1, team: "assortment", version: "2.31.4" },
  search: { instances: 1, team: "discovery", version: "1.18.2" },
  recommendations: { instances: 1, team: "discovery", version: "0.44.0" },
  orders: { instances: 2, team: "checkout", version: "3.7.1" },
  payments: { instances: 1, team: "checkout", version: "5.2.0" },
  inventory: { instances: 1, team: "logistics", version: "1.9.3" },
  images: { instances: 1, team: "web", version: "1.4.7" },
};

const ZONES = ["zone-a", "zone-b"] as const;

/** One process of the shop. */
export interface InstancePlan {
  readonly role: Role;
  /** Unique in the shop: role and number. */
  readonly instance: string;
  readonly zone: string;
  readonly team: string;
  readonly version: string;
}

/** Every process, in the order of ROLES; instances of a role are spread over the zones. */
export function planInstances(): InstancePlan[] {
  return ROLES.flatMap((role, r) => {
    const { instances, team, version } = PLANS[role];
    return Array.from({ length: instances }, (_, i): InstancePlan => {
      const zone = ZONES[(instances === 1 ? r : i) % ZONES.length] ?? ZONES[0];
      return { role, instance: `${role}-${i + 1}`, zone, team, version };
    });
  });
}
