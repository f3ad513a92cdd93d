/** Shapes shared by the modules of the phone (types only, never shipped). Journal entries: see domain/journal.js. */

export type Status = 'local' | 'sending' | 'received' | 'rejected';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  [param: string]: unknown;
}

export type { Choice, Entry } from './domain/journal.js';
import type { Entry } from './domain/journal.js';

/** One entry as this phone keeps it. */
export interface Kept {
  id: string;
  visit: string;
  entry: Entry;
  status: Status;
  problem: Problem | null;
  origin: 'here' | 'server';
  confirmed: boolean;
  brought_by: string | null;
  /** Refused, then replaced by a later entry: kept, nothing left to correct. */
  set_aside?: boolean;
}

/** What is being typed, until it becomes an entry. */
export interface Draft {
  place: string;
  visit: string;
  kind: 'remark' | 'impossible';
  sheet: string;
  criterion: string;
  author: string;
  text: string;
  /** The remarks that were on the screen when the typing began: what this text replaces. */
  over: string[];
}

export interface Person {
  id: string;
  name: string;
}
export interface Territory {
  id: string;
  name: string;
  phone?: string | null;
}
export interface Merchant {
  id: string;
  name: string;
  kind: string;
  address: string;
  phone: string | null;
}

export interface Visit {
  id: string;
  merchant: Merchant;
  grid: string;
  mode: string | null;
  planned_on: string;
  planned_at: string | null;
  members: Person[];
  state: 'planned' | 'open' | 'received' | 'decided';
  outcome: { decision: string; reasons: string } | null;
  /** No longer in the list of the fund, but something was written here. */
  withdrawn?: boolean;
}

export interface Level {
  points: number | string;
  sentence: string;
}
export interface Criterion {
  id: string;
  category: string;
  name: string;
  question: string;
  help: string;
  weight: number | string;
  may_not_apply: boolean;
  eliminatory_below: number | string | null;
  levels: Level[];
}
export interface Grid {
  id?: string;
  territory: string;
  version: string;
  title: string;
  notice: string;
  status: string;
  adopted_by: string;
  adopted_on: string | null;
  categories: { id: string; name: string; minimum: number | string | null }[];
  criteria: Criterion[];
  decision: { favorable: number | string; conditional: number | string };
}

/** The body of GET /api/field. */
export interface Field {
  epoch: string;
  people: Person[];
  territory: Territory;
  grids: Record<string, Grid>;
  visits: Visit[];
  merchants: unknown[];
  app: { version: string };
}

/** What is sent, and where in the journal of which epoch this phone reads on, since how many joins. */
export interface Batch {
  entries: Entry[];
  cursor: number;
  joins: number;
  epoch: string | null;
}

/** The body of a 200 of POST /api/journal. */
export interface Receipt {
  accepted: string[];
  rejected: { id: string; problem: Problem }[];
  entries: { entry: Entry; confirmed: boolean; brought_by: string | null }[];
  cursor: number;
  epoch: string;
  more?: boolean;
}

/** Small facts kept under a name. */
export interface Facts {
  device_key?: string;
  people?: Person[];
  territory?: Territory;
  etag?: string | null;
  field_at?: number;
  cursor?: number;
  /** How often someone joined this phone. */
  joins?: number;
  epoch?: string;
  signed_out?: boolean;
  pending_code?: string | null;
  received_at?: number;
  /** Who holds the phone, by visit. */
  holders?: Record<string, string>;
}

export interface Memory {
  facts: Facts;
  visits: Visit[];
  grids: Map<string, Grid>;
  records: Map<string, Kept[]>;
  drafts: Map<string, Draft>;
}
