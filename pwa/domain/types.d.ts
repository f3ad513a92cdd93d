/** Shapes of the rules of the house (types only, never shipped). The journal's are those of backend/domain/journal.py. */

/** Points (a decimal string when not whole), "not_applicable", or null = cleared. */
export type Choice = number | string | null;

interface Common { id: string; v: 1; author: string; at: string; app: string }
interface OfVisit extends Common { visit: string }

export interface VisitStarted extends OfVisit { kind: 'visit_started'; grid: string; mode: string; present: string[] }
export interface ChoiceMade extends OfVisit {
  kind: 'choice_made'; sheet: string; criterion: string; choice: Choice; supersedes: string[];
  reason?: string; present?: string[];
}
/** Exactly one of text and voice. */
export interface RemarkMade extends OfVisit {
  kind: 'remark_made'; sheet: string; criterion: string | null; text?: string; voice?: string; supersedes: string[];
}
export interface PhotoAttached extends OfVisit {
  kind: 'photo_attached'; sheet: string; criterion: string | null; sha256: string; bytes: number; media: string;
  caption: string;
}
export interface PhotoRemoved extends OfVisit { kind: 'photo_removed'; photo: string }
export interface CommitmentNoted extends OfVisit {
  kind: 'commitment_noted'; criterion: string; text: string; due: string | null; supersedes: string[];
}
export interface SheetDone extends OfVisit { kind: 'sheet_done'; sheet: string }
export interface VisitClosed extends OfVisit { kind: 'visit_closed'; entries: string[]; photos: string[] }
export interface VisitImpossible extends OfVisit { kind: 'visit_impossible'; cause: string; text: string }
export interface MerchantSpotted extends Common {
  kind: 'merchant_spotted'; visit?: undefined; name: string; merchant_kind: string;
  lat: number | null; lon: number | null; note: string; photos: string[]; address?: string;
}
/** Exactly one of text and voice. */
export interface QuestionAnswered extends OfVisit { kind: 'question_answered'; question: string; text?: string; voice?: string }
export interface CannotCome extends OfVisit { kind: 'cannot_come'; text: string }
export type Entry =
  | VisitStarted | ChoiceMade | RemarkMade | PhotoAttached | PhotoRemoved | CommitmentNoted | SheetDone | VisitClosed
  | VisitImpossible | QuestionAnswered | CannotCome | MerchantSpotted;

/** An entry with how it came: confirmed by its author's own device, or brought by someone else. */
export interface JournalRecord { entry: Entry; confirmed: boolean; brought_by: string | null }

export interface CurrentChoice { id: string; author: string; choice: Choice }
export interface PastChoice extends CurrentChoice { at: string; state: 'current' | 'superseded' | 'after_done' }
export type Sheets = Record<string, Record<string, CurrentChoice[]>>;
export type History = Record<string, Record<string, PastChoice[]>>;
export interface Remark {
  id: string; author: string; sheet: string; criterion: string | null; at: string; text?: string; voice?: string;
}
export interface Photo {
  id: string; author: string; sheet: string; criterion: string | null; sha256: string; caption: string; at: string;
}
export interface Commitment { id: string; author: string; criterion: string; text: string; due: string | null }

export interface AnswerToQuestion { id: string; author: string; question: string; at: string; text?: string; voice?: string }
export interface Unable { id: string; author: string; at: string; text: string }

/** The state of one visit. Lists are sorted by id. */
export interface VisitState {
  visit: string | null; started: string[]; grid: string | null; mode: string | null;
  sheets: Sheets; history: History; remarks: Remark[]; photos: Photo[]; commitments: Commitment[];
  done: Record<string, string>; closed: string | null; closings: string[];
  expected_entries: string[]; expected_photos: string[];
  impossible: { id: string; cause: string; text: string } | null;
  relayed: string[]; disputed: string[]; ids: string[];
}

/** The current choices per sheet and criterion. */
export type SheetChoices = Record<string, Record<string, Choice[]>>;

/** A number counts as its shortest decimal form; a string is a decimal, perhaps with an exponent. */
export type Numeric = number | string;

/** A grid in the vectors' form; points ascend from 0. */
export interface GridRules {
  categories: { id: string; minimum?: Numeric | null }[];
  criteria: {
    id: string; category: string; weight: Numeric; points: Numeric[]; may_not_apply?: boolean;
    eliminatory_below?: Numeric | null;
  }[];
  decision: { favorable: Numeric; conditional: Numeric };
}

/** What the rules need of a grid as phones receive it. */
export interface GridJson {
  categories: { id: string; minimum?: Numeric | null }[];
  criteria: {
    id: string; category: string; weight: Numeric; levels: { points: Numeric }[]; may_not_apply: boolean;
    eliminatory_below?: Numeric | null;
  }[];
  decision: { favorable: Numeric; conditional: Numeric };
}

/** d > 0; not always in lowest terms. */
export interface Fraction { n: bigint; d: bigint }

export type Combine = (a: Fraction, b: Fraction) => Fraction;

/** part = weight × points ÷ maximum. */
export interface Points { text: string; value: Fraction; part: Fraction }

export interface Criterion {
  id: string; category: string; weight: Fraction; unit: Fraction; maximum: Points; zero: Points; levels: Points[];
  below: Fraction | null; mayNotApply: boolean;
}
export interface Rules {
  criteria: Criterion[]; minima: Map<string, Fraction | null>; favorable: Fraction; conditional: Fraction;
}

export type Outcome = 'favorable' | 'conditional' | 'unfavorable' | 'undetermined';
export type Answered = 'answered' | 'not_applicable' | 'unanswered' | 'to_settle';

/** Low end, high end; null when nothing is left to count. */
export type Ends = [Fraction | null, Fraction | null];

/** What one criterion brings. share: its part of the total, out of 100. */
export interface Why {
  id: string; category: string; weight: Fraction; state: Answered; points: Ends; maximum: Fraction; share: Ends;
}

/** Totals out of 100, assessedShare from 0 to 1, ids in the grid's order. See backend/domain/scoring.py. */
export interface Score {
  total: Ends; categories: Record<string, Ends>; outcome: [Outcome, Outcome]; unanswered: string[];
  toSettle: string[]; criteria: Why[]; assessedShare: Fraction | null; restsOnOne: string[]; settled: boolean;
}

/** choice: written as in the journal. */
export interface Change { choice: number | string; outcome: [Outcome, Outcome] }

/** What the sheets say of a criterion; ends: null when it does not apply. */
export interface Bounds { criterion: Criterion; state: Answered; ends: [Points, Points] | null; lone: boolean }

/** Sums over criteria that apply: all there is to win, and each end. */
export interface Tally { whole: Fraction; ends: [Fraction, Fraction] }
