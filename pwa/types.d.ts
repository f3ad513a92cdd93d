/** Shapes shared by the modules of the phone (types only, never shipped). Journal entries: see domain/journal.js. */

import type { IDBPDatabase, IDBPTransaction } from './vendor/idb.js';
import type { TemplateResult, nothing } from './vendor/lit-html.js';
import type { State } from './app.js';
import type { Choice, Entry, PastChoice, SheetChoices, VisitState } from './domain/types.d.ts';
import type { IconName } from './views/icons.js';

export type { Choice, Entry, IconName, PastChoice, SheetChoices, State, VisitState };

/** held: brought by a backup for people who are not here yet; nothing is sent before one of them is. */
export type Status = 'local' | 'sending' | 'received' | 'rejected' | 'held' | 'training';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  [param: string]: unknown;
}

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
  /** Brought by a backup: its author's phone may be gone. */
  restored?: boolean;
  /** Shown here by its author's own phone, without the fund. */
  heard?: boolean;
  /** Erased by the fund: its words are gone, and nothing brings them back. */
  erased?: boolean;
  /** Refused, then replaced by a later entry: kept, nothing left to correct. */
  set_aside?: boolean;
}

/** What is being typed, until it becomes an entry. */
export interface Draft {
  place: string;
  visit: string;
  /** remark, reason: become entries when one leaves the field; the others wait for their button. */
  kind: 'remark' | 'reason' | 'impossible' | 'unable' | 'commitment' | 'answer' | 'spot';
  sheet: string;
  criterion: string;
  author: string;
  text: string;
  /** The remarks that were on the screen when the typing began: what this text replaces. */
  over: string[];
  /** Brought by a backup for somebody who is not here yet. */
  held?: boolean;
}

/** The bytes of a photo or of a voice note, as this phone keeps them (WebKit aborts on Blobs). */
export interface Media {
  sha256: string;
  visit: string;
  bytes: ArrayBuffer;
  media: string;
  /** sent: the fund has it; decoded: it could read it, the bytes may go one day; refused: to take again. */
  status: 'local' | 'sent' | 'decoded' | 'refused' | 'held' | 'training';
  problem: Problem | null;
  /** When the fund said that it could read it, Unix milliseconds. */
  decoded_at?: number;
}
/** What is known of a photo or a note without its bytes. */
export type MediaAbout = Pick<Media, 'sha256' | 'visit' | 'media' | 'status'>;

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
  /** The coordination opened the personal sheets. */
  released?: boolean;
  /** Those replaced, so that what they wrote keeps a name. */
  past_members?: Person[];
  /** The invented one, to learn the app with. */
  training?: boolean;
  questions?: { id: string; criterion: string | null; text: string; asked_at: string; by: string }[];
  /** Its grid is a draft: no decision can rest on it. */
  trial?: boolean;
  /** No longer in the list of the fund, but something was written here. */
  withdrawn?: boolean;
  /** Brought by a backup for people who are not here yet. */
  held?: boolean;
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
  entries: { entry: Entry; confirmed: boolean; brought_by: string | null; erased?: boolean }[];
  cursor: number;
  epoch: string;
  more?: boolean;
  missing_photos?: string[];
  decoded_photos?: string[];
  refused_photos?: { sha256: string; problem: Problem }[];
}

/** What a backup file holds. */
export interface Backup {
  people: Person[];
  territory: Territory | null;
  epoch: string | null;
  visits: Visit[];
  grids: Grid[];
  entries: { entry: Entry; set_aside?: boolean }[];
  drafts: Draft[];
  media: Pick<Media, 'sha256' | 'visit' | 'media' | 'bytes'>[];
}

/** Bytes that the browser gives us and that we use; null: it does not say. */
export interface Device {
  quota: number | null;
  usage: number | null;
  persisted: boolean | null;
  installed: boolean;
  /** Whether a page may ask for it. */
  camera: boolean;
  system: 'ios' | 'android' | 'other';
}

/** What could go wrong here. space: bytes left; clock: hours ahead of the fund's. */
export type Warning =
  | { name: 'space'; free: number }
  | { name: 'kept'; system: Device['system'] }
  | { name: 'old'; days: number }
  | { name: 'clock'; hours: number }
  | { name: 'ios' | 'private' };

/** Of the screens of what this phone keeps: shown, and kept nowhere. */
export interface Keeping {
  busy: boolean;
  /** What came of the last backup or restoring. */
  said: string | null;
  /** Who would leave, what would be lost, and whether it was asked twice. */
  leavers: string[];
  losses: Loss[] | null;
  sure: boolean;
}

/** What would be gone for good, of one visit or (without) of merchants spotted on the street. */
export interface Loss {
  visit: string;
  name: string | null;
  answers: number;
  remarks: number;
  photos: number;
  spotted: number;
  drafts: number;
  /** Entries that are none of these: a beginning, an end… */
  others: number;
}

/** Another language than French. messages: by French sentence; several forms where there is a plural. */
export interface Catalogue {
  language: string;
  dir: 'ltr' | 'rtl';
  messages: Record<string, string | string[]>;
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
  /** Where one was when the camera opened. */
  at_camera?: { hash: string; at: number } | null;
  /** The language chosen here. */
  language?: string;
  /** Who holds this phone, of those who joined it. */
  me?: string;
  /** Names of those for whom a backup was brought here. */
  absent?: Person[];
  /** Who left this phone and of whom the fund has yet to be told: their ids, or "all". */
  leaving?: string[];
  /** When each warning was put aside, by its name. */
  put_aside?: Record<string, number>;
}

export interface Memory {
  facts: Facts;
  visits: Visit[];
  grids: Map<string, Grid>;
  records: Map<string, Kept[]>;
  drafts: Map<string, Draft>;
  media: Map<string, MediaAbout>;
}

/** What the gestures are made with. */
export interface Ports {
  store: Store;
  api: Api;
  /** Wakes the outbox. */
  send(how?: { now?: boolean; byHand?: boolean }): Promise<void>;
  typing: Typing;
  /** Of the screen being shown. */
  state(): any;
  /** Changes what is shown and kept nowhere. */
  set(changes: object): void;
  go(hash: string, how?: 'replace'): void;
  /** Aloud, to those who do not see. */
  say(sentence: string): void;
  takeUpdate(): void;
  /** The gestures, once all of them are here. */
  bringTheRest(): Promise<Act>;
}
export type Gestures = ReturnType<typeof import('./actions/gestures.js').makeGestures>;

/** What a person can do, and everything the screens are drawn from. */
export type FirstAct = ReturnType<typeof import('./actions/index.js').makeActions>;
export type LateAct = ReturnType<typeof import('./actions/later.js').makeLaterActions>;
export type Act = FirstAct & LateAct;
export type OpenVisit = NonNullable<ReturnType<typeof import('./state/visit.js').visitOf>>;
export type Answer = OpenVisit['answers'][number];
export type Refused = ReturnType<typeof import('./state/phone.js').refusedIn>;
export type Scored = ReturnType<typeof import('./score.js').scoreOf>;
export type Card = State['lists']['todo'][number];
/** The state of a screen inside a visit. */
export type InVisit = State & { visit: OpenVisit };
export type Standing = 'planned' | 'started' | 'rejected' | 'sending' | 'local' | 'received' | 'decided';

/** A merchant that the fund knows. */
export interface Known {
  id: string;
  name: string;
  kind: string;
  city: string;
  lat: number | null;
  lon: number | null;
}
/** A merchant being spotted. accuracy: of the position, in metres. */
export interface Spot {
  name: string;
  kind: string;
  address: string;
  note: string;
  lat: number | null;
  lon: number | null;
  accuracy: number | null;
  photos: string[];
}

/** What one phone shows another of a visit. people: those who hold the phone that shows it. */
export interface Bundle {
  visit: string;
  merchant: string;
  people: Person[];
  entries: Entry[];
}
/** An exchange under way, phone to phone. */
export interface Exchanging {
  codes: string[];
  at: number;
  playing: boolean;
  heldBack: boolean;
  reading: boolean;
  progress: { total: number; have: number[]; missing: number[] };
  said: string | null;
  problem: string | null;
}

/** A voice note being made. */
export interface Voice {
  phase: 'none' | 'recording' | 'recorded';
  seconds: number;
  blob: Blob | null;
  url: string | null;
  problem: string | null;
  /** The screen on which it was begun. */
  place: string;
}

export type Phase = 'alone' | 'waiting' | 'together';

export interface Route {
  name: string;
  visit?: string;
  criterion?: string;
  code?: string;
}

export type Template = TemplateResult | typeof nothing;
export interface View {
  /** Of the page. */
  title(state: any): string;
  /** What to do here, one sentence each. */
  help(state: any): string[];
  back(state: any): { href: string; text: string } | null;
  body(state: any, act: Act): Template;
  /** The next step, and what goes with it. */
  steps(state: any, act: Act): Template;
}

export type Store = ReturnType<typeof import('./store/store.js').openStore>;
export type Api = ReturnType<typeof import('./sync/api.js').fundApi>;
export type Typing = ReturnType<typeof import('./typing.js').makeTyping>;

export type Journal = ReturnType<typeof import('./store/journal.js').journal>;
export interface StorePorts {
  /** Unix milliseconds. */
  clock(): number;
  random(bytes: number): Uint8Array;
  /** The version written into entries. */
  app: string;
}
export type Database = IDBPDatabase;
export type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;
export type Write = <T>(stores: string[], work: (tx: Transaction) => Promise<T>) => Promise<T>;
export type Migration = (db: Database, transaction: IDBPTransaction<unknown, string[], 'versionchange'>) => void;
/** An entry without its common keys. */
export type Body = Record<string, unknown> & { kind: string; supersedes?: string[] };
/** Why, and with whom, a difference was settled. */
export interface Settling {
  reason?: string;
  present?: string[];
}
export interface Where {
  visit: string;
  author: string;
  sheet: string;
  criterion: string;
}

/** What answers a call to the fund in vain. `after`: milliseconds asked for, or 0. */
export type No = Later | { kind: 'refused'; status: number; problem: Problem | null } | SignedOut;
export interface Later {
  kind: 'later';
  problem: Problem | null;
  after: number;
}
interface SignedOut {
  kind: 'signed_out';
  problem: Problem | null;
}
export type Profile = Pick<Field, 'people' | 'territory' | 'epoch'>;
/** waiting: will try again by itself; paused: a new code is needed; detail: the fund's own sentence. */
export interface Progress {
  phase: 'idle' | 'sending' | 'waiting' | 'paused';
  detail: string | null;
}
