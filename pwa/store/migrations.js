/** @import { Migration } from '../types.js' */

/**
 * The shape of the phone's database, one step per version, in order. A step that has shipped is never edited:
 * the phones that ran it are out there.
 * @type {Migration[]}
 */
export const migrations = [
  (db) => {
    const entries = db.createObjectStore('entries', { keyPath: 'id' });
    entries.createIndex('visit', 'visit');
    entries.createIndex('status', 'status');
    db.createObjectStore('drafts', { keyPath: 'place' });
    db.createObjectStore('visits', { keyPath: 'id' });
    db.createObjectStore('grids', { keyPath: 'id' });
    db.createObjectStore('facts');
  },
  (db) => {
    const media = db.createObjectStore('media', { keyPath: 'sha256' });
    db.createObjectStore('merchants');
    media.createIndex('status', 'status');
    media.createIndex('about', ['status', 'visit', 'media']); // read as keys, without the bytes
  },
];
