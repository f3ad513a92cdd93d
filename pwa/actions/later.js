/** The gestures that the first screens do without. */
import { keeping } from './phone.js';

export const makeLaterActions = () => ({ ...keeping() });
