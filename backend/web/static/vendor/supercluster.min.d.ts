/** It is imported for what it does: it leaves `Supercluster` on the global object (see leaflet.d.ts). */
export {};
